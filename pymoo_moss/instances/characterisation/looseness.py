"""What a certificate leaves open: between its bound and the best front known."""

from dataclasses import dataclass

import numpy as np

from ...bounds import FrontBounds, non_dominated


@dataclass(frozen=True)
class Looseness:
    """Hypervolume between a certified bound and a front, as shares of the box.

    Attributes:
        upper: certified upper bound of the hypervolume.
        reached: hypervolume of the front.
        gap: the difference of the two.
        of_points: part of the gap that is there because the front has finitely many points: the area of the
            triangles between its staircase and the line through its points, ``sum(width * height) / 2``.
            What remains of the gap is the certificate's looseness or the front's distance from the best.
    """

    upper: float
    reached: float
    gap: float
    of_points: float


def looseness(bounds: FrontBounds, F: np.ndarray) -> Looseness:
    """Measure what bounds leave open above a front.

    Args:
        bounds: certified bounds.
        F: ``(n, 2)`` values in the units of the bounds.
    """
    low, ref = bounds.box
    front = np.vstack([F, [low[0], ref[1]], [ref[0], low[1]]])
    front = ((front - low) / (ref - low))[non_dominated(front)]
    upper, gap = bounds.hypervolume_upper, bounds.gap(F)
    return Looseness(upper, upper - gap, gap, float(-np.prod(np.diff(front, axis=0), axis=1).sum()) / 2)
