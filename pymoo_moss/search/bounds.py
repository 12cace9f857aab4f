"""`FrontBounds`: lower bounds of weighted sums, and the hypervolume that no front can exceed."""

from dataclasses import dataclass

import moocore
import numpy as np


@dataclass(frozen=True)
class FrontBounds:
    """Half-planes that hold every point of the objective space that any mask reaches.

    Attributes:
        weights: ``(n, 2)`` non-negative weights of the objectives.
        lower_bounds: ``(n,)``; ``weights @ F >= lower_bounds`` for the F of any mask.
        box: the ideal point and the reference point that hypervolumes are shares of, each ``(2,)``.
    """

    weights: np.ndarray
    lower_bounds: np.ndarray
    box: tuple[np.ndarray, np.ndarray]

    @property
    def hypervolume_upper(self) -> float:
        """The greatest normalised hypervolume that points in all half-planes can have."""
        low, high = self.box
        if (high <= low).any():
            return 0.0
        weights = self.weights * (high - low)
        return 1.0 - _area_below_envelope(weights, self.lower_bounds - self.weights @ low)

    def gap(self, F: np.ndarray) -> float:
        """How far the normalised hypervolume of points ``F (n, 2)`` is below `hypervolume_upper`.

        0 for the whole front if the bounds are tight. A finite number of points leaves a gap of its
        own, of about ``0.5 * s**2 / n`` with ``s`` the integral of ``sqrt(-dF1 dF2)`` along the front.
        """
        low, high = self.box
        if (high <= low).any():
            return 0.0
        share = moocore.hypervolume((np.atleast_2d(F) - low) / (high - low), ref=np.ones(2))
        return self.hypervolume_upper - float(share)

    def curve(self, count: int = 400) -> np.ndarray:
        """Points ``(n, 2)`` on the border of the half-planes, from the first axis on, to be drawn.

        At most ``count`` values of the first objective, closer together near the first axis.
        """
        low, high = self.box
        weights, lower = self.weights * (high - low), self.lower_bounds - self.weights @ low
        sloped = weights[:, 1] > 0
        steep, even = np.geomspace(1e-7, 1.0, count // 2), np.linspace(0.0, 1.0, count - count // 2)
        first = np.union1d(steep, even)
        second = (lower[sloped, None] - weights[sloped, :1] * first) / weights[sloped, 1:]
        points = np.stack([first, np.clip(second.max(axis=0, initial=0.0), 0.0, 1.0)], axis=1)
        falling = points[np.r_[True, np.diff(points[:, 1]) < 0]]
        return np.asarray(low + falling * (high - low))


def _area_below_envelope(weights: np.ndarray, bounds: np.ndarray) -> float:
    """Area of the part of the unit square in which some ``weights @ F < bounds``."""
    across = bounds[weights[:, 1] <= 0] / weights[weights[:, 1] <= 0, 0]
    start = float(np.clip(across.max(initial=0.0), 0.0, 1.0))
    sloped = weights[:, 1] > 0
    # The square's own edges are lines as well.
    slopes = np.r_[weights[sloped, 0] / weights[sloped, 1], 0.0, 0.0]
    heights = np.r_[bounds[sloped] / weights[sloped, 1], 0.0, 1.0]
    with np.errstate(divide="ignore", invalid="ignore"):
        crossings = (heights[:, None] - heights) / (slopes[:, None] - slopes)
    corners = np.unique(np.r_[start, 1.0, crossings[(crossings > start) & (crossings < 1.0)]])
    # Between two corners the envelope is a straight line, so that trapezoids are exact.
    lines = heights[:-1, None] - slopes[:-1, None] * corners
    return start + float(np.trapezoid(np.clip(lines.max(axis=0), 0.0, 1.0), corners))
