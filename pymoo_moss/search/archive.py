"""The non-dominated points found so far, thinned by hypervolume: two objectives."""

import numpy as np
from pymoo.core.population import Population

from ..bounds import most_valuable, non_dominated


def least_infeasible(population: Population) -> Population:
    """Return the feasible members; where there are none, those that violate the constraints least."""
    violation = population.get("CV").reshape(-1).astype(float)
    return (
        population[violation <= max(float(violation.min(initial=np.inf)), 0.0)]
        if len(population)
        else population
    )


class FrontArchive:
    """Keeps the points of a front that are worth most.

    Args:
        size: the most that it holds.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self.population = Population.empty()

    def add(self, candidates: Population) -> None:
        """Add evaluated candidates; drop dominated points, then those that contribute least hypervolume.

        A feasible point dominates every infeasible one; without any, the least infeasible ones stay.
        """
        merged = least_infeasible(Population.merge(self.population, candidates))
        F = merged.get("F")
        front = non_dominated(F)
        self.population = merged[front[most_valuable(F[front], self._size)]]

    def best(self, count: int) -> Population:
        """Return the most valuable points, no more than ``count``."""
        return self.population[most_valuable(self.population.get("F"), count)]
