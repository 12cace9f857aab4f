"""`SearchPlan`: how a front is searched for, as numbers and names that JSON can hold."""

from dataclasses import dataclass
from typing import Any

from pymoo.core.algorithm import Algorithm
from pymoo.core.termination import Termination
from pymoo.termination.collection import TerminationCollection
from pymoo.termination.max_eval import MaximumFunctionCallTermination
from pymoo.termination.max_gen import MaximumGenerationTermination
from pymoo.termination.max_time import TimeBasedTermination

from .._checks import real_number, whole_number
from ..errors import OptionError
from ..search import default_seeding, make_algorithm
from ..search.adam import OnStep
from ..search.hybrid import POINTS_PER_MASK

_LEAST = {"generations": 1, "evaluations": 1, "population": 1, "steps": 0, "seed": 0}
_LIMITS = ("generations", "evaluations")
"""Numbers that may be None, which sets no limit."""


@dataclass(frozen=True)
class SearchPlan:
    """How a front is searched for. The search ends at the first of its limits.

    Attributes:
        algorithm: see `search_algorithm`.
        generations: limit of generations; None for no such limit.
        population: masks in the population; the front has up to four times as many points.
        seconds: limit of wall time in seconds; None for no such limit.
        steps: gradient steps of the seeding.
        seed: seed of the random numbers.
        evaluations: limit of counted evaluations; None for no such limit.

    Raises:
        OptionError: there is no limit, or one of time for an algorithm that plans by generations; or a number
            is out of its range.
    """

    algorithm: str = "hybrid"
    generations: int | None = 20
    population: int = 100
    seconds: float | None = None
    steps: int = 100
    seed: int = 1
    evaluations: int | None = None

    def __post_init__(self) -> None:
        for name, least in (
            ("generations", 1),
            ("population", 1),
            ("steps", 0),
            ("seed", 0),
            ("evaluations", 1),
        ):
            value = getattr(self, name)
            if value is not None or name in ("population", "steps", "seed"):
                object.__setattr__(self, name, whole_number(name, value, least))
        if self.seconds is not None and not real_number("seconds", self.seconds) > 0:
            raise OptionError(f"expected seconds above 0, got {self.seconds}")
        if self.generations is None and self.seconds is None and self.evaluations is None:
            raise OptionError("expected a limit of generations, seconds or evaluations, got none: set one")
        if self.algorithm == "rvea" and self.seconds is not None:
            raise OptionError(
                "expected generations alone as the limit of algorithm rvea, which plans by their number, got "
                "a limit of seconds: leave seconds out"
            )

    def make_algorithm(self, n_obj: int, on_step: OnStep) -> Algorithm:
        """Make the algorithm, which is not set up yet.

        Args:
            n_obj: number of objectives.
            on_step: see `search_algorithm`.

        Raises:
            OptionError: the algorithm's name is unknown, or a value is out of its range.
        """
        return search_algorithm(
            self.algorithm, n_obj=n_obj, population=self.population, steps=self.steps, on_step=on_step
        )

    def termination(self) -> Termination:
        """Make the termination, counted from the beginning of the search."""
        limits: list[Any] = []
        if self.generations is not None:
            limits.append(MaximumGenerationTermination(self.generations))
        if self.seconds is not None:
            limits.append(TimeBasedTermination(self.seconds))
        if self.evaluations is not None:
            limits.append(MaximumFunctionCallTermination(self.evaluations))
        # Some algorithms plan by the number of generations and check the type of their termination.
        return limits[0] if len(limits) == 1 else TerminationCollection(*limits)


def search_algorithm(
    name: str, *, n_obj: int, population: int, steps: int, on_step: OnStep | None = None
) -> Algorithm:
    """Make an algorithm by name, with gradient seeding and refinement.

    Args:
        name: one of `pymoo_moss.search.ALGORITHM_NAMES`; pymoo's algorithms become part of a hybrid.
        n_obj: number of objectives.
        population: masks in the population; the front has up to four times as many points.
        steps: gradient steps of the seeding; the tracer has none.
        on_step: called as ``on_step(step, F)`` after each step of the seeding; return True to end it.

    Raises:
        OptionError: the name is unknown, or a value is out of its range.
    """
    return make_algorithm(
        name,
        n_obj=n_obj,
        pop_size=population,
        seeding=default_seeding(steps, on_step),
        archive_size=POINTS_PER_MASK * population,
    )
