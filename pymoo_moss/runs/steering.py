"""Find further solutions of a front: more of the picture, or more of the sound."""

from dataclasses import replace
from typing import Literal, TypeVar

import numpy as np

from ..errors import OptionError
from ..search import minimize_weighted
from .result import SearchResult

Direction = Literal["picture", "sound"]
Result = TypeVar("Result", bound=SearchResult)

STEPS = 40
_LEARNING_RATE = 0.1
_STRIDE = 0.05
"""Length of one step of steering, as a share of the front's length."""


def steer(result: Result, index: int, towards: Direction, steps: int = STEPS) -> tuple[Result, int]:
    """Find a new solution a twentieth of the front's length away from a solution.

    A weighted sum of the objectives is minimised between the two neighbours of the new solution: with the
    weights of the normal of the line between them, from the mean of their masks. If the descent ends outside
    the range between the two, the one that is farther from the given solution is returned.

    Args:
        result: a run with two objectives, ordered from best picture to best sound.
        index: index of the solution to start from.
        towards: direction, ``"picture"`` or ``"sound"``.
        steps: gradient steps of the descent.

    Returns:
        The run with the new solution inserted, and the solution's index in it.

    Raises:
        OptionError: there are not two objectives, no such solution, or no such way.
    """
    if result.problem.n_obj != 2:
        raise OptionError(f"expected two objectives to steer between, got {result.problem.n_obj}")
    if towards not in ("picture", "sound"):
        raise OptionError(f"expected 'picture' or 'sound', got {towards!r}")
    if not 0 <= index < len(result.F):
        raise OptionError(f"expected an index of {len(result.F)} solutions, got {index}")
    along = result.along
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
    # Where the front is concave, minimising a weighted sum leads away to either side: fewer steps may not.
    for count in (steps, steps // 4, steps // 16):
        found = minimize_weighted(result.problem, weights, steps=count, lr=_LEARNING_RATE, start=middle)
        n_eval += found.n_eval
        between = (np.minimum(left, right) < found.F) & (np.maximum(left, right) > found.F)
        if between.all():
            X, F = np.insert(result.X, high, found.X, axis=0), np.insert(result.F, high, found.F, axis=0)
            return replace(result, X=X, F=F, n_eval=n_eval), high
    return replace(result, n_eval=n_eval), farther
