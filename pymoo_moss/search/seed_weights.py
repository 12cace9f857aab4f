"""What gradient seeds weigh the objectives with: the notebook's schedule, and one that follows the front."""

import numpy as np

from ..bounds import even_trade_offs, spread_trade_offs
from ..problem import MOSSProblem

_UNIT = np.ones(2)
"""Extent of normalised objectives."""


def notebook_weights(problem: MOSSProblem, n_seeds: int, power: float, visual_boost: float) -> np.ndarray:
    """Weights ``(n_seeds, n_obj)`` from all picture to all sound, shared within either kind of objective."""
    visual_share = ((1 - np.linspace(0.0, 1.0, n_seeds)) ** power)[:, None]
    visual, audio = _kinds(problem)
    return np.asarray(visual_boost * visual_share * visual + (1 - visual_share) * audio)


def _kinds(problem: MOSSProblem) -> tuple[np.ndarray, np.ndarray]:
    """What each objective ``(n_obj,)`` counts among the visual ones, and among all others."""
    visual = np.array([objective.least_at == 1.0 for objective in problem.objectives], dtype=float)
    return visual / max(visual.sum(), 1.0), (1 - visual) / max((1 - visual).sum(), 1.0)


class SpreadWeights:
    """Weights that follow the front which seeds find, from picture to sound.

    Args:
        problem: the problem.
        ends: ``(2, n_obj)`` values at X = 1 and X = 0.
        count: number of seeds.

    Attributes:
        weights: ``(count, n_obj)``, changed in place by `adapt`.
    """

    def __init__(self, problem: MOSSProblem, ends: np.ndarray, count: int) -> None:
        self._low = ends.min(axis=0)
        self._extent = np.ptp(ends, axis=0)
        self._extent[self._extent == 0] = 1.0
        self._kinds = _kinds(problem)
        self.weights = np.empty((count, problem.n_obj))
        self._trade_offs = spread_trade_offs(count, _UNIT)
        self._weigh()

    def adapt(self, values: np.ndarray) -> None:
        """Move the weights, given the seeds' values ``(count, n_obj)``."""
        normalised = (values - self._low) / self._extent
        points = np.stack([normalised @ kind for kind in self._kinds], axis=1)
        self._trade_offs = even_trade_offs(self._trade_offs, points[::-1], _UNIT)
        self._weigh()

    def _weigh(self) -> None:
        visual, audio = self._kinds
        picture_first = self._trade_offs[::-1, None]
        weights = (picture_first * visual + audio) / self._extent
        self.weights[:] = weights / weights.max(axis=1, keepdims=True)
