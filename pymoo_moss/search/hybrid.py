"""`HybridAlgorithm`: gradient seeding, any pymoo population algorithm, and gradient refinement in between."""

import copy
import warnings
from typing import Any, ClassVar

import numpy as np
from pymoo.algorithms.moo.sms import SMSEMOA, cv_and_dom_tournament
from pymoo.core.algorithm import Algorithm
from pymoo.core.population import Population
from pymoo.core.problem import Problem
from pymoo.core.sampling import Sampling
from pymoo.operators.selection.tournament import TournamentSelection

from ..errors import OptionError
from .adam import OnStep
from .budget import population_of
from .duplicates import ExactDuplicateElimination
from .front_gaps import insert_survivors, widest_gaps
from .operators import PatchCrossover, SmoothNoiseMutation
from .output import FrontOutput
from .sampling import GradientSeedSampling
from .weighted_descent import WeightedDescent, improved, weighted_descent


class HybridAlgorithm(Algorithm):  # type: ignore[misc]
    """Seeds a population by gradient descent, evolves it, and refines it by gradients every few generations.

    A refinement is a generation of its own: masks between neighbours on the thinnest parts of the front
    descend towards it, and take the places of the members that are worth least. The rest is the population
    algorithm's, unchanged. Works with any termination; every forward pass and every gradient is counted.
    Gradient steps ignore constraints; selection, by pymoo's rules, does not.

    Args:
        algorithm: a pymoo algorithm with an initial population; SMS-EMOA with `PatchCrossover` and
            `SmoothNoiseMutation` by default.
        seeding: the sampling of that population; by default `GradientSeedSampling` with its ``"spread"``
            schedule and a ramp of constant levels as its fill.
        pop_size: masks in the population of the default algorithm; others have their own.
        refine_every: generations of the population algorithm between refinements; 0 for no refinement.
        n_refined: masks refined at once.
        refinement_steps: gradient steps of a refinement.
        steps: the same, by its name in version 0.1.
        **kwargs: options of every pymoo algorithm, ``output`` for one.

    Raises:
        OptionError: the algorithm takes no initial population, or an option is out of its range.
    """

    checkpoint_exclude: ClassVar[frozenset[str]] = frozenset({"_descent"})

    def __init__(
        self,
        algorithm: Algorithm | None = None,
        seeding: Sampling | None = None,
        *,
        pop_size: int = 100,
        refine_every: int = 1,
        n_refined: int = 16,
        refinement_steps: int = 30,
        steps: int | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("output", FrontOutput())
        super().__init__(**kwargs)
        if steps is not None:
            warnings.warn("the option steps is now refinement_steps", DeprecationWarning, stacklevel=2)
            refinement_steps = steps
        if refine_every < 0 or n_refined < 1 or refinement_steps < 1:
            raise OptionError(
                "expected refine_every of 0 or more, n_refined and refinement_steps of 1 or more, got "
                f"{refine_every}, {n_refined} and {refinement_steps}"
            )
        self.algorithm = _default_algorithm(pop_size) if algorithm is None else algorithm
        self.seeding = default_seeding() if seeding is None else seeding
        self.refine_every, self.n_refined, self.refinement_steps = refine_every, n_refined, refinement_steps
        if not hasattr(getattr(self.algorithm, "initialization", self.algorithm), "sampling"):
            raise OptionError(
                "expected a population algorithm with an initial population, "
                f"got {type(self.algorithm).__name__}"
            )

    def _setup(self, problem: Problem, **kwargs: Any) -> None:
        inner = copy.deepcopy(self.algorithm)
        # Some algorithms plan by the termination, so they get one; the run ends by its own.
        # The seed is the generator itself, so that whatever is set up draws from the one of the run.
        inner.setup(
            problem,
            termination=copy.deepcopy(self.termination),
            evaluator=self.evaluator,
            seed=self.random_state,
        )
        self.algorithm = inner
        self._descent = weighted_descent(problem) if self.refine_every else None
        self._refining = False

    def _initialize_infill(self) -> Population:
        seeds = self.seeding(
            self.problem, self.algorithm.pop_size, random_state=self.random_state, algorithm=self
        )
        owner = getattr(self.algorithm, "initialization", self.algorithm)
        own, owner.sampling = owner.sampling, _Given(seeds)
        infills = self.algorithm.infill()
        owner.sampling = own
        return infills

    def _initialize_advance(self, infills: Population | None = None, **kwargs: Any) -> None:
        self._advance(infills, **kwargs)

    def _infill(self) -> Population | None:
        descent = self._descent if self.n_iter % (self.refine_every + 1) == 0 else None
        self._refining = descent is not None
        if descent is not None:
            return self._refined(descent)
        infills = self.algorithm.infill()
        if self.algorithm.termination.force_termination:
            self.termination.terminate()
        return infills

    def _advance(self, infills: Population | None = None, **kwargs: Any) -> bool:
        if self._refining:
            insert_survivors(infills, self.algorithm.pop, self.problem, self.random_state)
            self.algorithm._set_optimum()
            return True
        generation = self.algorithm.n_iter
        self.algorithm.advance(infills=infills, **kwargs)
        self.pop = self.algorithm.pop
        # Some algorithms complete a generation only after several steps; theirs is ours.
        return bool(self.algorithm.n_iter != generation)

    def _refined(self, descent: WeightedDescent) -> Population:
        """Return new masks for the widest gaps of the front."""
        starts = widest_gaps(self.algorithm.pop, self.n_refined)
        found = improved(self, descent, starts, self.refinement_steps, self.algorithm.pop.get("F"))
        return population_of(found, self.problem)

    def _set_optimum(self) -> None:
        self.opt = self.algorithm.opt


class _Given(Sampling):  # type: ignore[misc]
    """A sampling that returns a given population."""

    def __init__(self, population: Population) -> None:
        super().__init__()
        self._population = population

    def do(self, problem: Problem, n_samples: int, *args: Any, **kwargs: Any) -> Population:
        return self._population


class _Tournament:
    """The tournament of SMS-EMOA, which pymoo decorates in a way that cannot be pickled."""

    def __call__(self, *args: Any, **kwargs: Any) -> np.ndarray:
        return np.asarray(cv_and_dom_tournament(*args, **kwargs))


def _default_algorithm(pop_size: int) -> Algorithm:
    return SMSEMOA(
        pop_size=pop_size,
        selection=TournamentSelection(func_comp=_Tournament()),
        crossover=PatchCrossover(),
        mutation=SmoothNoiseMutation(),
        eliminate_duplicates=ExactDuplicateElimination(),
    )


def default_seeding(steps: int = 100, on_step: OnStep | None = None) -> GradientSeedSampling:
    """Make the seeding that `HybridAlgorithm` has by default.

    Args:
        steps: Adam steps.
        on_step: see `GradientSeedSampling`.
    """
    # 16 masks beside the two ends: as many as the compiled loops take side by side.
    return GradientSeedSampling(
        n_seeds=18, steps=steps, lr=0.2, schedule="spread", fill="ramp", on_step=on_step
    )
