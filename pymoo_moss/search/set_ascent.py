"""`SetAscent`: a set of masks that descend together and increase the hypervolume of all that they pass."""

from typing import ClassVar

import numpy as np
from pymoo.core.algorithm import Algorithm
from pymoo.core.population import Population
from pymoo.core.problem import Problem

from .adam import Found
from .archive import FrontArchive
from .budget import affordable_after, count_step, holds_step, population_of
from .exchange import improved_by_regions, neighbours, proposed
from .hypervolume_gradient import hypervolume_weights
from .problem_protocol import ends_of, grid_of, reference_box
from .slopes import Slopes, Steps, steps_of

_STEPS_BEFORE_EXCHANGE = 3
"""Steps that masks take first, because regions say nothing before the masks differ."""
_REACH = 3
"""Farthest neighbour on either side whose regions a mask may take in a step."""
_PROPOSED_REACH = 2
"""Farthest neighbour on either side whose regions are proposed."""
_SMOOTHING = 0.5
"""Weight of the logarithms of former weights in new ones, because neighbours move at the same time."""


class SetAscent:
    """Descends with a set of masks, each weighted by its own gradient of the set's hypervolume.

    It evaluates the ends of the front first, and then works in two ways. `ascend` takes steps with all
    masks of the set from where the last one has ended. `refine` takes up the most valuable points of all that were
    evaluated: regions are exchanged between neighbours, those exchanges that promise most are evaluated,
    and then all points take some steps without moving along the front. In either, before every step,
    each mask takes the regions from one of its neighbours that lower its weighted sum.

    Constraints: gradients ignore them; after each step, masks that violate them go half of the way back to the
    nearest feasible point of the archive.

    Args:
        problem: with gradients; any number of objectives from two.
        n_masks: masks of the set.
        archive_size: points of the front that are kept.

    Attributes:
        archive: of all points that were evaluated.
        ends: ``(2, m)`` values of the ends of the front.
    """

    checkpoint_exclude: ClassVar[frozenset[str]] = frozenset({"_steps", "_problem"})

    def __init__(self, problem: Problem, n_masks: int, archive_size: int) -> None:
        self._problem, self._n_masks = problem, n_masks
        self._steps: Steps = steps_of(problem)
        self._grid = grid_of(problem)
        self.archive = FrontArchive(archive_size)
        self.ends = np.empty((0, problem.n_obj))
        self._low, self._extent = np.zeros(problem.n_obj), np.ones(problem.n_obj)
        self._masks = np.empty((0, problem.n_var))
        self._logs = np.empty((0, problem.n_obj))
        self._taken = 0

    @property
    def has_started(self) -> bool:
        """Whether the ends have been evaluated."""
        return bool(len(self.ends))

    def hypervolume(self) -> float:
        """Return the hypervolume of the archive's front, as a share of the box that it is measured in."""
        return self.archive.hypervolume(self._low, self._extent)

    def keep(self, population: Population) -> None:
        """Add evaluated points to the archive."""
        self.archive.add(population, self._low, self._extent)

    def ascend(self, algorithm: Algorithm, steps: int) -> Population:
        """Evaluate the ends, if they have not been, and take steps with the set of masks.

        Args:
            algorithm: whose evaluator, budget, callback and random numbers are used. Where a step
                does not fit into its budget, the run ends, with as many of the masks evaluated as fit.
            steps: most steps.

        Returns:
            All masks that were evaluated; they are in the archive.
        """
        found = [] if self.has_started else self._started(algorithm)
        for _ in range(steps):
            if not holds_step(algorithm, len(self._masks)):
                found.append(self._evaluated(algorithm, affordable_after(algorithm, self._masks)))
                break
            slopes, population = self._step_evaluated(algorithm, self._masks)
            found.append(population)
            self._taken += 1
            weights = self._smoothed(slopes.F)
            if self._taken > _STEPS_BEFORE_EXCHANGE:
                slopes = self._with_regions_of_neighbours(algorithm, slopes, weights)
            masks = self._steps.stepped(slopes, weights, self._taken)
            self._masks = self._returned(masks, population)
        return self._kept(found)

    def refine(self, algorithm: Algorithm, n_masks: int, steps: int) -> Population:
        """Improve the most valuable points by exchanges of regions and by steps.

        Args:
            algorithm: as in `ascend`.
            n_masks: most points that are improved.
            steps: most steps.

        Returns:
            All masks that were evaluated; they are in the archive.
        """
        masks = self._most_valuable(n_masks)
        found: list[Population] = []
        for number in range(steps if len(masks) else 0):
            if not holds_step(algorithm, len(masks)):
                found.append(self._evaluated(algorithm, affordable_after(algorithm, masks)))
                break
            slopes, population = self._step_evaluated(algorithm, masks)
            found.append(population)
            if number == 0:
                found.append(self._exchanged(algorithm, slopes, n_masks))
            weights = self._weights(slopes.F)
            slopes = self._with_regions_of_neighbours(algorithm, slopes, weights)
            masks = self._returned(self._steps.stepped_along(slopes, weights, self._taken + number), population)
        return self._kept(found)

    def _started(self, algorithm: Algorithm) -> list[Population]:
        """Evaluate the ends, and make the masks of the set."""
        ends = self._evaluated(algorithm, ends_of(self._problem))
        self.ends = ends.get("F")
        self._low, self._extent = reference_box(self._problem, self.ends)
        if not self._n_masks:
            return [ends]
        if not holds_step(algorithm, 1):
            return [ends]
        self._masks, origin = self._steps.start(self._n_masks, self._extent)
        if origin is None:
            return [ends]
        count_step(algorithm, len(origin.X), np.vstack([self.ends, origin.F]))
        return [ends, self._evaluated(algorithm, origin.X, origin.F)]

    def _step_evaluated(self, algorithm: Algorithm, masks: np.ndarray) -> tuple[Slopes, Population]:
        slopes = self._steps.slopes(masks)
        known = self.archive.front.get("F").reshape(-1, self._problem.n_obj)
        count_step(algorithm, len(masks), np.vstack([known, slopes.F]))
        return slopes, self._evaluated(algorithm, masks, slopes.F)

    def _evaluated(self, algorithm: Algorithm, X: np.ndarray, F: np.ndarray | None = None) -> Population:
        population = population_of(Found(X, F), self._problem)
        algorithm.evaluator.eval(self._problem, population, algorithm=algorithm)
        return population

    def _kept(self, found: list[Population]) -> Population:
        population = Population.create(*(one for part in found for one in part))
        if len(population):
            self.keep(population)
        return population

    def _normalised(self, F: np.ndarray) -> np.ndarray:
        return np.asarray((F - self._low) / self._extent)

    def _weights(self, F: np.ndarray) -> np.ndarray:
        return np.asarray(hypervolume_weights(self._normalised(F)) / self._extent)

    def _smoothed(self, F: np.ndarray) -> np.ndarray:
        logs = np.log(self._weights(F))
        if len(self._logs) == len(logs):
            logs = _SMOOTHING * self._logs + (1 - _SMOOTHING) * logs
        self._logs = logs
        return np.exp(logs)

    def _with_regions_of_neighbours(self, algorithm: Algorithm, slopes: Slopes, weights: np.ndarray) -> Slopes:
        near = neighbours(self._normalised(slopes.F), _REACH)
        chosen = algorithm.random_state.integers(near.shape[1], size=len(near))
        return improved_by_regions(slopes, weights, near[np.arange(len(near)), chosen], self._grid)

    def _exchanged(self, algorithm: Algorithm, slopes: Slopes, count: int) -> Population:
        near = neighbours(self._normalised(slopes.F), _PROPOSED_REACH)
        pairs = np.array([(one, other) for one, row in enumerate(near) for other in row if one != other])
        front = self.archive.population.get("F").reshape(-1, self._problem.n_obj)
        masks = proposed(slopes, pairs, self._grid, front, (self._low, self._extent), count)
        if not len(masks):
            return Population.empty()
        return self._evaluated(algorithm, affordable_after(algorithm, masks))

    def _most_valuable(self, count: int) -> np.ndarray:
        """Return at most ``count`` masks of the archive, without the ends of the front."""
        X = self.archive.best(count + len(self.ends), self._low, self._extent).get("X")
        if not len(X):
            return np.empty((0, self._problem.n_var))
        is_end = (X[:, None] == ends_of(self._problem)).all(axis=2).any(axis=1)
        return np.asarray(X[~is_end][:count])

    def _returned(self, masks: np.ndarray, before: Population) -> np.ndarray:
        """Move masks whose forerunners were infeasible towards feasible points."""
        if not self._problem.has_constraints():
            return masks
        infeasible = before.get("CV").reshape(-1) > 0
        known = Population.merge(self.archive.population, before)
        feasible = known[known.get("CV").reshape(-1) <= 0]
        if not infeasible.any() or not len(feasible):
            return masks
        distances = np.linalg.norm(
            self._normalised(before[infeasible].get("F"))[:, None] - self._normalised(feasible.get("F")), axis=2
        )
        nearest = feasible[distances.argmin(axis=1)].get("X")
        masks[infeasible] = (before[infeasible].get("X") + nearest) / 2
        return masks
