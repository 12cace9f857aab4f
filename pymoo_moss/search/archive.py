"""The non-dominated points found so far, thinned by hypervolume."""

import moocore
import numpy as np
from pymoo.core.population import Population
from pymoo.operators.survival.rank_and_crowding.metrics import calc_crowding_distance
from pymoo.util.nds.non_dominated_sorting import find_non_dominated

from ..bounds import most_valuable, non_dominated

_MOST_OBJECTIVES = 3
"""Most objectives with which points are valued by hypervolume; crowding distance costs less with more."""
_REMOVED_AT_ONCE = 0.1
"""Share of the surplus that is removed before contributions are computed again, with three objectives."""


def least_infeasible(population: Population) -> Population:
    """Return the feasible members; where there are none, those that violate the constraints least."""
    if not len(population):
        return population
    violation = population.get("CV").reshape(-1).astype(float)
    return population[violation <= max(float(violation.min()), 0.0)]


class FrontArchive:
    """Keeps the points of a front that are worth most.

    Args:
        size: the most points of the front.
        spare: how many times as many are kept, because the most valuable ones of many are better than those
            that are left when points are removed as soon as there are too many.

    Attributes:
        box: of the hypervolume, its best values ``(m,)`` and their distances to the reference point; the unit
            cube at first.
        population: all points that are kept.
        front: the ``size`` most valuable of them.
    """

    def __init__(self, size: int, spare: int = 4) -> None:
        self.size, self._spare = size, spare
        self.box = np.zeros(1), np.ones(1)
        self.population = Population.empty()
        self.front = Population.empty()

    def normalised(self, F: np.ndarray) -> np.ndarray:
        """Return values ``(n, m)`` as shares of the box."""
        low, extent = self.box
        return np.asarray((F - low) / extent)

    def add(self, candidates: Population) -> None:
        """Add evaluated candidates; drop dominated points, then those that contribute least hypervolume.

        A feasible point dominates every infeasible one; without any, the least infeasible ones stay. The
        hypervolume of the front never decreases, unless the first feasible point replaces infeasible ones.
        """
        merged = least_infeasible(Population.merge(self.population, candidates))
        F = self.normalised(merged.get("F"))
        front = non_dominated_points(F)
        kept = front[most_valuable_points(F[front], self._spare * self.size)]
        self.population, F = merged[kept], F[kept]
        best = most_valuable_points(F, self.size)
        # Points that contribute least, taken away one by one, are not always those that are worth least.
        is_more_feasible = len(self.front) == 0 or self.front[0].CV[0] > merged[0].CV[0]
        if is_more_feasible or _hypervolume(F[best]) >= self.hypervolume():
            self.front = self.population[best]

    def best(self, count: int) -> Population:
        """Return the most valuable points, no more than ``count``."""
        if not len(self.population):
            return self.population
        F = self.normalised(self.population.get("F"))
        return self.population[most_valuable_points(F, count)]

    def among(self, candidates: Population) -> Population:
        """Return those of the candidates that are kept."""
        kept = {id(one) for one in self.population}
        return Population.create(*(one for one in candidates if id(one) in kept))

    def hypervolume(self) -> float:
        """Return the hypervolume of the front, as a share of the box."""
        return _hypervolume(self.normalised(self.front.get("F"))) if len(self.front) else 0.0


def _hypervolume(F: np.ndarray) -> float:
    inside = F[(F < 1.0).all(axis=1)]
    return float(moocore.hypervolume(inside, ref=np.ones(F.shape[1]))) if len(inside) else 0.0


def non_dominated_points(F: np.ndarray) -> np.ndarray:
    """Return indices of the distinct non-dominated points of ``F (n, m)``; of two objectives, in order."""
    if F.shape[1] == 2:
        return non_dominated(F)
    _, distinct = np.unique(F, axis=0, return_index=True)
    return np.asarray(distinct[find_non_dominated(F[distinct])])


def most_valuable_points(F: np.ndarray, count: int) -> np.ndarray:
    """Return indices of at most ``count`` points of a front ``F (n, m)`` that keep most of its hypervolume.

    See `most_valuable`. With more than three objectives, the least crowded points.
    """
    if F.shape[1] == 2 or len(F) <= count:
        return most_valuable(F, count) if F.shape[1] == 2 else np.arange(len(F))
    if F.shape[1] > _MOST_OBJECTIVES:
        return np.sort(np.argsort(-calc_crowding_distance(F), kind="stable")[:count])
    kept = np.arange(len(F))
    while len(kept) > count:
        contributions = moocore.hv_contributions(F[kept], ref=np.full(F.shape[1], 1.0))
        # The best points of each objective are removed last.
        contributions[F[kept].argmin(axis=0)] = np.inf
        surplus = len(kept) - count
        removed = np.argsort(contributions, kind="stable")[: max(1, int(_REMOVED_AT_ONCE * surplus))]
        kept = np.delete(kept, removed)
    return kept
