"""Weights of the objectives for gradient seeds: the notebook's schedule, and one that follows the front."""

from collections.abc import Sequence
from math import comb

import numpy as np
from pymoo.util.ref_dirs import get_reference_directions

from ..bounds import even_trade_offs, spread_trade_offs
from ..objectives import Side

_UNIT = np.ones(2)
"""Extent of normalised objectives."""


def notebook_weights(
    sides: Sequence[Side | None], extent: np.ndarray, n_seeds: int, power: float, visual_boost: float
) -> np.ndarray:
    """Return weights ``(n_seeds, n_obj)`` from all picture to all sound, shared within either side.

    Args:
        sides: of the objectives. If one of the two has none, the weights are those of `simplex_weights`.
        extent: ``(n_obj,)`` of the objectives between the ends of the front.
        n_seeds: number of seeds.
        power: exponent of the picture's share; above 1 the weights bunch at the sound's end.
        visual_boost: factor on the picture's objectives.
    """
    both = _both_sides(sides)
    if both is None:
        return simplex_weights(n_seeds, extent)
    picture, sound = both
    share = ((1 - np.linspace(0.0, 1.0, n_seeds)) ** power)[:, None]
    return np.asarray(visual_boost * share * picture + (1 - share) * sound)


def simplex_weights(count: int, extent: np.ndarray) -> np.ndarray:
    """Return weights ``(count, n_obj)`` of normalised objectives, spread evenly over the simplex."""
    n_obj, partitions = len(extent), 1
    if n_obj == 1:
        return np.asarray(np.ones((count, 1)) / extent)
    while comb(partitions + n_obj - 1, n_obj - 1) < count:
        partitions += 1
    points = get_reference_directions("das-dennis", n_obj, n_partitions=partitions)
    chosen = np.linspace(0, len(points) - 1, count).round().astype(int)
    return np.asarray(points[chosen] / extent)


def _both_sides(sides: Sequence[Side | None]) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the share ``(n_obj,)`` of each objective in its side; None where a side has no objective.

    Objectives of neither side count as the sound's, where the picture has some.
    """
    if not {"picture", "sound"} <= set(sides):
        return None
    picture = np.array([side == "picture" for side in sides], dtype=float)
    return picture / picture.sum(), (1 - picture) / (1 - picture).sum()


class SpreadWeights:
    """Weights that follow the front which seeds find, from picture to sound.

    If one of the two sides has no objective, the weights are those of `simplex_weights`, and stay.

    Args:
        sides: of the objectives.
        low: ``(n_obj,)`` their least values.
        extent: ``(n_obj,)`` their extent between the ends of the front.
        count: number of seeds.

    Attributes:
        weights: ``(count, n_obj)``, changed in place by `adapt`.
    """

    def __init__(self, sides: Sequence[Side | None], low: np.ndarray, extent: np.ndarray, count: int) -> None:
        self._low, self._extent = low, extent
        self._sides = _both_sides(sides)
        self.weights = np.empty((count, len(sides)))
        self._trade_offs = spread_trade_offs(count, _UNIT)
        self._weigh()

    def adapt(self, values: np.ndarray) -> None:
        """Move the weights, given the seeds' values ``(count, n_obj)``."""
        if self._sides is None:
            return
        normalised = (values - self._low) / self._extent
        points = np.stack([normalised @ share for share in self._sides], axis=1)
        self._trade_offs = even_trade_offs(self._trade_offs, points[::-1], _UNIT)
        self._weigh()

    def _weigh(self) -> None:
        if self._sides is None:
            weights = simplex_weights(len(self.weights), self._extent)
        else:
            picture, sound = self._sides
            picture_first = self._trade_offs[::-1, None]
            weights = (picture_first * picture + sound) / self._extent
        self.weights[:] = weights / weights.max(axis=1, keepdims=True)
