"""A problem that counts what is spent on it, against which an algorithm's own count is held."""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..objectives import LogParts
from ..problem import MOSSProblem
from ..search import EVALUATIONS_PER_GRADIENT


@dataclass
class Spent:
    """Evaluations of a counted problem; a value with its gradient is three."""

    evaluations: int = 0


def counted(problem: MOSSProblem) -> tuple[MOSSProblem, Spent]:
    """A copy of a problem, and the count of all that is evaluated on that copy.

    Args:
        problem: stays as it is; the copy shares its picture and sound.
    """
    copied, spent = copy.deepcopy(problem), Spent()

    def evaluate(x: np.ndarray, out: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        spent.evaluations += len(x) * (EVALUATIONS_PER_GRADIENT if "dF" in out else 1)
        problem._evaluate(x, out, *args, **kwargs)

    def log_parts(x: np.ndarray) -> LogParts:
        spent.evaluations += len(x) * EVALUATIONS_PER_GRADIENT
        return problem.log_parts(x)

    copied.__dict__.update(_evaluate=evaluate, log_parts=log_parts)
    return copied, spent
