"""The problems and algorithms of a study, as values from which each worker process makes its own."""

import functools
import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from pymoo.core.algorithm import Algorithm
from pymoo.core.problem import Problem

from ..errors import OptionError, unknown_name
from ..instances import check_problem_name, get_problem
from ..problem import MOSSProblem
from ..runs import SearchPlan
from ..search import CROSSOVERS, MUTATIONS, SAMPLINGS, make_algorithm
from ..search.options import call_with_options
from .import_path import import_callable, is_import_path


@dataclass(frozen=True)
class ProblemChoice:
    """A problem that has a name, with options, or any problem that an import path leads to.

    Attributes:
        name: one of `list_problems` or `list_instances`, as `get_problem` takes it; or an import path
            ``package.module:name`` of a class or function that makes a pymoo problem.
        options: options of `get_problem`, or arguments of the class or function, as JSON; objectives by name.
        python_path: folders to look for modules in first.

    Raises:
        OptionError: the name is unknown, or an option cannot be written as JSON.
    """

    name: str
    options: dict[str, Any] = field(default_factory=dict)
    python_path: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if is_import_path(self.name):
            import_callable(self.name, self.python_path)
        else:
            check_problem_name(self.name)
        check_json(self.options, "problem")

    def make(self) -> Problem:
        """Make the problem; the process keeps a frozen one until it makes another.

        Raises:
            MossError: it cannot be made.
        """
        if not is_import_path(self.name):
            return _make_problem(self.name, json.dumps(self.options))
        problem = call_with_options(import_callable(self.name, self.python_path), self.options, self.name)
        if not isinstance(problem, Problem):
            raise OptionError(f"expected a pymoo Problem from '{self.name}', got {problem!r}")
        return problem

    def describe(self) -> dict[str, Any]:
        """Return everything that determines it, as JSON."""
        return {"problem": self.name, **self.options}


@functools.lru_cache(maxsize=1)
def _make_problem(name: str, options: str) -> MOSSProblem:
    return get_problem(name, **json.loads(options))


Operator = str | Mapping[str, Any] | None
"""A name, or a table with the name and options; None for the algorithm's own."""


@dataclass(frozen=True)
class AlgorithmChoice:
    """An algorithm by name, or any that an import path leads to.

    Samplings, crossovers and mutations are given by name, or by a table with their ``name`` and options of
    their class, such as ``{"name": "gradient", "n_seeds": 33}``.

    Attributes:
        algorithm: one of `pymoo_moss.search.ALGORITHM_NAMES`; or an import path ``package.module:name`` of a
            class or function that makes a pymoo algorithm. It is called with the options, and with ``n_obj``
            if it has such a parameter.
        population: masks in its population, or points of the tracer.
        sampling: of `pymoo_moss.search.SAMPLINGS`; by default the algorithm's own.
        variation: ``"default"`` or ``"masks"``, see `make_algorithm`.
        crossover: of `pymoo_moss.search.CROSSOVERS`, in place of that of the variation.
        mutation: of `pymoo_moss.search.MUTATIONS`, in place of that of the variation.
        seeding: of `pymoo_moss.search.SAMPLINGS`, of a hybrid, see `make_algorithm`.
        options: further options of the algorithm's class, or arguments of the class or function that is
            imported, as JSON.
        python_path: folders to look for modules in first.

    Raises:
        OptionError: a name is unknown, or the algorithm does not take the options.
    """

    algorithm: str
    population: int = SearchPlan.population
    sampling: Operator = None
    variation: str = "default"
    crossover: Operator = None
    mutation: Operator = None
    seeding: Operator = None
    options: Mapping[str, Any] = field(default_factory=dict)
    python_path: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_json(self.describe(), "algorithm")
        if is_import_path(self.algorithm) and self._changed() - {"options"}:
            raise OptionError(
                f"expected only options for '{self.algorithm}', got {', '.join(sorted(self._changed()))}: "
                "give what it is called with in options"
            )
        self.make(2)

    def make(self, n_obj: int) -> Algorithm:
        """Make the algorithm for a number of objectives."""
        if is_import_path(self.algorithm):
            return self._imported(n_obj)
        return make_algorithm(
            self.algorithm,
            n_obj=n_obj,
            pop_size=self.population,
            sampling=_operator("sampling", self.sampling, SAMPLINGS),
            variation=self.variation,
            crossover=_operator("crossover", self.crossover, CROSSOVERS),
            mutation=_operator("mutation", self.mutation, MUTATIONS),
            seeding=_operator("sampling", self.seeding, SAMPLINGS),
            options=self.options,
        )

    def describe(self) -> dict[str, Any]:
        """Return everything that determines it, as JSON."""
        # What was added later is left out where it is not used, so that names of earlier runs stay.
        always = ("algorithm", "population", "sampling", "variation")
        return {name: getattr(self, name) for name in always} | {
            name: getattr(self, name) for name in sorted(self._changed() - set(always))
        }

    def _changed(self) -> set[str]:
        """Return the names of attributes, beside algorithm and python_path, that are not the default."""
        usual = {one.name: one.default for one in fields(self)} | {"options": {}}
        names = usual.keys() - {"algorithm", "python_path"}
        return {name for name in names if getattr(self, name) != usual[name]}

    def _imported(self, n_obj: int) -> Algorithm:
        make = import_callable(self.algorithm, self.python_path)
        fixed = {"n_obj": n_obj} if "n_obj" in inspect.signature(make).parameters else {}
        algorithm = call_with_options(make, self.options, self.algorithm, fixed=fixed)
        if not isinstance(algorithm, Algorithm):
            raise OptionError(f"expected a pymoo Algorithm from '{self.algorithm}', got {algorithm!r}")
        return algorithm


def _operator(kind: str, given: Operator, known: Mapping[str, Callable[..., Any]]) -> Any:
    """Make an operator of a name, or of a table with the name and options."""
    if given is None:
        return None
    table = {"name": given} if isinstance(given, str) else dict(given)
    name = table.pop("name", None)
    if not isinstance(name, str):
        raise OptionError(f"expected {kind} as a name or as {{ name = ..., and options }}, got {given!r}")
    if name not in known:
        raise unknown_name(kind, name, known)
    return call_with_options(known[name], table, f"the {kind} {name}")


def check_json(options: Mapping[str, Any], kind: str) -> None:
    """Make sure that a problem's or an algorithm's options can be written as JSON.

    Raises:
        OptionError: they cannot.
    """
    try:
        json.dumps(options)
    except TypeError as error:
        raise OptionError(
            f"expected options of numbers and names, got {options}: pass a function that makes the {kind}"
        ) from error


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


AnyAlgorithm = AlgorithmChoice | OwnAlgorithm
