"""Which methods run on which problems, with which seeds and budgets."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from math import ceil

from pymoo_moss import list_problems

from .labels import DOZEN, LABELS, SLOW

SMALL, LARGE = (
    tuple(name for name in list_problems() if name.endswith(grid)) for grid in ("16x32", "64x128")
)
_VARIABLES = 16 * 32
_QUICK = tuple(label for label in LABELS if label not in SLOW)
BUDGETS = (300, _VARIABLES, 1_000, 3_000, 10 * _VARIABLES, 10_000)
"""Counted evaluations, among them once and ten times the variables of the grid 16 x 32."""
LONG_BUDGETS = (*BUDGETS, 40_000, 100 * _VARIABLES)
LARGE_BUDGETS = (300, 1_000, 3_000, 64 * 128, 10_000)


@dataclass(frozen=True)
class Stage:
    """A grid of runs.

    Attributes:
        name: folder of its runs.
        problems: names of frozen problems.
        methods: labels of `labels.LABELS`.
        seeds: 1, 2, ... up to this one.
        budgets: counted evaluations at which fronts are measured.
        preset: of the problems.
    """

    name: str
    problems: tuple[str, ...]
    methods: tuple[str, ...]
    seeds: int
    budgets: tuple[int, ...]
    preset: str = "notebook"


STAGES = (
    Stage("small", SMALL, _QUICK, 11, BUDGETS),
    Stage("large", LARGE, DOZEN, 5, LARGE_BUDGETS),
    Stage("display", SMALL, DOZEN, 5, BUDGETS, "display"),
    Stage("listener", SMALL, DOZEN, 5, BUDGETS, "listener"),
    Stage("long", SMALL, DOZEN, 11, LONG_BUDGETS),
    Stage("slow", SMALL, SLOW, 11, BUDGETS),
)
"""All runs of the comparison."""

SMOKE = tuple(
    replace(
        stage, problems=stage.problems[:2], seeds=1, budgets=stage.budgets[: ceil(len(stage.budgets) / 6)]
    )
    for stage in STAGES
)
"""A sample of them in a few minutes: every method of every stage on two problems, with one seed and the least
budgets."""


def rounds(stages: tuple[Stage, ...]) -> Iterator[tuple[int, Stage, str]]:
    """Yield seed, stage and problem, all of one seed before those of the next.

    A comparison that is interrupted then has as many seeds of everything as there was time for.
    """
    for seed in count(1):
        left = [stage for stage in stages if seed <= stage.seeds]
        if not left:
            return
        for stage in left:
            for problem in stage.problems:
                yield seed, stage, problem
