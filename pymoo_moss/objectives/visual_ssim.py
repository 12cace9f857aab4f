"""Structural dissimilarity of the log spectrogram and the picture, as in the MOSS notebook."""

from typing import ClassVar

import torch
from pytorch_msssim import ssim
from torch import Tensor

from ..errors import ObjectiveError
from ..spectrogram import MAGNITUDE_FLOOR, MaskEncoder
from ._ssim import WINDOW
from .base import AutogradKernel, Kernel, Objective
from .sides import Side


class VisualSSIM(Objective):
    """One minus the SSIM between the log spectrogram, stretched to [0, 1], and the picture.

    Every mixture is stretched by its own least and greatest log magnitude, so that changes in inaudible bins
    suffice to reduce it; `VisualDisplay` compares what a viewer shows instead. SSIM by pytorch-msssim.
    """

    name: ClassVar[str] = "visual_ssim"
    side: ClassVar[Side | None] = "picture"
    lower_bound: ClassVar[float | None] = 0.0

    def __call__(self, mix: Tensor, encoder: MaskEncoder) -> Tensor:
        """Return losses ``(n,)`` of magnitudes ``mix (n, F, T)``."""
        log_mix = torch.log(mix + MAGNITUDE_FLOOR)
        least = log_mix.amin(dim=(-2, -1), keepdim=True)
        greatest = log_mix.amax(dim=(-2, -1), keepdim=True)
        stretched = ((log_mix - least) / (greatest - least + MAGNITUDE_FLOOR))[:, None]
        picture = encoder.picture.expand_as(stretched)
        similarity: Tensor = ssim(stretched, picture, data_range=1.0, size_average=False)
        return 1 - similarity

    def upper_bound(self, encoder: MaskEncoder) -> float | None:
        """Return 2, because SSIM is at least -1."""
        return 2.0

    def kernel(self, encoder: MaskEncoder) -> Kernel:
        """Return the formula with gradients by autograd.

        Raises:
            ObjectiveError: the plane is smaller than SSIM's window.
        """
        if min(encoder.plane) < WINDOW:
            raise ObjectiveError(
                f"expected a spectrogram of at least {WINDOW} bins and frames, which SSIM needs, "
                f"got {encoder.plane[0]} x {encoder.plane[1]}: choose a longer sound, or lower hop_length"
            )
        return AutogradKernel(self, encoder)
