"""Allowance of certified bounds for rounding: the largest differences between evaluated and exact losses.

`docs/front.md`, "Rounding", has the proof. It counts the operations of the torch kernels and of the compiled
loops (`fused/sweep.py`, `fused/groups.py`). A change of their order or number requires a change here.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..objectives.audio_log_l1 import SMALL_LOSS, picture_to_sound
from ..spectrogram import MaskEncoder
from ..spectrogram.mask import SeparableMap

_OF_TORCH = 16
"""Roundings of a bin in torch's kernels, beside those of the two matrix products."""

_OF_LOOPS = 8
"""Roundings of a bin in compiled loops, beside those of the two matrix products."""

_OF_FLOAT64 = 64
"""Generous upper bound of the float64 roundings of any formula."""

_FLOAT64 = 2.0**-53
"""Unit roundoff of float64."""

_LOOPS = 2.0**-24
"""Unit roundoff of float32, in which compiled loops compute."""


@dataclass(frozen=True)
class Allowance:
    """Largest amounts by which an evaluated weighted sum may be below the exact one.

    Attributes:
        of_torch: relative error of torch's kernels, which have no absolute error.
        relative: relative error of compiled loops and direct formulas.
        of_rows: absolute error in nepers of the log loss by direct formulas, because rows of the stored
            matrices do not exactly sum to 1.
        of_rows_linear: absolute error of the linear loss for the same reason, in its unit.
        of_loops: absolute error in nepers of compiled loops for losses of at least `SMALL_LOSS`; 0 if no
            loops exist for the precision.
    """

    of_torch: float
    relative: float
    of_rows: float
    of_rows_linear: float
    of_loops: float

    def applied(
        self, trade_offs: np.ndarray, bounds: np.ndarray, further: np.ndarray | None = None
    ) -> np.ndarray:
        """Return bounds ``(n,)`` of evaluated weighted sums, from bounds of exact ones.

        Errors of the loops are absolute, and would weigh most at small trade-offs. But losses with these
        errors are at least `SMALL_LOSS`, which bounds the weighted sum as well: with the bound ``b'`` of a
        larger trade-off, and the ratio ``s`` of the two, it is at least ``(1 - s) * SMALL_LOSS + s * b'``.

        Args:
            trade_offs: ``(n,)`` weights of the linear loss, above 0; that of the log loss is 1.
            bounds: ``(n,)`` lower bounds of the exact weighted sums.
            further: ``(n,)`` weights of a third loss in these sums, not negative and without errors.
        """
        sizes = np.abs(bounds)
        near = bounds - self.relative * sizes
        shares = trade_offs[:, None] / trade_offs
        if further is not None:
            # A loss that is not in the other sum only adds to this one.
            of_further = np.full_like(shares, np.inf)
            np.divide(further[:, None], further, out=of_further, where=further > 0)
            shares = np.minimum(shares, of_further)
        where_large = (1 - shares) * SMALL_LOSS + shares * (near - self.of_loops)
        of_loops = np.where(shares <= 1, where_large, -np.inf).max(axis=1)
        of_formulas = near - self.of_rows - trade_offs * self.of_rows_linear
        return np.asarray(np.minimum.reduce([of_formulas, bounds - self.of_torch * sizes, of_loops]))

    def of_any(self, trade_offs: np.ndarray, bounds: np.ndarray) -> np.ndarray:
        """Return bounds as `applied` does, each from its own exact bound alone."""
        absolute = np.maximum(self.of_loops, self.of_rows + trade_offs * self.of_rows_linear)
        return np.asarray(bounds - self._largest_share * np.abs(bounds) - absolute)

    def of_losses(self, losses: np.ndarray) -> np.ndarray:
        """Return linear and log losses ``(n, 2)``, lowered by the errors of their evaluation."""
        absolute = np.array([self.of_rows_linear, max(self.of_loops, self.of_rows)])
        return np.asarray((1 - self._largest_share) * losses - absolute)

    @property
    def _largest_share(self) -> float:
        return max(self.of_torch, self.relative)


def allowance(encoder: MaskEncoder, exact_map: SeparableMap) -> Allowance:
    """Compute the allowance for one plane.

    Args:
        encoder: picture and sound.
        exact_map: the encoder's mask map with its stored matrices in float64.
    """
    dtype = encoder.picture.dtype
    left, right = exact_map.left.cpu().numpy(), exact_map.right.cpu().numpy()
    products = _width(left) + _width(right)
    unit = torch.finfo(dtype).eps / 2
    errors = _errors(encoder, exact_map)
    exact = _FLOAT64 * (_OF_FLOAT64 + encoder.n_var)
    return Allowance(
        of_torch=unit * (2 * products + _OF_TORCH) + exact,
        relative=unit * (products + _OF_LOOPS) + exact,
        of_rows=errors.logarithmic + exact,
        of_rows_linear=errors.linear * (1 + exact),
        of_loops=errors.of_loops + max(errors.loops_at_sound, 0.0) if dtype == torch.float32 else 0.0,
    )


@dataclass
class _Errors:
    """Mean absolute errors over all bins; see `Allowance`."""

    logarithmic: float = 0.0
    linear: float = 0.0
    loops_at_sound: float = 0.0
    """Amount by which the log loss of compiled loops is too small at X = 0, where the complement is 1."""
    of_loops: float = _LOOPS
    """Absolute error of compiled loops; begins with one rounding of a product per bin."""


def _errors(encoder: MaskEncoder, exact_map: SeparableMap) -> _Errors:
    left, right = exact_map.left, exact_map.right
    row_sums = left.sum(dim=1), right.sum(dim=1)
    of_left = torch.from_numpy(_of_sums(left.cpu().numpy())).to(left)
    weights = torch.from_numpy(_compressed(right.cpu().numpy())).to(right)
    bins_in_all = len(left) * len(right)
    errors = _Errors()
    for bins, frames in exact_map.pieces():
        ratio = picture_to_sound(encoder, bins, frames)
        image = encoder.image_magnitude[bins, frames].double()
        convex = ratio < 1
        slope = (1 - ratio).clamp(min=0)
        excess = torch.outer(row_sums[0][bins], row_sums[1][frames]) - 1
        # Where the sound is louder, a sum above 1 decreases the loss; where the picture is, a sum below 1.
        lowered = torch.where(convex, (2 - ratio) * excess.clamp(min=0), (-excess).clamp(min=0))
        errors.logarithmic += float(lowered.sum()) / bins_in_all
        nearer = torch.where(convex, -excess, excess).clamp_(min=0)
        errors.linear += float((image * nearer).sum()) / bins_in_all
        # Loops assume that the value at the sound is 1, not what follows from the numbers that they store.
        rows, columns = row_sums[0][bins, None], row_sums[1][frames]
        value, most = ratio.float().double(), ratio.clone()
        of_value = torch.zeros_like(ratio)
        for weight in weights[frames].T:
            value += (slope * weight).float().double() * rows
            added = slope * weight * rows
            most += added
            of_value += torch.where(weight > 0, _half_unit(added) + _half_unit(most), 0.0)
        errors.loops_at_sound += float(torch.log(value[convex]).sum()) / bins_in_all
        # The complement is rounded once before it is summed.
        of_value += slope * (of_left[bins, None] * columns + _LOOPS / 2)
        # Where the picture is louder, partial sums are at least 1: one rounding per weight.
        of_value = torch.where(convex, of_value, _LOOPS * (weights[frames] > 0).sum(dim=1))
        errors.of_loops += float(of_value.sum()) / bins_in_all
    return errors


def _compressed(matrix: np.ndarray) -> np.ndarray:
    """Return the non-zeros of every row ``(rows, most)`` in order, and zeros behind them."""
    order = np.argsort(matrix == 0, axis=1, kind="stable")[:, : _width(matrix)]
    return np.take_along_axis(matrix, order, axis=1)


def _of_sums(matrix: np.ndarray) -> np.ndarray:
    """Bound the rounding errors ``(rows,)`` of ``matrix @ y`` in float32, column by column, y in [0, 1]."""
    partial = np.where(matrix > 0, np.cumsum(matrix, axis=1), 0.0)
    sizes = torch.from_numpy(np.stack([matrix, partial]))
    return np.asarray(_half_unit(sizes).sum(dim=(0, 2)).numpy())


def _half_unit(most: Tensor) -> Tensor:
    """Return the largest rounding error of float32 numbers from 0 to ``most``; 0 where that is 0."""
    # Slightly increased, because partial sums have rounding errors, too.
    mantissa, exponent = torch.frexp(most * (1 + 4 * _LOOPS))
    return torch.where(mantissa > 0, torch.ldexp(torch.full_like(most, _LOOPS / 2), exponent), 0.0)


def _width(matrix: np.ndarray) -> int:
    """Return the number of non-zeros of the fullest row."""
    return int(np.count_nonzero(matrix, axis=1).max())
