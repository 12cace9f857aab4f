"""Shape of a front: how far it bends, where, and how much of it no weighted sum can reach."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaln

from ...bounds import non_dominated

_HALF_WINDOW = 0.1
"""Length of the front on either side of a place where its curvature is measured: less would measure how
evenly its points lie."""
_PLACES = 101
_EXPONENTS = 1e-2, 1e2


@dataclass(frozen=True)
class FrontShape:
    """Shape of a front between (0, 1) and (1, 0), where ideal and reference point are (0, 0) and (1, 1).

    Attributes:
        lame_exponent: ``p`` of the Lamé curve ``f1**p + f2**p = 1`` (Emmerich and Deutz 2007) that has the
            same area below it: 1 for a straight front; less for one that bends towards the ideal point.
        knee: greatest distance below the line between the ends, as a share of the ideal point's:
            ``1 - min(f1 + f2)`` (Das 1999).
        curvature_median: median along the front of ``1 / radius``, positive where the front bends towards
            the ideal point; of the circle through three points 0.1 of length apart (Menger).
        curvature_greatest: the greatest of those.
        unsupported: share of the points that are not on the lower convex hull: no weighted sum has its
            minimum there.
        hull_area: area between the front and its lower convex hull.
    """

    lame_exponent: float
    knee: float
    curvature_median: float
    curvature_greatest: float
    unsupported: float
    hull_area: float


def front_shape(points: np.ndarray) -> FrontShape:
    """Measure the shape of a front.

    Args:
        points: ``(n, 2)`` values in units of the box from ideal to reference point; dominated ones, and those
            outside of the box, are left out, and the corners (0, 1) and (1, 0) are added.
    """
    inside = points[(points <= 1.0).all(axis=1)]
    front = np.vstack([[0.0, 1.0], inside, [1.0, 0.0]])
    front = front[non_dominated(front)]
    hull = front[lower_hull(front)]
    below = float(np.trapezoid(front[:, 1], front[:, 0]))
    curvature = curvatures(front)
    return FrontShape(
        lame_exponent=lame_exponent(below),
        knee=1.0 - float(front.sum(axis=1).min()),
        curvature_median=float(np.median(curvature)),
        curvature_greatest=float(curvature.max()),
        unsupported=1.0 - len(hull) / len(front),
        hull_area=below - float(np.trapezoid(hull[:, 1], hull[:, 0])),
    )


def lame_exponent(area: float) -> float:
    """Return the exponent of the Lamé curve in the unit square with an area below it, from 0.01 to 100.

    The area is ``Gamma(1 + 1 / p)**2 / Gamma(1 + 2 / p)``.
    """

    def excess(log_exponent: float) -> float:
        inverse = np.exp(-log_exponent)
        return float(np.exp(2 * gammaln(1 + inverse) - gammaln(1 + 2 * inverse)) - area)

    low, high = np.log(_EXPONENTS)
    if excess(low) >= 0 or excess(high) <= 0:
        return _EXPONENTS[0] if excess(low) >= 0 else _EXPONENTS[1]
    return float(np.exp(brentq(excess, low, high)))


def lower_hull(front: np.ndarray) -> np.ndarray:
    """Return indices of the points of ``front (n, 2)``, the first value rising, on its lower hull."""
    kept: list[int] = []
    for index, point in enumerate(front):
        while len(kept) > 1 and _turn(front[kept[-2]], front[kept[-1]], point) <= 0:
            kept.pop()
        kept.append(index)
    return np.array(kept)


def curvatures(front: np.ndarray) -> np.ndarray:
    """Return curvatures at places evenly along a front ``(n, 2)``, the first value rising."""
    lengths = np.r_[0.0, np.cumsum(np.hypot(*np.diff(front, axis=0).T))]
    window = min(_HALF_WINDOW, lengths[-1] / 4)
    places = np.linspace(window, lengths[-1] - window, _PLACES)
    before, at, after = (
        np.stack([np.interp(places + moved, lengths, values) for values in front.T], axis=1)
        for moved in (-window, 0.0, window)
    )
    sides = [np.hypot(*(one - other).T) for one, other in ((at, before), (after, at), (after, before))]
    product = np.prod(sides, axis=0)
    return np.asarray(np.where(product > 0, 2 * _turn(before, at, after) / np.maximum(product, 1e-300), 0.0))


def _turn(before: np.ndarray, at: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return twice the area of triangles ``(..., 2)``, positive where they turn to the left."""
    (x, y), (u, v) = np.moveaxis(at - before, -1, 0), np.moveaxis(after - at, -1, 0)
    return np.asarray(x * v - y * u)
