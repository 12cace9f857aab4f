"""New solutions of a front, on request: more of the picture, more of the sound."""

from dataclasses import replace
from typing import Literal

import numpy as np

from ..errors import OptionError
from ..search import minimize_weighted
from .run import RunResult
from .selection import distances_along

Direction = Literal["picture", "sound"]

STEPS = 40
_LEARNING_RATE = 0.1
_STRIDE = 0.05
"""Share of the front's length that one request goes."""


def steer(result: RunResult, index: int, towards: Direction, steps: int = STEPS) -> tuple[RunResult, int]:
    """Go from a solution a twentieth of the front onwards, to a new solution found for the purpose.

    A single-objective descent between the two neighbours there: along the normal of the line between
    them, from the mean of their masks. Where it finds nothing between the two, the farther neighbour
    is the answer.

    Args:
        result: with two objectives, ordered from best picture to best sound.
        index: the solution to go from.
        towards: which way to go.
        steps: of the descent.

    Returns:
        The run with the new solution in its place, and that place.

    Raises:
        OptionError: there are not two objectives, no such solution, or no such way.
    """
    if result.problem.n_obj != 2:
        raise OptionError(f"expected two objectives to steer between, got {result.problem.n_obj}")
    if towards not in ("picture", "sound"):
        raise OptionError(f"expected 'picture' or 'sound', got {towards!r}")
    if not 0 <= index < len(result.F):
        raise OptionError(f"expected an index of {len(result.F)} solutions, got {index}")
    along = distances_along(result.F, *result.problem.hypervolume_box)
    sign = -1 if towards == "picture" else 1
    goal = along[index] + sign * _STRIDE * along[-1]
    if goal <= 0:
        return result, 0
    if goal >= along[-1]:
        return result, len(along) - 1
    high = int(np.searchsorted(along, goal))
    low = high - 1
    farther = low if towards == "picture" else high
    left, right = result.F[low], result.F[high]
    weights = np.abs(left - right)[::-1]
    middle, n_eval = result.X[[low, high]].mean(axis=0), result.n_eval
    # In a hollow of the front a weighted sum leads away to either side: then a shorter way is tried.
    for count in (steps, steps // 4, steps // 16):
        found = minimize_weighted(result.problem, weights, steps=count, lr=_LEARNING_RATE, start=middle)
        n_eval += found.n_eval
        if left[0] < found.F[0] < right[0] and right[1] < found.F[1] < left[1]:
            X, F = np.insert(result.X, high, found.X, axis=0), np.insert(result.F, high, found.F, axis=0)
            return replace(result, X=X, F=F, n_eval=n_eval), high
    return replace(result, n_eval=n_eval), farther
