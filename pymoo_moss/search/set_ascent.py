"""`SetAscent`: a set of masks that descend together and increase the hypervolume of all that they pass."""

from typing import ClassVar

import numpy as np
from pymoo.core.algorithm import Algorithm
from pymoo.core.population import Population
from pymoo.core.problem import Problem

from .adam import Found, OnStep, keep_going
from .archive import FrontArchive
from .budget import affordable, count_step, holds_step, masks_of_step, population_of, report_values
from .exchange import improved_by_regions, neighbours, proposed
from .hypervolume_gradient import hypervolume_weights
from .problem_protocol import ends_of, grid_of, reference_box
from .slopes import Slopes, Steps, steps_of

_STEPS_AT_ONCE = 5
"""Steps of the set between two looks at what they gain."""
_LESS, _LITTLE = 5e-3, 5e-4
"""Gain of hypervolume of so many steps below which refinements gain as much, and below which the set has come
to its end."""
_LEAST_EXPONENT = 0.4
"""Exponent of late steps; the first has 1, and the n-th ``n ** _DECAY`` if that is more."""
_DECAY = -0.25
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

    It works in two ways. `ascend` takes steps with all masks of the set from where the last one has ended.
    `refine` takes up the most valuable points of all that were evaluated: regions are exchanged between
    neighbours, those exchanges that promise most are evaluated, and then all points take some steps without
    moving along the front. In either, before every step, each mask takes the regions from one of its
    neighbours that lower its weighted sum.

    Constraints: gradients ignore them; after each step, masks that violate them go half of the way back to
    the nearest feasible point of the archive.

    Args:
        problem: with gradients; any number of objectives from two.
        n_masks: masks of the set; 0 for refinement alone.
        archive_size: points of the front that are kept.

    Attributes:
        archive: of all points that were evaluated.
        has_started: whether any point has been evaluated.
        slows: whether the last steps of the set gained less than refinements may.
        stagnates: whether they gained little.
    """

    checkpoint_exclude: ClassVar[frozenset[str]] = frozenset({"_steps", "_problem"})

    def __init__(self, problem: Problem, n_masks: int, archive_size: int) -> None:
        self._problem, self._n_masks = problem, n_masks
        self._steps: Steps = steps_of(problem)
        self._grid = grid_of(problem)
        self.archive = FrontArchive(archive_size)
        self.slows = self.stagnates = False
        self.has_started = False
        self._masks = np.empty((0, problem.n_var))
        self._logs = np.empty((0, problem.n_obj))
        self._taken = 0

    def start_from(self, population: Population) -> None:
        """Begin with evaluated points, which span the box of the hypervolume if the problem has none."""
        self._measure_from(population.get("F"))
        self.archive.add(population)

    def ascend(
        self, algorithm: Algorithm, steps: int = _STEPS_AT_ONCE, on_step: OnStep = keep_going
    ) -> Population:
        """Take steps with the set of masks; first evaluate the ends.

        Args:
            algorithm: whose evaluator, budget, callback and random numbers are used. Where a step
                does not fit into its budget, the run ends.
            steps: most steps.
            on_step: called with every step.

        Returns:
            All masks that were evaluated; they are in the archive.
        """
        before = self.archive.hypervolume()
        found = [] if self.has_started else self._started(algorithm)
        for _ in range(steps if len(self._masks) else 0):
            if not holds_step(algorithm, len(self._masks)):
                break
            slopes = self._steps.slopes(self._masks)
            population = self._counted(algorithm, slopes)
            found.append(population)
            self._taken += 1
            weights = self._smoothed(slopes.F)
            if self._taken > _STEPS_BEFORE_EXCHANGE:
                slopes = self._with_regions_of_neighbours(algorithm, slopes, weights)
            exponent = max(self._taken**_DECAY, _LEAST_EXPONENT)
            self._masks = self._returned(self._steps.stepped(slopes, weights, exponent), population)
            if on_step(self._taken, slopes.F):
                break
        gain = self.archive.hypervolume() - before
        self.slows, self.stagnates = gain < _LESS, gain < _LITTLE
        return _merged(found)

    def refine(
        self, algorithm: Algorithm, n_masks: int | None = None, steps: int | None = None
    ) -> Population:
        """Improve the most valuable points by exchanges of regions and by steps.

        Args:
            algorithm: as in `ascend`.
            n_masks: most points that are improved; None for what suits the problem's steps.
            steps: most steps; None likewise.

        Returns:
            All masks that were evaluated; they are in the archive.
        """
        n_masks = self._steps.refined if n_masks is None else n_masks
        steps = self._steps.refinement_steps if steps is None else steps
        masks = self._most_valuable(masks_of_step(algorithm, n_masks))
        stepped = self._steps.refining(len(masks))
        found: list[Population] = []
        for number in range(steps if len(masks) else 0):
            if not holds_step(algorithm, len(masks)):
                break
            slopes = self._steps.slopes(masks)
            population = self._counted(algorithm, slopes)
            found.append(population)
            if number == 0:
                found.append(self._exchanged(algorithm, slopes, n_masks))
            weights = self._weights(slopes.F)
            slopes = self._with_regions_of_neighbours(algorithm, slopes, weights)
            masks = self._returned(stepped(slopes, weights), population)
        return _merged(found)

    def _measure_from(self, F: np.ndarray) -> None:
        self.has_started = True
        self.archive.box = reference_box(self._problem, F)

    def _started(self, algorithm: Algorithm) -> list[Population]:
        """Evaluate the ends, and make the masks of the set."""
        ends = Population.new(X=ends_of(self._problem))
        algorithm.evaluator.eval(self._problem, ends, algorithm=algorithm)
        self._measure_from(ends.get("F"))
        self._archive_and_report(algorithm, ends)
        if not holds_step(algorithm, 1):
            return [ends]
        self._masks, origin = self._steps.start(self._n_masks, self.archive.box[1])
        return [ends] if origin is None else [ends, self._counted(algorithm, origin)]

    def _counted(self, algorithm: Algorithm, slopes: Slopes) -> Population:
        """Count what has been evaluated with its gradients, and evaluate its constraints."""
        count_step(algorithm, len(slopes.X))
        population = population_of(Found(slopes.X, slopes.F), self._problem)
        algorithm.evaluator.eval(self._problem, population, algorithm=algorithm)
        self._archive_and_report(algorithm, population)
        return population

    def _archive_and_report(self, algorithm: Algorithm, population: Population) -> None:
        self.archive.add(population)
        report_values(algorithm, self.archive.front.get("F"))

    def _weights(self, F: np.ndarray) -> np.ndarray:
        return np.asarray(hypervolume_weights(self.archive.normalised(F)) / self.archive.box[1])

    def _smoothed(self, F: np.ndarray) -> np.ndarray:
        logs = np.log(self._weights(F))
        if len(self._logs) == len(logs):
            logs = _SMOOTHING * self._logs + (1 - _SMOOTHING) * logs
        self._logs = logs
        return np.asarray(np.exp(logs))

    def _with_regions_of_neighbours(
        self, algorithm: Algorithm, slopes: Slopes, weights: np.ndarray
    ) -> Slopes:
        near = neighbours(self.archive.normalised(slopes.F), _REACH)
        chosen = algorithm.random_state.integers(near.shape[1], size=len(near))
        return improved_by_regions(slopes, weights, near[np.arange(len(near)), chosen], self._grid)

    def _exchanged(self, algorithm: Algorithm, slopes: Slopes, count: int) -> Population:
        near = neighbours(self.archive.normalised(slopes.F), _PROPOSED_REACH)
        pairs = np.array([(one, other) for one, row in enumerate(near) for other in row if one != other])
        masks = proposed(slopes, pairs, self._grid, self.archive.F, self.archive.box, count)
        population = Population.new(X=affordable(algorithm, masks))
        algorithm.evaluator.eval(self._problem, population, algorithm=algorithm)
        self._archive_and_report(algorithm, population)
        return population

    def _most_valuable(self, count: int) -> np.ndarray:
        """Return at most ``count`` masks of the archive, without the ends of the front."""
        X = self.archive.best(count + 2).get("X")
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
            self.archive.normalised(before[infeasible].get("F"))[:, None]
            - self.archive.normalised(feasible.get("F")),
            axis=2,
        )
        nearest = feasible[distances.argmin(axis=1)].get("X")
        masks[infeasible] = (before[infeasible].get("X") + nearest) / 2
        return masks


def _merged(populations: list[Population]) -> Population:
    return Population.create(*(one for population in populations for one in population))
