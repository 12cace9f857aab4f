"""`HybridAlgorithm`: gradient seeding, then any pymoo population algorithm."""

import copy
from typing import Any

from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.algorithm import Algorithm
from pymoo.core.population import Population
from pymoo.core.problem import Problem
from pymoo.core.sampling import Sampling
from pymoo.util.display.multi import MultiObjectiveOutput

from ..errors import OptionError
from .duplicates import ExactDuplicateElimination
from .sampling import GradientSeedSampling


class HybridAlgorithm(Algorithm):  # type: ignore[misc]
    """Seeds a population by gradient descent and hands it to a population algorithm.

    Works with any termination; what the seeding spends is part of the count of evaluations.

    Args:
        algorithm: a pymoo algorithm with an initial population; NSGA-II with 100 masks by default.
        seeding: the sampling of that population; by default `GradientSeedSampling` with a ramp of
            constant levels as its fill.
        **kwargs: options of every pymoo algorithm, ``output`` for one.

    Raises:
        OptionError: the algorithm takes no initial population.
    """

    def __init__(
        self, algorithm: Algorithm | None = None, seeding: Sampling | None = None, **kwargs: Any
    ) -> None:
        kwargs.setdefault("output", MultiObjectiveOutput())
        super().__init__(**kwargs)
        if algorithm is None:
            algorithm = NSGA2(pop_size=100, eliminate_duplicates=ExactDuplicateElimination())
        self.algorithm = algorithm
        self.seeding = GradientSeedSampling(fill="ramp") if seeding is None else seeding
        if not hasattr(getattr(self.algorithm, "initialization", self.algorithm), "sampling"):
            raise OptionError(
                "expected a population algorithm with an initial population, "
                f"got {type(self.algorithm).__name__}"
            )

    def _setup(self, problem: Problem, **kwargs: Any) -> None:
        inner = copy.deepcopy(self.algorithm)
        # Some algorithms plan by the termination, so they get one; the run ends by its own.
        inner.setup(problem, termination=copy.deepcopy(self.termination), evaluator=self.evaluator)
        inner.random_state = self.random_state
        self.algorithm = inner

    def _initialize_infill(self) -> Population:
        seeds = self.seeding(
            self.problem, self.algorithm.pop_size, random_state=self.random_state, algorithm=self
        )
        owner = getattr(self.algorithm, "initialization", self.algorithm)
        owner.sampling = _Given(seeds)
        infills = self.algorithm.infill()
        owner.sampling = self.seeding
        return infills

    def _initialize_advance(self, infills: Population | None = None, **kwargs: Any) -> None:
        self._advance(infills, **kwargs)

    def _infill(self) -> Population | None:
        infills = self.algorithm.infill()
        if self.algorithm.termination.force_termination:
            self.termination.terminate()
        return infills

    def _advance(self, infills: Population | None = None, **kwargs: Any) -> bool:
        generation = self.algorithm.n_iter
        self.algorithm.advance(infills=infills, **kwargs)
        self.pop = self.algorithm.pop
        # Some algorithms complete a generation only after several steps; theirs is ours.
        return bool(self.algorithm.n_iter != generation)

    def _set_optimum(self) -> None:
        self.opt = self.algorithm.opt


class _Given(Sampling):  # type: ignore[misc]
    """A population that is there already."""

    def __init__(self, population: Population) -> None:
        super().__init__()
        self._population = population

    def do(self, problem: Problem, n_samples: int, *args: Any, **kwargs: Any) -> Population:
        return self._population
