"""How a front is searched for, in words that a record can hold."""

from dataclasses import dataclass
from typing import Any

from pymoo.core.algorithm import Algorithm
from pymoo.core.termination import Termination
from pymoo.termination.collection import TerminationCollection
from pymoo.termination.max_eval import MaximumFunctionCallTermination
from pymoo.termination.max_gen import MaximumGenerationTermination
from pymoo.termination.max_time import TimeBasedTermination

from ..errors import OptionError
from ..search.adam import OnStep
from .run import search_algorithm


@dataclass(frozen=True)
class SearchPlan:
    """How a front is searched for.

    Attributes:
        algorithm: see `search_algorithm`.
        generations: after which the search ends; None where only time ends it.
        population: masks in the population, or points of the tracer.
        seconds: after which the search ends; None where only generations end it.
        steps: gradient steps of the seeding.
        seed: of the random numbers.
        evaluations: counted ones, after which the search ends; None for no such limit.

    Raises:
        OptionError: the algorithm plans by generations, and was given a time.
    """

    algorithm: str = "hybrid"
    generations: int | None = 30
    population: int = 100
    seconds: float | None = None
    steps: int = 100
    seed: int = 1
    evaluations: int | None = None

    def __post_init__(self) -> None:
        if self.algorithm == "rvea" and self.seconds is not None:
            raise OptionError("rvea plans by the number of generations: give --generations without --seconds")

    def make_algorithm(self, n_obj: int, on_step: OnStep) -> Algorithm:
        """The algorithm, not set up."""
        return search_algorithm(
            self.algorithm, n_obj=n_obj, population=self.population, steps=self.steps, on_step=on_step
        )

    def termination(self) -> Termination:
        """When the search ends, counted from its very beginning."""
        limits: list[Any] = []
        if self.generations is not None:
            limits.append(MaximumGenerationTermination(self.generations))
        if self.seconds is not None:
            limits.append(TimeBasedTermination(self.seconds))
        if self.evaluations is not None:
            limits.append(MaximumFunctionCallTermination(self.evaluations))
        # Some algorithms plan by the number of generations and look for that termination by its type.
        return limits[0] if len(limits) == 1 else TerminationCollection(*limits)
