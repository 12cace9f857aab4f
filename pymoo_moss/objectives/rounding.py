"""By how much evaluated losses may be below those of exact arithmetic: what certified bounds allow for.

`docs/front.md`, "Rounding", has the proof. It counts the operations of the torch kernels and of the compiled
loops (`fused/sweep.py`); whoever changes their order or number changes the constants here.
"""

from dataclasses import dataclass

import numpy as np
import torch

from ..spectrogram import MaskEncoder

SMALL_LOSS = 1e-3
"""Nepers under which compiled loops evaluate `AudioLogL1` again, in float64 and without cancellation."""

_OF_TORCH = 16
_OF_LOOPS = 8
"""Roundings of a bin beside those of the two matrix products."""
_OF_FLOAT64 = 64
"""Roundings of float64 that any formula has, generously counted."""
_FLOAT64 = 2.0**-53
_LOOPS = 2.0**-24
"""Unit roundoff of float64, and of the float32 that compiled loops compute with."""


@dataclass(frozen=True)
class Allowance:
    """How far below the exact weighted sum an evaluated one may be.

    Attributes:
        of_torch: share of the sum, for the torch kernels, whose errors vanish with the loss.
        relative: share of the sum, for compiled loops and direct formulas.
        of_rows: nepers, for direct formulas: rows of the stored matrices do not sum to 1.
        of_loops: nepers, for compiled loops from `SMALL_LOSS` on; 0 where there are none.
    """

    of_torch: float
    relative: float
    of_rows: float
    of_loops: float

    def applied(self, trade_offs: np.ndarray, bounds: np.ndarray) -> np.ndarray:
        """Bounds ``(n,)`` of evaluated weighted sums, from bounds of exact ones.

        Errors of the loops are absolute, and would cost most where the trade-off is small. But losses that
        have them are not small, which bounds the weighted sum as well: with another, larger trade-off's
        bound ``b'`` and ``s`` the ratio of the two, it is at least ``(1 - s) * SMALL_LOSS + s * b'``.

        Args:
            trade_offs: ``(n,)`` weights of the linear loss, above 0; that of the logarithmic one is 1.
            bounds: ``(n,)`` lower bounds of the exact weighted sums.
        """
        sizes = np.abs(bounds)
        shares = trade_offs[:, None] / trade_offs
        where_large = (1 - shares) * SMALL_LOSS + shares * (bounds - self.relative * sizes - self.of_loops)
        of_loops = np.where(shares <= 1, where_large, -np.inf).max(axis=1)
        of_formulas = bounds - self.relative * sizes - self.of_rows
        return np.asarray(np.minimum.reduce([of_formulas, bounds - self.of_torch * sizes, of_loops]))


def allowance(encoder: MaskEncoder, falls_of_bins: np.ndarray, falls_of_frames: np.ndarray) -> Allowance:
    """The allowance for one plane.

    Args:
        encoder: picture and sound.
        falls_of_bins: ``(F,)`` means over the frames of ``1 - rho`` where the sound is louder, else 0.
        falls_of_frames: ``(T,)`` the same over the bins.
    """
    left, right = (
        matrix.double().cpu().numpy() for matrix in (encoder.mask_map.left, encoder.mask_map.right)
    )
    dtype = encoder.picture.dtype
    products = _width(left) + _width(right)
    unit = torch.finfo(dtype).eps / 2
    exact = _FLOAT64 * (_OF_FLOAT64 + encoder.n_var)
    rows = sum(float(np.abs(matrix.sum(axis=1) - 1).mean()) for matrix in (left, right))
    return Allowance(
        of_torch=unit * (2 * products + _OF_TORCH) + exact,
        relative=unit * (products + _OF_LOOPS) + exact,
        of_rows=2 * rows + exact,
        of_loops=_loops(left, right, falls_of_bins, falls_of_frames) if dtype == torch.float32 else 0.0,
    )


def _loops(
    left: np.ndarray, right: np.ndarray, falls_of_bins: np.ndarray, falls_of_frames: np.ndarray
) -> float:
    """Mean absolute error of a bin's logarithm where the complement is nearly 1, in nepers."""
    # The complement is rounded once before the two sums.
    of_bins = falls_of_bins * (_of_sums(left) * right.sum(axis=1).max() + _LOOPS / 2)
    of_frames = falls_of_frames * _of_sums(right)
    # A value and a product take one rounding each.
    return float(of_bins.mean() + of_frames.mean() + 2 * _LOOPS)


def _of_sums(matrix: np.ndarray) -> np.ndarray:
    """Rounding errors ``(rows,)`` of ``matrix @ y`` summed in float32 column by column, for y in [0, 1]."""
    partial = np.where(matrix > 0, np.cumsum(matrix, axis=1), 0.0)
    return np.asarray((_half_unit(matrix) + _half_unit(partial)).sum(axis=1))


def _half_unit(most: np.ndarray) -> np.ndarray:
    """The largest rounding error of float32 numbers from 0 to ``most``; 0 where that is 0."""
    # A little more, because partial sums have rounding errors of their own.
    mantissa, exponent = np.frexp(most * (1 + 4 * _LOOPS))
    return np.where(mantissa > 0, np.ldexp(_LOOPS / 2, exponent), 0.0)


def _width(matrix: np.ndarray) -> int:
    """Non-zeros of the fullest row."""
    return int(np.count_nonzero(matrix, axis=1).max())
