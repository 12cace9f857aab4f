"""`HybridAlgorithm`: gradient seeding, any pymoo population algorithm, and gradient refinement in between."""

import copy
import warnings
from typing import Any

import numpy as np
from pymoo.algorithms.moo.sms import SMSEMOA, cv_and_dom_tournament
from pymoo.core.algorithm import Algorithm
from pymoo.core.population import Population, pop_from_array_or_individual
from pymoo.core.problem import Problem
from pymoo.core.sampling import Sampling
from pymoo.operators.selection.tournament import TournamentSelection

from ..errors import OptionError
from .adam import OnStep
from .duplicates import ExactDuplicateElimination
from .operators import PatchCrossover, SmoothNoiseMutation
from .output import FrontOutput
from .placing import place
from .sampling import GradientSeedSampling
from .set_ascent import SetAscent
from .slopes import N_MASKS

POINTS_PER_MASK = 4
"""Points of the front for every mask of the population: they cost little more, and dominate more."""


class HybridAlgorithm(Algorithm):  # type: ignore[misc]
    """Seeds a population by gradient descent, evolves it, and refines it by gradients every few generations.

    The front is an archive of the most valuable points of all that were evaluated; its hypervolume never
    decreases. A refinement is a generation of its own: points of the archive exchange regions and take
    gradient steps as those of `FrontAscent` do, and the population algorithm's own survival decides which of
    them become members. The rest is the population algorithm's, unchanged. Works with any termination; every
    forward pass and every gradient is counted. Gradient steps ignore constraints; selection, by pymoo's
    rules, does not.

    The population is the front, and if that is smaller than the population algorithm's own,
    ``algorithm.pop``, members of the latter.

    Args:
        algorithm: a pymoo algorithm with an initial population; SMS-EMOA with `PatchCrossover` and
            `SmoothNoiseMutation` by default.
        seeding: the sampling of that population; by default `GradientSeedSampling` with its ``"hypervolume"``
            schedule and a ramp of constant levels as its fill.
        pop_size: masks in the population of the default algorithm; others have their own.
        archive_size: points of the front; by default four times the population of the default algorithm, and
            the population of any other.
        refine_every: generations of the population algorithm between refinements; 0 for no refinement.
        n_refined: points that are refined at once; by default 100 where steps are those of ``visual_l1`` with
            ``audio_log_l1``, with or without ``mask_roughness``, else 31.
        refinement_steps: gradient steps of a refinement; by default 3 and 12.
        steps: the same, by its name in version 0.1.
        **kwargs: options of every pymoo algorithm, ``output`` for one.

    Raises:
        OptionError: the algorithm takes no initial population, or an option is out of its range.
    """

    def __init__(
        self,
        algorithm: Algorithm | None = None,
        seeding: Sampling | None = None,
        *,
        pop_size: int = 100,
        archive_size: int | None = None,
        refine_every: int = 1,
        n_refined: int | None = None,
        refinement_steps: int | None = None,
        steps: int | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("output", FrontOutput())
        super().__init__(**kwargs)
        if steps is not None:
            warnings.warn("the option steps is now refinement_steps", DeprecationWarning, stacklevel=2)
            refinement_steps = steps
        given = [count for count in (n_refined, refinement_steps) if count is not None]
        if refine_every < 0 or min(given, default=1) < 1:
            raise OptionError(
                "expected refine_every of 0 or more, n_refined and refinement_steps of 1 or more, got "
                f"{refine_every}, {n_refined} and {refinement_steps}"
            )
        if archive_size is not None and archive_size < 1:
            raise OptionError(f"expected archive_size of 1 or more, got {archive_size}")
        if archive_size is None and algorithm is None:
            archive_size = POINTS_PER_MASK * pop_size
        self.archive_size = archive_size
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
        self._ascent = SetAscent(problem, 0, self.archive_size or inner.pop_size)
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
        self._ascent.start_from(infills)
        self._evolve(infills, **kwargs)
        self.pop = self._with_front(self.algorithm.pop)

    def _infill(self) -> Population | None:
        self._refining = self.n_iter % (self.refine_every + 1) == 0 and self.refine_every > 0
        if self._refining:
            return self._ascent.refine(self, self.n_refined, self.refinement_steps)
        infills = self.algorithm.infill()
        if self.algorithm.termination.force_termination:
            self.termination.terminate()
        return infills

    def _advance(self, infills: Population | None = None, **kwargs: Any) -> bool:
        if not self._ascent.has_started:  # resumed from a checkpoint of version 0.1
            self._ascent.start_from(self.algorithm.pop)
        if self._refining:
            place(self._ascent.archive.among(infills), self.algorithm)
            self.algorithm._set_optimum()
            is_complete = True
        else:
            if infills is not None:
                # One individual, of algorithms that evaluate one at a time.
                self._ascent.archive.add(pop_from_array_or_individual(infills))
            is_complete = self._evolve(infills, **kwargs)
        self.pop = self._with_front(self.algorithm.pop)
        return is_complete

    def _evolve(self, infills: Population | None, **kwargs: Any) -> bool:
        """Advance the population algorithm, and tell whether that completed a generation."""
        generation = self.algorithm.n_iter
        self.algorithm.advance(infills=infills, **kwargs)
        # Some algorithms complete a generation only after several steps; theirs is ours.
        return bool(self.algorithm.n_iter != generation)

    def _with_front(self, population: Population) -> Population:
        """Return the front, filled up with other members of a population to the size of that."""
        front = self._ascent.archive.front
        on_front = {id(one) for one in front}
        others = [one for one in population if id(one) not in on_front]
        return Population.create(*front, *others[: max(len(population) - len(front), 0)])

    def _set_optimum(self) -> None:
        self.opt = self._ascent.archive.front


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
        steps: most gradient steps.
        on_step: see `GradientSeedSampling`.
    """
    # The two ends beside the set.
    return GradientSeedSampling(
        n_seeds=N_MASKS + 2, steps=steps, schedule="hypervolume", fill="ramp", on_step=on_step
    )
