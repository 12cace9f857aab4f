"""Map from control grids to masks: two banded matrix products, of the whole plane or tile by tile.

Bilinear upsampling and Gaussian blur are linear and act on each axis alone, so the mask of a grid ``X``
is ``M = L X R^T``. The rows of ``L`` and ``R`` are non-negative and sum to 1: masks of grids in [0, 1]
stay in [0, 1]. Rows have few non-zeros, so a tile of the plane depends on a small block of the grid.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from .._arithmetic import plain_arithmetic

_CPU_TILE = (64, 512)
"""Bins and frames of a tile on a CPU; with `MASKS_AT_ONCE` masks it fits into the cache."""

MASKS_AT_ONCE = 8
"""Masks that are evaluated together on a CPU."""

MASKS_AT_ONCE_ON_GPU = 32
"""Masks that are evaluated together on a GPU."""


class Grids(NamedTuple):
    """A batch of control grids ``levels`` and of their complements ``1 - levels``, each ``(n, gh, gw)``.

    Both are kept because in floating point neither gives the other: a level of 1 - 1e-9 is 1 in
    float32, while its complement is exact. Quantities that vanish at X = 0 are computed from the levels,
    those that vanish at X = 1 from the complements.
    """

    levels: Tensor
    complements: Tensor


class Tile(NamedTuple):
    """A piece of the plane, with the masks of a batch of grids on it.

    Attributes:
        bins: the frequency bins of the plane that it covers.
        frames: the frames of the plane that it covers.
        mask: ``(n, bins, frames)``, the share of the picture.
        complement: ``(n, bins, frames)``, the share of the audio, accurate where the mask nears 1.
    """

    bins: slice
    frames: slice
    mask: Tensor
    complement: Tensor


class SeparableMap(nn.Module):
    """The linear map ``G -> L G R^T`` from small grids ``(n, gh, gw)`` to planes ``(n, F, T)``.

    Args:
        left: ``L (F, gh)``, float64, banded.
        right: ``R (T, gw)``, float64, banded.
        dtype: precision of the products.

    Attributes:
        cpu_tile: most bins and frames of a tile on a CPU; on a GPU one tile covers the plane.
    """

    left: Tensor
    right: Tensor

    def __init__(self, left: Tensor, right: Tensor, dtype: torch.dtype) -> None:
        super().__init__()
        self.cpu_tile = _CPU_TILE
        self.register_buffer("left", left.to(dtype))
        self.register_buffer("right", right.to(dtype))
        self._left_bands = row_bands(left.cpu().numpy())
        self._right_bands = row_bands(right.cpu().numpy())

    @plain_arithmetic()
    def forward(self, grid: Tensor) -> Tensor:
        """Return planes ``(n, F, T)`` of grids ``(n, gh, gw)``; differentiable."""
        return self.left @ grid @ self.right.T

    def adjoint(self, plane: Tensor) -> Tensor:
        """Return ``L^T P R``, grids ``(n, gh, gw)`` from planes ``(n, F, T)``."""
        return self.left.T @ plane @ self.right

    def on_tile(self, grid: Tensor, bins: slice, frames: slice) -> Tensor:
        """Return one piece ``(n, bins, frames)`` of `forward`, from the part of the grid that it needs."""
        rows, columns = _columns(self._left_bands, bins), _columns(self._right_bands, frames)
        return self.left[bins, rows] @ grid[:, rows, columns] @ self.right[frames, columns].T

    def adjoint_of_tile(
        self, piece: Tensor, bins: slice, frames: slice
    ) -> tuple[tuple[slice, slice], Tensor]:
        """Return the `adjoint` of a plane that is zero outside one piece, where it is not zero itself.

        Returns:
            The rows and columns of the grid, and what is added to them, ``(n, rows, columns)``.
        """
        rows, columns = _columns(self._left_bands, bins), _columns(self._right_bands, frames)
        return (rows, columns), self.left[bins, rows].T @ piece @ self.right[frames, columns]

    def add_adjoint(self, total: Tensor, piece: Tensor, bins: slice, frames: slice) -> None:
        """Add the `adjoint` of a plane that is zero outside one piece to ``total (n, gh, gw)``."""
        (rows, columns), part = self.adjoint_of_tile(piece, bins, frames)
        total[:, rows, columns] += part

    @property
    def tile_shape(self) -> tuple[int, int]:
        """Bins and frames of the largest tile: at most `cpu_tile` on a CPU, the whole plane on a GPU."""
        plane = len(self.left), len(self.right)
        if self.left.device.type != "cpu":
            return plane
        return min(self.cpu_tile[0], plane[0]), min(self.cpu_tile[1], plane[1])

    def pieces(self) -> Iterator[tuple[slice, slice]]:
        """Yield the bins and frames of the tiles that cover the plane."""
        height, width = self.tile_shape
        for frames in _runs(len(self.right), width):
            for bins in _runs(len(self.left), height):
                yield bins, frames

    def tiles(self, grids: Grids) -> Iterator[Tile]:
        """Yield the masks of a batch, tile by tile; each tile's tensors may be overwritten."""
        height, width = self.tile_shape
        for frames in _runs(len(self.right), width):
            columns = _columns(self._right_bands, frames)
            right = self.right[frames, columns].T
            levels = grids.levels[:, :, columns] @ right
            complements = grids.complements[:, :, columns] @ right
            for bins in _runs(len(self.left), height):
                rows = _columns(self._left_bands, bins)
                left = self.left[bins, rows]
                yield Tile(bins, frames, left @ levels[:, rows], left @ complements[:, rows])


def _runs(count: int, length: int) -> Iterator[slice]:
    for start in range(0, count, length):
        yield slice(start, min(start + length, count))


def row_bands(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and one past the last non-zero column ``(rows,)`` of each row of a banded matrix.

    For a row of zeros these are the number of columns and 0, so that it adds nothing to a union of bands.
    """
    nonzero, width = matrix != 0, matrix.shape[1]
    filled = nonzero.any(axis=1)
    first = np.where(filled, nonzero.argmax(axis=1), width)
    end = np.where(filled, width - nonzero[:, ::-1].argmax(axis=1), 0)
    return first, end


def _columns(bands: tuple[np.ndarray, np.ndarray], rows: slice) -> slice:
    """Return the columns in which any of some rows is not zero."""
    first, end = bands
    return slice(int(first[rows].min()), int(end[rows].max()))
