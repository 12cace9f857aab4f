"""What a study compares: problems and algorithms that every worker process can make for itself."""

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pymoo.core.algorithm import Algorithm

from ..errors import OptionError, unknown_name
from ..instances import get_problem, list_problems
from ..problem import MOSSProblem
from ..search import make_algorithm


@dataclass(frozen=True)
class ProblemChoice:
    """A frozen problem, and the options in which it differs.

    Attributes:
        name: one of `list_problems`.
        options: of `get_problem`, as JSON has them; objectives by name.

    Raises:
        OptionError: the name is unknown, or an option is an object that cannot be written down.
    """

    name: str
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.name not in list_problems():
            raise unknown_name("problem", self.name, list_problems())
        try:
            json.dumps(self.options)
        except TypeError as error:
            raise OptionError(
                f"expected options of numbers and names, got {self.options}: pass a "
                "function that makes the problem"
            ) from error

    def make(self) -> MOSSProblem:
        """The problem, which the process keeps until it makes another.

        Raises:
            MossError: it cannot be made.
        """
        return _make_problem(self.name, json.dumps(self.options))

    def describe(self) -> dict[str, Any]:
        """Everything that decides what it is, as JSON has it."""
        return {"problem": self.name, **self.options}


@functools.lru_cache(maxsize=1)
def _make_problem(name: str, options: str) -> MOSSProblem:
    return get_problem(name, **json.loads(options))


@dataclass(frozen=True)
class AlgorithmChoice:
    """An algorithm by name.

    Attributes:
        algorithm: one of `pymoo_moss.search.ALGORITHM_NAMES`.
        population: masks in its population, or on the tracer's front.
        sampling: one of `pymoo_moss.search.SAMPLINGS`; by default the algorithm's own.
        variation: ``"default"`` or ``"masks"``, see `make_algorithm`.

    Raises:
        OptionError: the name is unknown, or the algorithm does not take the options.
    """

    algorithm: str
    population: int = 100
    sampling: str | None = None
    variation: str = "default"

    def __post_init__(self) -> None:
        self.make(2)

    def make(self, n_obj: int) -> Algorithm:
        """The algorithm, for a number of objectives."""
        return make_algorithm(
            self.algorithm,
            n_obj=n_obj,
            pop_size=self.population,
            sampling=self.sampling,
            variation=self.variation,
        )

    def describe(self) -> dict[str, Any]:
        """Everything that decides what it is, as JSON has it."""
        return dict(vars(self))


@dataclass(frozen=True)
class OwnProblem:
    """A user's problem: the object, or a function that makes one.

    The function and what it refers to is what counts, and cannot be seen from outside: runs are kept under
    the label alone.
    """

    source: MOSSProblem | Callable[[], MOSSProblem]

    def make(self) -> MOSSProblem:
        """The problem."""
        return self.source if isinstance(self.source, MOSSProblem) else self.source()

    def describe(self) -> dict[str, Any]:
        """Nothing but that it is the user's own."""
        return {"problem": "the user's own"}


@dataclass(frozen=True)
class OwnAlgorithm:
    """A user's algorithm: a function of the number of objectives that makes one. See `OwnProblem`."""

    source: Callable[[int], Algorithm]

    def make(self, n_obj: int) -> Algorithm:
        """The algorithm, for a number of objectives."""
        return self.source(n_obj)

    def describe(self) -> dict[str, Any]:
        """Nothing but that it is the user's own."""
        return {"algorithm": "the user's own"}
