"""`FrontBounds`: lower bounds of all masks' objective values, and an upper bound of hypervolume."""

import warnings
from dataclasses import dataclass, field
from functools import cached_property

import moocore
import numpy as np

from ..errors import ObjectiveError
from .volume import volume_above

_LOOSE = 0.05
"""Looseness above which a share of the bound is uninformative, so that a warning is issued."""


def _no_points() -> np.ndarray:
    return np.empty((0, 2))


@dataclass(frozen=True)
class FrontBounds:
    """Half-spaces, and for few variables quadrants, that contain the objective values of every mask.

    There are two or three objectives. Half-spaces alone bound the convex hull of the front. Where the front
    bends outwards the bound is loose, and `looseness` is the share of it that no known point reaches. With
    three objectives it also holds what a finite number of points leaves open.

    Attributes:
        weights: ``(n, n_obj)`` non-negative weights of the objectives.
        lower_bounds: ``(n,)``; ``weights @ F >= lower_bounds`` for the F of any mask.
        box: ideal point and reference point, each ``(n_obj,)``, between which hypervolume is normalised.
        points: ``(m, n_obj)`` objective values of the best masks found during certification, the first
            objective increasing.
        corners: ``(k, 2)`` corners of quadrants; the F of any mask is at or above one of them in both
            objectives. None without branching.
    """

    weights: np.ndarray
    lower_bounds: np.ndarray
    box: tuple[np.ndarray, np.ndarray]
    points: np.ndarray = field(default_factory=_no_points)
    corners: np.ndarray | None = None

    @cached_property
    def hypervolume_upper(self) -> float:
        """The largest normalised hypervolume that the bounds allow.

        With three objectives it is rounded up by about 1e-5, see `volume_above`.
        """
        if self._is_flat:
            return 0.0
        if len(self.box[0]) == 3:
            low, high = self.box
            return volume_above(self.weights * (high - low), self.lower_bounds - self.weights @ low).upper
        return 1.0 - _area_below(*self._in_unit_square())

    @property
    def hypervolume_lower(self) -> float:
        """The normalised hypervolume of `points`; that of the whole front is at least this."""
        return self._hypervolume(self.points)

    @property
    def looseness(self) -> float:
        """The share of `hypervolume_upper` that `points` do not reach.

        The best possible hypervolume is between `hypervolume_lower` and `hypervolume_upper`.
        """
        upper = self.hypervolume_upper
        return 1.0 - self.hypervolume_lower / upper if upper > 0 else 0.0

    def share(self, F: np.ndarray) -> float:
        """Return the hypervolume of points ``F (n, n_obj)`` as a share of `hypervolume_upper`, less than 1.

        Raises:
            ObjectiveError: F has another shape, or is NaN somewhere.

        Warns:
            UserWarning: the bound is loose, so that even a perfect front may have a much smaller share.
        """
        upper, looseness = self.hypervolume_upper, self.looseness
        if looseness > _LOOSE and len(self.points):
            warnings.warn(
                f"the certified bound {upper:.3f} is loose: the best points known have a share of "
                f"{1 - looseness:.3f} of it, and a larger share may be impossible",
                stacklevel=2,
            )
        return self._hypervolume(F) / upper if upper > 0 else 0.0

    def gap(self, F: np.ndarray) -> float:
        """Return `hypervolume_upper` minus the normalised hypervolume of points ``F (n, n_obj)``.

        0 for the whole front if the bounds are tight. With two objectives a finite number of points leaves a
        gap of about ``0.5 * s**2 / n`` with ``s`` the integral of ``sqrt(-dF1 dF2)`` along the front.
        """
        return self.hypervolume_upper - self._hypervolume(F)

    def curve(self, count: int = 400) -> np.ndarray:
        """Return points ``(n, 2)`` of the bound as a curve to plot, the first objective increasing.

        There are at most ``count`` points, closer together near the ideal value of the first objective.

        Raises:
            ObjectiveError: there are three objectives.
        """
        if len(self.box[0]) != 2:
            raise ObjectiveError(f"expected two objectives for a curve, got {len(self.box[0])}")
        steep, even = np.geomspace(1e-7, 1.0, count // 2), np.linspace(0.0, 1.0, count - count // 2)
        first = np.union1d(steep, even)
        _, lines, corners = self._in_unit_square()
        points = np.stack([first, _border(first, lines, corners)], axis=1)
        falling = points[np.r_[True, np.diff(points[:, 1]) < 0]]
        low, high = self.box
        return np.asarray(low + falling * (high - low))

    def _in_unit_square(self) -> tuple[float, np.ndarray, np.ndarray]:
        """Return the least first value, heights and negated slopes of lines ``(2, n)``, and corners."""
        low, high = self.box
        weights, lower = self.weights * (high - low), self.lower_bounds - self.weights @ low
        upright = weights[:, 1] <= 0
        start = (lower[upright] / weights[upright, 0]).max(initial=0.0)
        lines = np.stack([lower[~upright], weights[~upright, 0]]) / weights[~upright, 1]
        corners = np.zeros((1, 2)) if self.corners is None else (self.corners - low) / (high - low)
        return min(float(start), 1.0), lines, corners

    @property
    def _is_flat(self) -> bool:
        low, high = self.box
        return bool((high <= low).any())

    def _hypervolume(self, F: np.ndarray) -> float:
        low, high = self.box
        if np.size(F) == 0 or self._is_flat:
            return 0.0
        points = np.atleast_2d(np.asarray(F, dtype=float))
        if points.ndim != 2 or points.shape[1] != len(low) or np.isnan(points).any():
            raise ObjectiveError(
                f"expected objective values F of shape (n, {len(low)}) without NaN, got shape {points.shape}"
            )
        return float(moocore.hypervolume((points - low) / (high - low), ref=np.ones(len(low))))


def _area_below(start: float, lines: np.ndarray, corners: np.ndarray) -> float:
    """Compute the area of the unit square that is before ``start``, below a line, or above no corner."""
    heights, slopes = lines
    # Horizontal lines: the edges of the square, and the heights of the corners.
    levels = np.unique(np.r_[0.0, np.clip(corners[:, 1], 0.0, 1.0), 1.0])
    with np.errstate(divide="ignore", invalid="ignore"):
        crossings = (heights[:, None] - heights) / (slopes[:, None] - slopes)
        at_levels = (heights[:, None] - levels) / slopes[:, None]
    ends = np.r_[crossings.ravel(), at_levels.ravel(), corners[:, 0]]
    ends = np.unique(np.r_[start, 1.0, ends[(ends > start) & (ends < 1.0)]])
    # Between two ends the border is a straight line, so that its mean is its value in the middle.
    return start + float(_border((ends[1:] + ends[:-1]) / 2, lines, corners) @ np.diff(ends))


def _border(first: np.ndarray, lines: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Return the least second value ``(n,)`` in [0, 1] that lines and corners allow at a first value."""
    heights, slopes = lines
    above_lines = (heights[:, None] - slopes[:, None] * first).max(axis=0, initial=0.0)
    return np.asarray(np.clip(np.maximum(above_lines, _least_second(corners, first)), 0.0, 1.0))


def _least_second(corners: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return the least second value ``(n,)`` that a corner allows at a first value; 1 if there is none."""
    order = np.argsort(corners[:, 0], kind="stable")
    least = np.minimum.accumulate(np.r_[1.0, corners[order, 1]])
    return np.asarray(least[np.searchsorted(corners[order, 0], first, side="right")])
