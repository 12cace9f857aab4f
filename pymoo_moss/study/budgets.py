"""Budgets of runs: counted evaluations, evaluations per variable, or seconds."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args

from .._checks import real_number
from ..errors import OptionError, unknown_name

Unit = Literal["evaluations", "per_variable", "seconds"]
"""What a budget is counted in: evaluations, evaluations per variable of the problem, or wall time."""

_IN_WORDS = {
    "evaluations": "evaluations",
    "per_variable": "evaluations per variable",
    "seconds": "seconds",
}


def parse_budget(given: Any) -> tuple[tuple[float, ...], Unit]:
    """Return budgets, rising, and their unit.

    Args:
        given: counted evaluations, or a list of them; or a table with one of the units, such as
            ``{"per_variable": [1, 10]}`` or ``{"seconds": 60}``.

    Raises:
        OptionError: they are something else, or not above 0.
    """
    unit: Unit = "evaluations"
    if isinstance(given, Mapping):
        if len(given) != 1:
            raise OptionError(f"expected budget with one unit of {', '.join(get_args(Unit))}, got {given!r}")
        ((unit, given),) = given.items()
        if unit not in get_args(Unit):
            raise unknown_name("unit of the budget", str(unit), get_args(Unit))
    budgets = list(given) if isinstance(given, Iterable) else [given]
    if not budgets:
        raise OptionError("expected at least one budget, got none")
    values = sorted({_whole_if_equal(real_number("budget", one)) for one in budgets})
    if unit == "evaluations" and not (values[0] >= 1 and all(isinstance(one, int) for one in values)):
        raise OptionError(f"expected budgets of 1 or more, whole numbers of evaluations, got {budgets}")
    if not values[0] > 0:
        raise OptionError(f"expected budgets above 0, got {budgets}")
    return tuple(values), unit


def evaluations_of(budget: float, unit: Unit, n_var: int) -> int:
    """Return the counted evaluations, rounded up, that a budget is worth on a problem.

    Args:
        budget: in the unit, which must not be seconds.
        unit: evaluations, or evaluations per variable.
        n_var: number of the problem's variables.
    """
    return math.ceil(budget * n_var if unit == "per_variable" else budget)


def in_words(budget: float, unit: Unit) -> str:
    """Say a budget with its unit."""
    return f"{budget} {_IN_WORDS[unit]}"


def _whole_if_equal(number: float) -> float:
    """Return a whole number as an integer, so that 5 and 5.0 are the same budget in names and files."""
    return int(number) if number == int(number) else float(number)
