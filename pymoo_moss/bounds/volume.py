"""The part of the unit cube that lies above planes, and an upper bound of its volume."""

from typing import NamedTuple

import numpy as np

_START = 16
"""Cells along either axis to begin with."""
_ENOUGH = 1e-5
"""Difference between upper and lower bound at which no more cells are divided."""
_MOST_CELLS = 60_000
_AT_ONCE = 4096
"""Points at which all planes are evaluated at once."""
_ROUNDINGS = 16 * 2.0**-53
"""Bound of the rounding errors in a plane's height, relative to the sum of magnitudes of its terms."""
_OF_SUMS = 1e-12
"""Bound of the rounding errors in sums of areas times heights, of at most `_MOST_CELLS` terms up to 1."""


class VolumeAbove(NamedTuple):
    """Bounds of the volume of the part of the unit cube that lies above planes.

    Attributes:
        upper: no less than the exact volume, rounding included.
        error: largest difference between the two.
        faces: ``(n,)`` by how much the volume falls per unit by which a plane's lower bound rises.
    """

    upper: float
    error: float
    faces: np.ndarray


def volume_above(weights: np.ndarray, lower_bounds: np.ndarray) -> VolumeAbove:
    """Bound the volume of ``{f in [0, 1]^3: weights @ f >= lower_bounds}`` from above.

    The border of that set is a function of two of the coordinates, the greatest height of a plane, and is
    convex. By Jensen's inequality its mean over a cell is no less than its value at the cell's centre, and by
    that of Hermite and Hadamard no more than the mean of its values at the corners. Cells are divided where
    these two differ most. So the bound holds for any cells, and needs no vertices of the polytope.

    Args:
        weights: ``(n, 3)``, not negative.
        lower_bounds: ``(n,)``.
    """
    upward = _upward(weights)
    others = [axis for axis in range(3) if axis != upward]
    planes = _Planes(weights[:, others], weights[:, upward], lower_bounds)
    ends = np.linspace(0.0, 1.0, _START + 1)
    low = np.stack(np.meshgrid(ends[:-1], ends[:-1], indexing="ij"), axis=2).reshape(-1, 2)
    cells = _Cells.of(planes, low, np.full_like(low, 1.0 / _START))
    while cells.errors.sum() > _ENOUGH and len(cells.low) < _MOST_CELLS:
        worst = np.argsort(-cells.errors)
        # Those that hold nearly all of the error, and no more than would fit.
        holding = 1 + int(np.searchsorted(np.cumsum(cells.errors[worst]), 0.9 * cells.errors.sum()))
        divided = worst[: min(holding, (_MOST_CELLS - len(cells.low)) // 3 + 1)]
        cells = cells.without(divided).joined(_Cells.of(planes, *_quarters(cells, divided)))
    under, error = float(cells.under.sum()), float(cells.errors.sum())
    faces = np.zeros(len(weights))
    np.add.at(faces, cells.highest[cells.highest >= 0], cells.sizes.prod(axis=1)[cells.highest >= 0])
    heights = weights[:, upward]
    faces = np.divide(faces, heights, out=np.zeros_like(faces), where=heights > 0)
    return VolumeAbove(min(1.0 - under + _OF_SUMS, 1.0), error + 2 * _OF_SUMS, faces)


def _upward(weights: np.ndarray) -> int:
    """Choose the coordinate along which no plane is much steeper than need be."""
    if not len(weights):
        return 0
    shares = weights / np.maximum(weights.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    return int(shares.min(axis=0).argmax())


class _Planes:
    """Heights of planes above points ``(x, y)`` of the unit square."""

    def __init__(self, across: np.ndarray, up: np.ndarray, lower: np.ndarray) -> None:
        # Lowered by more than what evaluating them may add.
        lower = lower - _ROUNDINGS * (np.abs(lower) + across.sum(axis=1) + up)
        self._tilted = up > 0
        self._across, self._lower = across[self._tilted], lower[self._tilted]
        self._up = up[self._tilted]
        self._upright = across[~self._tilted], lower[~self._tilted]

    def heights(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the greatest height ``(n,)`` at points ``(n, 2)``, at least 0, and its plane; -1 for none.

        It is infinite where an upright plane leaves nothing.
        """
        highest, which = np.zeros(len(points)), np.full(len(points), -1)
        numbers = np.flatnonzero(self._tilted)
        for start in range(0, len(points), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            if len(numbers):
                heights = (self._lower - points[part] @ self._across.T) / self._up
                best = heights.argmax(axis=1)
                found = heights[np.arange(len(best)), best]
                highest[part] = np.maximum(found, 0.0)
                which[part] = np.where(found > 0, numbers[best], -1)
            across, lower = self._upright
            beyond = (points[part] @ across.T < lower).any(axis=1)
            highest[part][beyond] = np.inf
        return highest, which


class _Cells(NamedTuple):
    """Rectangles of the unit square.

    Attributes:
        low: ``(n, 2)`` their least corners.
        sizes: ``(n, 2)`` their sides.
        under: ``(n,)`` lower bounds of the volume under the border.
        errors: ``(n,)`` by how much these may be too small.
        highest: ``(n,)`` the plane that is the border at the centre; -1 where none is within the cube.
    """

    low: np.ndarray
    sizes: np.ndarray
    under: np.ndarray
    errors: np.ndarray
    highest: np.ndarray

    @classmethod
    def of(cls, planes: _Planes, low: np.ndarray, sizes: np.ndarray) -> "_Cells":
        """Evaluate the border of rectangles."""
        corners = [low + sizes * np.array([right, upper]) for right in (0, 1) for upper in (0, 1)]
        heights = [planes.heights(corner)[0] for corner in corners]
        centre, highest = planes.heights(low + sizes / 2)
        # The border falls along both axes. Above the cube it is cut off, and then no longer convex: its least
        # value in the cell takes the place of that at the centre.
        least = np.where(heights[0] <= 1.0, centre, np.minimum(heights[3], 1.0))
        most = np.where(heights[0] <= 1.0, sum(heights) / 4, 1.0)
        highest = np.where(centre < 1.0, highest, -1)
        areas = sizes.prod(axis=1)
        return cls(low, sizes, least * areas, np.maximum(most - least, 0.0) * areas, highest)

    def without(self, rows: np.ndarray) -> "_Cells":
        return _Cells(*(np.delete(one, rows, axis=0) for one in self))

    def joined(self, other: "_Cells") -> "_Cells":
        return _Cells(*(np.concatenate(pair) for pair in zip(self, other, strict=True)))


def _quarters(cells: _Cells, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return least corners and sides of the quarters of some cells."""
    half = cells.sizes[rows] / 2
    low = [cells.low[rows] + half * np.array([right, upper]) for right in (0, 1) for upper in (0, 1)]
    return np.vstack(low), np.tile(half, (4, 1))
