"""`minimize_weighted`: one mask for one weighting of the objectives, the simplest search of all."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pymoo.core.problem import Problem

from ..errors import OptionError
from .adam import OnStep, descend, keep_going, logits_of
from .problem_protocol import check_bounds, evaluated, objective_names

_INSIDE = 0.01
"""Least distance of a start from the bounds, as a share: at a bound its logits would be infinite."""


@dataclass(frozen=True)
class WeightedResult:
    """The mask that a weighting led to.

    Attributes:
        X: ``(n_var,)`` the mask.
        F: ``(n_obj,)`` its objective values.
        history: ``(steps, n_obj)`` values before each step.
        n_eval: evaluations spent.
    """

    X: np.ndarray
    F: np.ndarray
    history: np.ndarray
    n_eval: int


def minimize_weighted(
    problem: Problem,
    weights: Sequence[float] = (0.5, 0.5),
    *,
    steps: int = 200,
    lr: float = 0.1,
    start: np.ndarray | None = None,
    on_step: OnStep | None = None,
) -> WeightedResult:
    """Minimise a weighted sum of the objectives by Adam.

    Args:
        problem: a `MOSSProblem`, or any pymoo problem with finite bounds that gives ``dF``. Constraints are
            ignored.
        weights: one non-negative weight for each objective, not all zero.
        steps: number of gradient steps.
        lr: Adam's learning rate on the logits of the mask.
        start: the mask ``(n_var,)`` to start from; half-way between the bounds by default.
        on_step: called after every step as ``on_step(step, F)``; return True to stop.

    Raises:
        OptionError: the weights do not fit the objectives, or an option is out of its range.

    Example:
        >>> from pymoo_moss import get_problem, minimize_weighted
        >>> problem = get_problem("owl-drums-16x32", normalize=True)
        >>> picture_first = minimize_weighted(problem, (0.8, 0.2), steps=20)
        >>> sound_first = minimize_weighted(problem, (0.2, 0.8), steps=20)
        >>> bool(picture_first.F[0] < sound_first.F[0])
        True
    """
    check_bounds(problem)
    chosen = np.asarray(weights, dtype=float)
    if chosen.shape != (problem.n_obj,) or not (chosen >= 0).all() or not 0 < chosen.sum() < np.inf:
        raise OptionError(
            f"expected {problem.n_obj} non-negative weights, not all zero, one for each of "
            f"{', '.join(objective_names(problem))}; got {weights}"
        )
    mask = (problem.xl + problem.xu) / 2 if start is None else np.asarray(start, dtype=float)
    if mask.shape != (problem.n_var,) or not ((mask >= problem.xl) & (mask <= problem.xu)).all():
        raise OptionError(
            f"expected start as a mask ({problem.n_var},) within the problem's bounds, got {mask.shape}"
        )
    logits = logits_of(mask[None], problem, _INSIDE)
    descent = descend(problem, logits, chosen[None], steps=steps, lr=lr, on_step=on_step or keep_going)
    X, F = descent.found
    if F is not None:
        return WeightedResult(X[0], F[0], descent.history[:, 0], descent.n_eval)
    return WeightedResult(X[0], evaluated(problem, X)[0], descent.history[:, 0], descent.n_eval + len(X))
