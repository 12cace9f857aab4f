"""`TorchEvaluator`: any objectives on any device, in any precision, with any mixture."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..spectrogram import MASKS_AT_ONCE, MASKS_AT_ONCE_ON_GPU, Grids, MaskEncoder
from .audio_log_l1 import AudioLogL1Kernel
from .base import Kernel
from .evaluator import LogParts, batch_size

_ARRAYS_PER_MASK = 8
"""Arrays of one value a variable that a mask takes beside its kernels: grids, complements, copies."""


class TorchEvaluator:
    """The reference for every objective. Takes and returns tensors, results on the encoder's device.

    Args:
        encoder: picture and sound.
        kernels: of the objectives, in the order of the columns.
        max_memory_mb: memory in MiB that one batch may take.
    """

    def __init__(self, encoder: MaskEncoder, kernels: Sequence[Kernel], max_memory_mb: float) -> None:
        self._encoder, self._kernels = encoder, kernels
        self._linear_mixture = encoder.linear_mixture
        self.bytes_per_mask = (
            max(kernel.bytes_per_mask for kernel in kernels) + 8 * encoder.n_var * _ARRAYS_PER_MASK
        )
        on_cpu = encoder.picture.device.type == "cpu"
        self.block = 1
        self.masks_at_once = MASKS_AT_ONCE if on_cpu else MASKS_AT_ONCE_ON_GPU
        self._filled_to = batch_size(self, max_memory_mb)

    def values(self, x: Tensor) -> Tensor:
        """Return losses ``(n, objectives)`` of masks ``(n, n_var)``.

        A batch is always filled up to the same size. Matrix products round differently in batches of
        different sizes, and algorithms that re-evaluate a few masks to see whether the problem has changed
        would think that it has.
        """
        missing = x.new_zeros((self._filled_to - len(x), x.shape[1]))
        grids = self._grids(torch.cat([x, missing]))
        values = [kernel.value(grids)[: len(x)].double() for kernel in self._kernels]
        return torch.stack(values, dim=1)

    def parts(self, x: Tensor) -> LogParts:
        """Return `AudioLogL1` and the two parts of its gradient."""
        kernel = next(kernel for kernel in self._kernels if isinstance(kernel, AudioLogL1Kernel))
        return kernel.parts(self._grids(x))

    def values_and_gradients(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return losses ``(n, objectives)`` and gradients ``(n, objectives, n_var)``."""
        grids = self._grids(x)
        pairs = [kernel.value_and_gradient(grids) for kernel in self._kernels]
        values = torch.stack([value.double() for value, _ in pairs], dim=1)
        return values, torch.stack([gradient.flatten(1).double() for _, gradient in pairs], dim=1)

    def _grids(self, x: Tensor) -> Grids:
        """Return variables for the kernels.

        Closed forms take both ends' digits from levels and complements in the plane's precision. Other
        mixtures take the variables as they are, in double precision, and make of them what they need.
        """
        # A copy, because an objective may compute in place.
        x = x.clone()
        grids = self._encoder.grids(x)
        if self._linear_mixture:
            return grids
        levels = self._encoder.variables(x).double().view_as(grids.levels)
        return Grids(levels, 1 - levels)
