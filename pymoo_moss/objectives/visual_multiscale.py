"""Distance from the picture as a spectrogram viewer shows it, on several scales."""

from collections.abc import Callable
from typing import ClassVar

from torch import Tensor

from ..spectrogram import MaskEncoder
from ._ssim import MultiscaleSimilarity
from .base import Kernel, Objective
from .evaluator import Evaluator
from .sides import Side
from .visual_display import ViewKernel, loss_of_view, view_map


class VisualMultiscale(Objective):
    """One minus the multi-scale SSIM between picture and spectrogram, both as a viewer shows them.

    The viewer is that of `VisualDisplay`. On up to five scales, each half of the one before, contrast and
    structure are compared, and on the coarsest brightness too: a shape counts more than its exact shade. The
    loss is one minus the weighted mean of the scales, 0 at X = 1; see `MultiscaleSimilarity`.
    """

    name: ClassVar[str] = "visual_multiscale"
    side: ClassVar[Side | None] = "picture"
    least_at: ClassVar[float | None] = 1.0
    recognised: ClassVar[float] = 0.05

    def prepare(self, encoder: MaskEncoder) -> Callable[[Tensor], Tensor]:
        """Return the loss, with view and picture computed once."""
        return loss_of_view(encoder, view_map(encoder, scales=True), MultiscaleSimilarity)

    def upper_bound(self, encoder: MaskEncoder) -> float | None:
        """Return 2, because similarity is at least -1."""
        return 2.0

    def kernel(self, encoder: MaskEncoder) -> Kernel:
        """Return the loss by a sweep over the plane, and its gradient by a second one."""
        return ViewKernel(encoder, view_map(encoder, scales=True), MultiscaleSimilarity)

    def compiled_evaluator(self, encoder: MaskEncoder) -> Evaluator | None:
        """Return the same in compiled loops."""
        # Late, because numba takes most of a second to import.
        from .fused import FusedMultiscale

        return FusedMultiscale(encoder, view_map(encoder, scales=True))
