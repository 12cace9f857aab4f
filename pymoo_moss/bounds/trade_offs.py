"""Weights of two objectives by their ratio, and where along a front new ones are needed."""

from typing import NamedTuple

import numpy as np

_LEAST, _GREATEST = 1e-2, 1e3
"""Of trade-offs between normalised objectives: beyond, all masks are next to the ends of the front."""


class Gaps(NamedTuple):
    """The widest gaps of a front.

    Attributes:
        before: ``(n,)`` numbers of the points before the gaps, the first end of the front being 0.
        trade_offs: ``(n,)`` weights at which the points on either side are equal.
    """

    before: np.ndarray
    trade_offs: np.ndarray


def spread_trade_offs(count: int, extent: np.ndarray) -> np.ndarray:
    """Trade-offs ``(count,)`` spread evenly in their logarithm.

    Args:
        count: how many.
        extent: ``(2,)`` from ideal to nadir point.
    """
    spread = np.geomspace(_LEAST, _GREATEST, count) if count > 1 else np.ones(count)
    return np.asarray(spread * extent[1] / extent[0])


def between_points(trade_offs: np.ndarray, points: np.ndarray, extent: np.ndarray, count: int) -> Gaps:
    """Where points are needed most: in the largest rectangles between neighbours.

    The rectangle is what a point could gain at most; the weight at which both neighbours are equal finds the
    point farthest below the line that joins them, as in the dichotomic search of Aneja and Nair (1979).

    Args:
        trade_offs: ``(n,)`` rising, of the points.
        points: ``(n, 2)`` from ``(extent[0], 0)`` to ``(0, extent[1])``, first falling, second rising.
        extent: ``(2,)`` from ideal to nadir point.
        count: how many, at most ``n + 1``.
    """
    steps = np.diff(np.vstack([[extent[0], 0.0], points, [0.0, extent[1]]]), axis=0)
    least = np.finfo(float).tiny
    widths, heights = np.maximum(-steps[:, 0], least), np.maximum(steps[:, 1], 0.0)
    before = np.argsort(-widths * heights, kind="stable")[:count]
    low = np.r_[trade_offs[:1] / 4, trade_offs][before]
    high = np.r_[trade_offs, trade_offs[-1:] * 4][before]
    equal = heights[before] / widths[before]
    # Local minima may lie so that no weight between theirs makes them equal.
    return Gaps(before, np.where((low < equal) & (equal < high), equal, np.sqrt(low * high)))


def even_trade_offs(trade_offs: np.ndarray, points: np.ndarray, extent: np.ndarray) -> np.ndarray:
    """Trade-offs ``(n,)`` at which the same front would be cut in equal pieces.

    A piece between two points measures ``sqrt(width * height)``: where these are equal, the staircase
    of the points leaves least of the area under the front uncovered.

    Args:
        trade_offs: ``(n,)`` rising.
        points: ``(n, 2)`` as in `between_points`, reached with these trade-offs.
        extent: ``(2,)`` from ideal to nadir point.
    """
    steps = np.diff(np.vstack([[extent[0], 0.0], points, [0.0, extent[1]]]) / extent, axis=0)
    lengths = np.sqrt(np.maximum(-steps[:, 0], 0.0) * np.maximum(steps[:, 1], 0.0))
    along = np.cumsum(lengths)
    wanted = np.linspace(0.0, along[-1], len(trade_offs) + 2)[1:-1]
    return np.asarray(np.exp(np.interp(wanted, along[:-1], np.log(trade_offs))))
