"""Convex minorants of `AudioLogL1`, and certified lower bounds of its weighted sums with `VisualL1`.

With ``M = L X R^T`` the mask, ``N = L (1 - X) R^T`` its complement and ``rho`` the ratio of picture to sound,
a bin's term is ``-log(rho + (1 - rho) N)``, convex, where ``rho < 1``, and ``g(M) = log(1 + (rho - 1) M)``,
concave, elsewhere. `docs/front.md` has the derivations.
"""

import math
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from .._threads import side_by_side
from ..objectives.audio_log_l1 import picture_to_sound
from ..objectives.visual_l1 import VisualL1
from ..spectrogram import MaskEncoder
from ..spectrogram.mask import SeparableMap, row_bands
from .rounding import Allowance, allowance

Result = TypeVar("Result")
Part = tuple[tuple[slice, slice], Tensor]
"""Rows and columns of the grid, and what a tile adds to them; see `SeparableMap.adjoint_of_tile`."""

_UNIT_ROUNDOFF = 2.0**-53
_GREATEST_STRETCH = 1e100
"""Upper limit of the ratio of pull to cost, which overflows where the cost is nearly 0."""

_OPERATIONS_BESIDE_SUMS = 10_000
"""Generous upper bound of the roundings in a term before it is summed."""


class Relaxation:
    """Convex minorants of `AudioLogL1` on the plane of one encoder, in float64.

    Args:
        encoder: picture and sound, in any precision and on any device.
    """

    def __init__(self, encoder: MaskEncoder) -> None:
        self._encoder = encoder
        given = encoder.mask_map
        left, right = given.left.double().cpu(), given.right.double().cpu()
        self._map = SeparableMap(left, right, torch.float64).to(given.left.device)
        self._left_bands, self._right_bands = (
            tuple(ends.to(given.left.device) for ends in _bands(matrix)) for matrix in (left, right)
        )
        self._bins = math.prod(encoder.plane)
        self._weights = VisualL1().weights(encoder).flatten()

    # Computed when first needed, because it visits every bin.
    @cached_property
    def allowance(self) -> Allowance:
        """Allowance for the rounding errors of evaluated objectives."""
        return allowance(self._encoder, self._map)

    def linear_minorants(self, block: np.ndarray) -> np.ndarray:
        """Return the slopes of linear minorants ``<h, X>`` of the concave part in the box of all masks.

        The variables are ordered: first one block of them, then all others. A concave function of ``M``
        increases in ever smaller steps along that order. So in every bin it is at least the chord of the
        first block plus the chord that the others add once the first are 1, with equality where each block
        is all 0 or all 1: this is the Lovasz extension of ``g`` for two blocks. A block of all variables
        gives the chord from X = 0 to X = 1.

        Args:
            block: ``(n, n_var)`` bool, membership of the first block.

        Returns:
            ``h (n, n_var)``, not negative. Averages of minorants are minorants.
        """
        members = torch.as_tensor(block, device=self._map.left.device).view(-1, *self._encoder.grid)
        first = members.double()
        everything = torch.ones_like(first[:1])

        def chords(bins: slice, frames: slice) -> tuple[Part, Part]:
            steepness = (picture_to_sound(self._encoder, bins, frames) - 1).clamp_(min=0.0)
            mass = self._map.on_tile(first, bins, frames)
            height = torch.log1p(mass * steepness)
            all_mass = self._map.on_tile(everything, bins, frames)
            all_height = torch.log1p(all_mass * steepness)
            others = _chords(all_height - height, all_mass - mass)
            return (
                self._map.adjoint_of_tile(_chords(height, mass), bins, frames),
                self._map.adjoint_of_tile(others, bins, frames),
            )

        of_first, of_others = torch.zeros_like(first), torch.zeros_like(first)
        for first_part, others_part in self._on_all(chords):
            _add(of_first, first_part)
            _add(of_others, others_part)
        minorants = torch.where(members, of_first, of_others) / self._bins
        return np.asarray(minorants.flatten(1).cpu().numpy())

    def lower_bounds(self, trade_offs: np.ndarray, minorants: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return lower bounds of ``F_log + trade_off * F_linear`` over all masks.

        Any ``z > 0`` gives ``-log t >= 1 - log z - t / z``, which is linear in ``Y = 1 - X``, and a linear
        function is least in a corner of the box. The best z is that of the solution. Where ``y`` only
        approximates the solution, z is increased in every bin until the pull of no variable that touches the
        bin exceeds its cost. The bounds hold for any ``y``, and are tight near the solution. Rounding errors
        of float64 are subtracted; those of evaluated objectives are in `allowance`.

        Args:
            trade_offs: ``(n,)`` weights of `VisualL1`, not negative; that of `AudioLogL1` is 1.
            minorants: ``(n, n_var)`` slopes from `linear_minorants`.
            y: ``(n, n_var)`` complements ``1 - X`` in [0, 1] of approximate solutions.

        Returns:
            Bounds ``(n,)`` of the losses in exact arithmetic on the stored planes and matrices.
        """
        device = self._map.left.device
        slopes = torch.as_tensor(minorants, dtype=torch.float64, device=device)
        weighted = torch.as_tensor(trade_offs, dtype=torch.float64, device=device)[:, None] * self._weights
        cost = weighted - slopes
        total, size, pull = self._touching(cost, torch.as_tensor(y, dtype=torch.float64, device=device))
        corner = (cost - pull - self._rounding * (weighted + slopes + pull)).clamp_(max=0.0)
        constant = slopes.sum(dim=1)
        total += constant + corner.sum(dim=1) + self._loss_at_sound
        size += constant - corner.sum(dim=1) + abs(self._loss_at_sound)
        return np.asarray((total - self._rounding * size).cpu().numpy())

    def box_bounds(self, low: np.ndarray, high: np.ndarray, trade_offs: np.ndarray) -> np.ndarray:
        """Return lower bounds of ``F_log + trade_off * F_linear`` over boxes of masks.

        They use tangents of the convex terms at the middle of the box, and chords of the concave terms over
        the range of ``M`` in it, with an error of second order in the size of the box.

        Args:
            low: ``(n, n_var)`` least levels.
            high: ``(n, n_var)`` greatest levels.
            trade_offs: ``(n,)`` as in `lower_bounds`.

        Returns:
            Bounds ``(n,)``, as in `lower_bounds`.
        """
        device = self._map.left.device
        least, most = (torch.as_tensor(levels, dtype=torch.float64, device=device) for levels in (low, high))
        middle = (1 - (least + most) / 2).view(-1, *self._encoder.grid)
        constants, size, pull = self._tangents(middle)
        at_least, slopes = self._chords(least, most)
        weighted = torch.as_tensor(trade_offs, device=device)[:, None] * self._weights
        at_low = constants + at_least + ((weighted - pull) * (1 - least)).sum(dim=1) + self._loss_at_sound
        # The least value in the box: every variable whose slope is negative is at its greatest level.
        slope = slopes - weighted + pull - self._rounding * (slopes + weighted + pull)
        total = at_low + (slope.clamp(max=0.0) * (most - least)).sum(dim=1)
        size = size + at_least.abs() + (weighted + pull + slopes).sum(dim=1) + abs(self._loss_at_sound)
        return np.asarray((total - self._rounding * size).cpu().numpy())

    @property
    def _rounding(self) -> float:
        """Largest error of a sum in float64, relative to the sum of magnitudes."""
        return _UNIT_ROUNDOFF * (self._bins + len(self._weights) + _OPERATIONS_BESIDE_SUMS)

    def _chords(self, least: Tensor, most: Tensor) -> tuple[Tensor, Tensor]:
        """Return the concave part at the least levels ``(n,)``, and slopes of its chords ``(n, n_var)``."""
        grids = [levels.view(-1, *self._encoder.grid) for levels in (least, most - least)]

        def chords(bins: slice, frames: slice) -> tuple[Tensor, Part]:
            steepness = (picture_to_sound(self._encoder, bins, frames) - 1).clamp_(min=0.0)
            mass, gained = (self._map.on_tile(grid, bins, frames) for grid in grids)
            height = torch.log1p(mass * steepness)
            risen = torch.log1p((mass + gained) * steepness) - height
            slope = self._map.adjoint_of_tile(_chords(risen, gained), bins, frames)
            return height.sum(dim=(1, 2)), slope

        value, slopes = least.new_zeros(len(least)), torch.zeros_like(grids[0])
        for height, slope in self._on_all(chords):
            value += height
            _add(slopes, slope)
        return value / self._bins, slopes.flatten(1) / self._bins

    @cached_property
    def _loss_at_sound(self) -> float:
        """The mean of ``log(rho + (1 - rho) N)`` at X = 0 where the sound is louder.

        It is not exactly 0, because rows of the stored matrices do not exactly sum to 1. The loss is its
        distance from this value.
        """
        left, right = self._map.left.sum(dim=1), self._map.right.sum(dim=1)
        total = 0.0
        for bins, frames in self._map.pieces():
            slope = (1 - picture_to_sound(self._encoder, bins, frames)).clamp_(min=0.0)
            total += float(torch.log1p(slope * (torch.outer(left[bins], right[frames]) - 1)).sum())
        return total / self._bins

    def _on_all(self, work: Callable[[slice, slice], Result]) -> Iterator[Result]:
        """Yield the results of work on all tiles, in order; it is done on several at a time.

        One thread for each, because torch's many small operations would keep several waiting for each other.
        Results wait for those before them: they must be small, for long sounds have thousands of tiles.
        """
        pieces = list(self._map.pieces())
        with side_by_side(len(pieces)) as each:
            yield from each(lambda piece: work(*piece), pieces)

    def _pull(self, grids: Tensor) -> Tensor:
        """Sum the slopes ``(n, n_var)`` of the tangents of all convex bins."""

        def slopes(bins: slice, frames: slice) -> Part:
            ratio, convex = self._convex_bins(bins, frames)
            z = torch.addcmul(ratio, 1 - ratio, self._map.on_tile(grids, bins, frames))
            return self._map.adjoint_of_tile((1 - ratio) * convex / z, bins, frames)

        pull = torch.zeros_like(grids)
        for slope in self._on_all(slopes):
            _add(pull, slope)
        return pull.flatten(1) / self._bins

    def _touching(self, cost: Tensor, complements: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Sum the tangents of all convex bins near complements, see `_tangents`.

        Args:
            cost: ``(n, n_var)`` slopes of all else; no pull exceeds those that are positive by much.
            complements: ``(n, n_var)``.
        """
        grids = complements.view(-1, *self._encoder.grid)
        pull = self._pull(grids)
        stretch = torch.where((cost > 0) & (complements < 1), pull / cost, 1.0)
        stretch = stretch.clamp_(1.0, _GREATEST_STRETCH)
        return self._tangents(grids, stretch.view_as(grids))

    def _tangents(self, grids: Tensor, stretch: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Sum the tangents of all convex bins: constants, magnitudes ``(n,)``, and pull ``(n, n_var)``."""

        def tangents(bins: slice, frames: slice) -> tuple[Tensor, Tensor, Part]:
            ratio, convex = self._convex_bins(bins, frames)
            z = torch.addcmul(ratio, 1 - ratio, self._map.on_tile(grids, bins, frames))
            if stretch is not None:
                z *= self._largest_touching(stretch, bins, frames)
            inverse = convex / z
            logs = torch.log(z) * convex
            at_0 = convex - ratio * inverse
            constants = (at_0 - logs).sum(dim=(1, 2))
            size = (logs.abs_() + convex + ratio * inverse).sum(dim=(1, 2))
            return constants, size, self._map.adjoint_of_tile((1 - ratio) * inverse, bins, frames)

        total, size = grids.new_zeros(2, len(grids))
        pull = torch.zeros_like(grids)
        for constants, magnitudes, slope in self._on_all(tangents):
            total += constants
            size += magnitudes
            _add(pull, slope)
        return total / self._bins, size / self._bins, pull.flatten(1) / self._bins

    def _convex_bins(self, bins: slice, frames: slice) -> tuple[Tensor, Tensor]:
        """Return the ratio of picture to sound, at most 1, and 1 where it is less, else 0."""
        ratio = picture_to_sound(self._encoder, bins, frames)
        convex = (ratio < 1).double()
        return ratio.clamp_(max=1.0), convex

    def _largest_touching(self, grids: Tensor, bins: slice, frames: slice) -> Tensor:
        """Return for each bin the largest value ``(n, bins, frames)`` among the variables that touch it."""
        of_rows = _largest_in_bands(grids.mT, *(ends[bins] for ends in self._left_bands)).mT
        return _largest_in_bands(of_rows, *(ends[frames] for ends in self._right_bands))


def _add(total: Tensor, part: Part) -> None:
    (rows, columns), added = part
    total[:, rows, columns] += added


def _chords(heights: Tensor, widths: Tensor) -> Tensor:
    """Return the slopes of chords, 0 where there is no width."""
    return torch.where(widths > 0, heights / widths, 0.0)


def _largest_in_bands(values: Tensor, first: Tensor, end: Tensor) -> Tensor:
    """Return the largest values ``(..., k)`` of bands of columns of ``values (..., columns)``.

    A band is the union of two runs of columns whose length is a power of two.

    Args:
        values: numbers.
        first: ``(k,)`` first columns of the bands.
        end: ``(k,)`` one past their last columns.
    """
    level = torch.log2((end - first).double()).floor().long()
    largest = torch.empty((*values.shape[:-1], len(first)), dtype=values.dtype, device=values.device)
    length = 1
    for exponent in range(int(level.max()) + 1):
        of_level = (level == exponent).nonzero()[:, 0]
        starts, ends = first[of_level], end[of_level] - length
        largest[..., of_level] = torch.maximum(values[..., starts], values[..., ends])
        values = torch.maximum(values[..., :-length], values[..., length:])
        length *= 2
    return largest


def _bands(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Return the first and one past the last column ``(rows,)`` that each row of a banded matrix touches.

    A row of zeros gets the last column, because a band has to have one.
    """
    first, end = row_bands(matrix.numpy())
    first = first.clip(max=matrix.shape[1] - 1)
    return torch.from_numpy(first), torch.from_numpy(np.maximum(end, first + 1))
