"""`minimize_weighted`: one mask for one weighting of the objectives, the simplest search of all."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import OptionError
from ..problem import MOSSProblem
from .adam import OnStep, descend, keep_going

_INSIDE = 0.01
"""How far from its ends a mask to start from is taken: at an end its logits would be infinite."""


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
    problem: MOSSProblem,
    weights: Sequence[float] = (0.5, 0.5),
    *,
    steps: int = 200,
    lr: float = 0.1,
    start: np.ndarray | None = None,
    on_step: OnStep | None = None,
) -> WeightedResult:
    """Minimise a weighted sum of the objectives by Adam.

    Args:
        problem: the problem.
        weights: one non-negative weight for each objective, not all zero.
        steps: number of gradient steps.
        lr: Adam's learning rate on the logits of the mask.
        start: the mask ``(n_var,)`` to start from; 1/2 everywhere by default.
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
    chosen = np.asarray(weights, dtype=float)
    if chosen.shape != (problem.n_obj,) or not (chosen >= 0).all() or not 0 < chosen.sum() < np.inf:
        raise OptionError(
            f"expected {problem.n_obj} non-negative weights, not all zero, one for each of "
            f"{', '.join(o.name for o in problem.objectives)}; got {weights}"
        )
    mask = np.full(problem.n_var, 0.5) if start is None else np.asarray(start, dtype=float)
    if mask.shape != (problem.n_var,) or not ((mask >= 0) & (mask <= 1)).all():
        raise OptionError(f"expected start as a mask ({problem.n_var},) within [0, 1], got {mask.shape}")
    descent = descend(
        problem, _logits(mask)[None], chosen[None], steps=steps, lr=lr, on_step=on_step or keep_going
    )
    X, F = descent.found
    evaluated = 0 if F is not None else len(X)
    if F is None:
        F = problem.evaluate(X)
    return WeightedResult(X[0], F[0], descent.history[:, 0], descent.n_eval + evaluated)


def _logits(mask: np.ndarray) -> np.ndarray:
    inside = mask.clip(_INSIDE, 1.0 - _INSIDE)
    return np.asarray(np.log(inside / (1.0 - inside)))
