"""Trade-offs, the ratios of weights of two objectives, and where along a front new ones are needed."""

from typing import NamedTuple

import numpy as np

_LEAST, _GREATEST = 1e-2, 1e3
"""Range of trade-offs of normalised objectives; beyond it the best masks are nearly the front's ends."""


class Gaps(NamedTuple):
    """The widest gaps of a front.

    Attributes:
        before: ``(n,)`` indices of the points before the gaps, where 0 is the first end of the front.
        trade_offs: ``(n,)`` trade-offs at which the points on either side have the same weighted sum.
    """

    before: np.ndarray
    trade_offs: np.ndarray


def spread_trade_offs(count: int, extent: np.ndarray) -> np.ndarray:
    """Return trade-offs ``(count,)``, equally spaced in their logarithm.

    Args:
        count: number of trade-offs.
        extent: ``(2,)`` distance from ideal to nadir point.
    """
    spread = np.geomspace(_LEAST, _GREATEST, count) if count > 1 else np.ones(count)
    return np.asarray(spread * extent[1] / extent[0])


def between_points(trade_offs: np.ndarray, points: np.ndarray, extent: np.ndarray, count: int) -> Gaps:
    """Return the widest gaps, the largest rectangles between neighbours.

    The area of the rectangle bounds the hypervolume that a point in the gap could add. The trade-off at which
    both neighbours have the same weighted sum finds the point farthest below the line through them, as in the
    dichotomic search of Aneja and Nair (1979).

    Args:
        trade_offs: ``(n,)`` increasing trade-offs of the points.
        points: ``(n, 2)`` from ``(extent[0], 0)`` to ``(0, extent[1])``, the first decreasing, the second
            increasing.
        extent: ``(2,)`` distance from ideal to nadir point.
        count: number of gaps, at most ``n + 1``.
    """
    steps = np.diff(np.vstack([[extent[0], 0.0], points, [0.0, extent[1]]]), axis=0)
    least = np.finfo(float).tiny
    widths, heights = np.maximum(-steps[:, 0], least), np.maximum(steps[:, 1], 0.0)
    before = np.argsort(-widths * heights, kind="stable")[:count]
    low = np.r_[trade_offs[:1] / 4, trade_offs][before]
    high = np.r_[trade_offs, trade_offs[-1:] * 4][before]
    equal = heights[before] / widths[before]
    # For local minima there may be no trade-off between theirs at which they are equal.
    return Gaps(before, np.where((low < equal) & (equal < high), equal, np.sqrt(low * high)))


def even_trade_offs(trade_offs: np.ndarray, points: np.ndarray, extent: np.ndarray) -> np.ndarray:
    """Return trade-offs ``(n,)`` that divide the front into pieces of equal size.

    The size of a piece between two points is ``sqrt(width * height)``. With equal sizes, the staircase of a
    given number of points leaves the least area under the front uncovered.

    Args:
        trade_offs: ``(n,)`` increasing trade-offs.
        points: ``(n, 2)`` points reached with these trade-offs, ordered as in `between_points`.
        extent: ``(2,)`` distance from ideal to nadir point.
    """
    steps = np.diff(np.vstack([[extent[0], 0.0], points, [0.0, extent[1]]]) / extent, axis=0)
    lengths = np.sqrt(np.maximum(-steps[:, 0], 0.0) * np.maximum(steps[:, 1], 0.0))
    cumulative = np.cumsum(lengths)
    targets = np.linspace(0.0, cumulative[-1], len(trade_offs) + 2)[1:-1]
    return np.asarray(np.exp(np.interp(targets, cumulative[:-1], np.log(trade_offs))))
