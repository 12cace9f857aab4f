"""Options of a search."""

from collections.abc import Mapping
from typing import Any

from .._invert import INVERT_WORDS
from ..runs import SearchPlan

DEFAULT_EFFORT = "normal"

EFFORTS: Mapping[str, dict[str, Any]] = {
    "quick": {"generations": 8, "population": 40, "steps": 40},
    DEFAULT_EFFORT: {
        "generations": SearchPlan.generations,
        "population": SearchPlan.population,
        "steps": SearchPlan.steps,
    },
    "thorough": {"generations": 120, "population": 100, "steps": 200},
}
"""Values of `SearchPlan` by the name of an effort."""


def problem_options(
    preset: str, grid: str, axis: str, low: float, high: float, gamma: float, dynamic: float, invert: str
) -> dict[str, Any]:
    """Make options of `MOSSProblem` as JSON; zeros are left to the preset, and ``invert`` is a word."""
    given = {"fmin": low, "fmax": high, "gamma": gamma, "dynamic_range_db": dynamic}
    return {
        "preset": preset,
        "grid": [int(count) for count in grid.split("x")],
        "frequency_axis": axis,
        "invert": INVERT_WORDS[invert],
        **{name: value for name, value in given.items() if value},
    }
