"""Mean squared difference between neighbouring points of a mask's grid."""

from typing import ClassVar

import torch
from torch import Tensor

from ..errors import ObjectiveError
from ..spectrogram import Grids, MaskEncoder
from .base import Kernel, Objective


class MaskRoughness(Objective):
    """Mean squared difference between neighbouring points of the control grid, in [0, 1].

    A property of the mask, not of the mixture: smooth masks sound like slow fades.
    """

    name: ClassVar[str] = "mask_roughness"
    lower_bound: ClassVar[float | None] = 0.0
    of_mix: ClassVar[bool] = False

    def __call__(self, mix: Tensor, encoder: MaskEncoder) -> Tensor:
        """Raise an error: a mixture does not determine its mask."""
        raise ObjectiveError("mask_roughness is a property of the mask, it cannot be computed from a mixture")

    def upper_bound(self, encoder: MaskEncoder) -> float | None:
        """Return 1, because neighbours differ by at most 1."""
        return 1.0

    def kernel(self, encoder: MaskEncoder) -> Kernel:
        """Return differences along both axes of the grid.

        Raises:
            ObjectiveError: the encoder's variables are not on a grid.
        """
        if encoder.variable_grid is None:
            raise ObjectiveError(
                "mask_roughness compares neighbours on the control grid, and the variables of "
                f"{type(encoder).__name__} are on no grid: leave it out"
            )
        return _MaskRoughnessKernel(encoder)


class _MaskRoughnessKernel:
    def __init__(self, encoder: MaskEncoder) -> None:
        rows, columns = encoder.grid
        self._pairs = max(1, (rows - 1) * columns + rows * (columns - 1))
        self.bytes_per_mask = 4 * 8 * encoder.n_var

    def value(self, grids: Grids) -> Tensor:
        levels = grids.levels.double()
        return (
            sum((levels.diff(dim=axis).square().sum(dim=(1, 2)) for axis in (1, 2)), torch.zeros(()))
            / self._pairs
        )

    def value_and_gradient(self, grids: Grids) -> tuple[Tensor, Tensor]:
        gradient = torch.zeros_like(grids.levels)
        for axis in (1, 2):
            step = grids.levels.diff(dim=axis) * (2 / self._pairs)
            length = step.shape[axis]
            gradient.narrow(axis, 0, length).sub_(step)
            gradient.narrow(axis, 1, length).add_(step)
        return self.value(grids), gradient
