"""The non-dominated points found so far, thinned by hypervolume."""

import moocore
import numpy as np
from pymoo.core.population import Population

from ..bounds import most_valuable_points, non_dominated_points

_SPARE = 400
"""Points that are kept beyond those of the front: the most valuable ones of many are better than those that
are left when points are removed as soon as there are too many."""


class FrontArchive:
    """Keeps the points of a front that are worth most.

    Args:
        size: the most points of the front.

    Attributes:
        box: of the hypervolume, its best values ``(m,)`` and their distances to the reference point; the unit
            cube at first.
        population: all points that are kept.
        F: ``(n, m)`` their values.
        front: the ``size`` most valuable of them.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.box = np.zeros(1), np.ones(1)
        self.population = self.front = Population.empty()
        self.F = self._front_F = np.empty((0, 1))
        self._violation = np.inf

    def normalised(self, F: np.ndarray) -> np.ndarray:
        """Return values ``(n, m)`` as shares of the box."""
        low, extent = self.box
        return np.asarray((F - low) / extent)

    def add(self, candidates: Population) -> None:
        """Add evaluated candidates; drop dominated points, then those that contribute least hypervolume.

        A feasible point dominates every infeasible one; without any, the least infeasible ones stay. The
        hypervolume of the front never decreases, unless the first feasible point replaces infeasible ones.
        """
        if not len(candidates):
            return
        is_more_feasible, candidates = self._least_infeasible(candidates)
        if is_more_feasible:
            merged, values = candidates, candidates.get("F")
        else:
            merged = Population.merge(self.population, candidates)
            values = np.vstack([self.F, candidates.get("F").reshape(-1, self.F.shape[1])])
        F = self.normalised(values)
        front = non_dominated_points(F)
        kept = front[most_valuable_points(F[front], self.size + _SPARE)]
        self.population, self.F, F = merged[kept], values[kept], F[kept]
        best = most_valuable_points(F, self.size)
        # Points that contribute least, taken away one by one, are not always those that are worth least.
        if is_more_feasible or _hypervolume(F[best]) >= self.hypervolume():
            self.front, self._front_F = self.population[best], self.F[best]

    def _least_infeasible(self, candidates: Population) -> tuple[bool, Population]:
        """Return whether any violates constraints less than all points before, and those that do so least."""
        violations = candidates.get("CV").reshape(-1).astype(float)
        before = self._violation
        self._violation = min(before, max(float(violations.min()), 0.0))
        return self._violation < before, candidates[violations <= self._violation]

    def best(self, count: int) -> Population:
        """Return the most valuable points, no more than ``count``."""
        if not len(self.population):
            return self.population
        return self.population[most_valuable_points(self.normalised(self.F), count)]

    def among(self, candidates: Population) -> Population:
        """Return those of the candidates that are kept."""
        kept = {id(one) for one in self.population}
        return Population.create(*(one for one in candidates if id(one) in kept))

    def hypervolume(self) -> float:
        """Return the hypervolume of the front, as a share of the box."""
        return _hypervolume(self.normalised(self._front_F)) if len(self.front) else 0.0


def _hypervolume(F: np.ndarray) -> float:
    inside = F[(F < 1.0).all(axis=1)]
    return float(moocore.hypervolume(inside, ref=np.ones(F.shape[1]))) if len(inside) else 0.0
