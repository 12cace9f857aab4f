"""The problems and algorithms of a study, as values from which each worker process makes its own."""

import functools
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pymoo.core.algorithm import Algorithm
from pymoo.core.problem import Problem

from ..errors import OptionError
from ..instances import check_problem_name, get_problem
from ..problem import MOSSProblem
from ..runs import SearchPlan
from ..search import make_algorithm


@dataclass(frozen=True)
class ProblemChoice:
    """A problem that has a name, with options.

    Attributes:
        name: one of `list_problems` or `list_instances`, as `get_problem` takes it.
        options: options of `get_problem` as JSON; objectives by name.

    Raises:
        OptionError: the name is unknown, or an option cannot be written as JSON.
    """

    name: str
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_problem_name(self.name)
        try:
            json.dumps(self.options)
        except TypeError as error:
            raise OptionError(
                f"expected options of numbers and names, got {self.options}: pass a "
                "function that makes the problem"
            ) from error

    def make(self) -> MOSSProblem:
        """Make the problem; the process keeps it until it makes another.

        Raises:
            MossError: it cannot be made.
        """
        return _make_problem(self.name, json.dumps(self.options))

    def describe(self) -> dict[str, Any]:
        """Return everything that determines it, as JSON."""
        return {"problem": self.name, **self.options}


@functools.lru_cache(maxsize=1)
def _make_problem(name: str, options: str) -> MOSSProblem:
    return get_problem(name, **json.loads(options))


@dataclass(frozen=True)
class AlgorithmChoice:
    """An algorithm by name.

    Attributes:
        algorithm: one of `pymoo_moss.search.ALGORITHM_NAMES`.
        population: masks in its population, or points of the tracer.
        sampling: one of `pymoo_moss.search.SAMPLINGS`; by default the algorithm's own.
        variation: ``"default"`` or ``"masks"``, see `make_algorithm`.

    Raises:
        OptionError: the name is unknown, or the algorithm does not take the options.
    """

    algorithm: str
    population: int = SearchPlan.population
    sampling: str | None = None
    variation: str = "default"

    def __post_init__(self) -> None:
        self.make(2)

    def make(self, n_obj: int) -> Algorithm:
        """Make the algorithm for a number of objectives."""
        return make_algorithm(
            self.algorithm,
            n_obj=n_obj,
            pop_size=self.population,
            sampling=self.sampling,
            variation=self.variation,
        )

    def describe(self) -> dict[str, Any]:
        """Return everything that determines it, as JSON."""
        return dict(vars(self))


@dataclass(frozen=True)
class OwnProblem:
    """A user's problem, any that pymoo can run, or a function that makes it.

    A function cannot be hashed, so finished runs are identified by the label alone: use a new label when you
    change it.
    """

    source: Problem | Callable[[], Problem]

    def make(self) -> Problem:
        """Make the problem."""
        return self.source if isinstance(self.source, Problem) else self.source()

    def describe(self) -> dict[str, Any]:
        """Return that it is the user's own, and of an object what tells it from others."""
        if not isinstance(self.source, Problem):
            return {"problem": "the user's own"}
        kind, bounds = type(self.source), [np.asarray(one).tolist() for one in self.source.bounds()]
        return {
            "problem": "the user's own",
            "class": f"{kind.__module__}.{kind.__qualname__}",
            "n_obj": self.source.n_obj,
            "bounds": hashlib.sha256(json.dumps([self.source.n_var, bounds]).encode()).hexdigest()[:12],
        }


@dataclass(frozen=True)
class OwnAlgorithm:
    """A user's algorithm: a function of the number of objectives that makes it. See `OwnProblem`."""

    source: Callable[[int], Algorithm]

    def make(self, n_obj: int) -> Algorithm:
        """Make the algorithm for a number of objectives."""
        return self.source(n_obj)

    def describe(self) -> dict[str, Any]:
        """Return that it is the user's own, which is all that is known."""
        return {"algorithm": "the user's own"}
