"""Distance from the picture in linear magnitude."""

import math
from typing import ClassVar

from torch import Tensor

from .._threads import torch_threads
from ..spectrogram import Grids, MaskEncoder
from .base import Kernel, Objective
from .distance import distance
from .sides import Side

_FRAMES_AT_ONCE = 1024
"""Frames of the plane that are held in float64 at a time."""


class VisualL1(Objective):
    """Mean absolute difference between the blended and the picture's magnitudes.

    ``mean |mix - I| = mean (1 - M) |A - I|``: linear in the grid, ``<w, 1 - X>`` with
    ``w = L^T |A - I| R / (F T)``, so that one dot product evaluates it.
    """

    name: ClassVar[str] = "visual_l1"
    side: ClassVar[Side | None] = "picture"
    least_at: ClassVar[float | None] = 1.0
    monotone: ClassVar[bool] = True

    def __call__(self, mix: Tensor, encoder: MaskEncoder) -> Tensor:
        """Return losses ``(n,)`` of magnitudes ``mix (n, F, T)``; see `AudioLogL1` for gradients."""
        return distance(mix, encoder.image_magnitude, encoder.audio_magnitude, unit=0.0).mean(dim=(-2, -1))

    def kernel(self, encoder: MaskEncoder) -> Kernel:
        """Return the dot product, with float64 weights."""
        return _VisualL1Kernel(self.weights(encoder), encoder)

    def weights(self, encoder: MaskEncoder) -> Tensor:
        """Return the decrease of the loss per unit of each variable, ``w (gh, gw)`` in float64."""
        left, right = encoder.mask_map.left.double(), encoder.mask_map.right.double()
        # In pieces, because the whole plane in float64 would need more memory than anything else.
        total = left.new_zeros(encoder.grid)
        for start in range(0, len(right), _FRAMES_AT_ONCE):
            frames = slice(start, start + _FRAMES_AT_ONCE)
            audio = encoder.audio_magnitude[:, frames].double()
            distance = (audio - encoder.image_magnitude[:, frames].double()).abs_()
            # One thread, because torch divides matrix products among threads in ways that round differently.
            with torch_threads(1):
                total += left.T @ distance @ right[frames]
        return total / math.prod(encoder.plane)


class _VisualL1Kernel:
    def __init__(self, weights: Tensor, encoder: MaskEncoder) -> None:
        self._weights = weights
        self._dtype = encoder.picture.dtype
        self.bytes_per_mask = 8 * encoder.n_var

    def value(self, grids: Grids) -> Tensor:
        # Summed row by row, so that a mask's sum does not depend on its batch.
        return (grids.complements.double() * self._weights).sum(dim=2).sum(dim=1)

    def value_and_gradient(self, grids: Grids) -> tuple[Tensor, Tensor]:
        gradient = -self._weights.to(self._dtype)
        return self.value(grids), gradient.expand_as(grids.levels)
