"""The non-dominated points found so far, thinned by hypervolume: two objectives."""

from pymoo.core.population import Population

from ..bounds import most_valuable, non_dominated


class FrontArchive:
    """Keeps the points of a front that are worth most.

    Args:
        size: the most that it holds.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self.population = Population.empty()

    def add(self, candidates: Population) -> None:
        """Take in evaluated candidates, and let go of what they dominate and of what is worth least."""
        merged = Population.merge(self.population, candidates)
        F = merged.get("F")
        front = non_dominated(F)
        self.population = merged[front[most_valuable(F[front], self._size)]]

    def best(self, count: int) -> Population:
        """The most valuable points, no more than ``count``."""
        return self.population[most_valuable(self.population.get("F"), count)]
