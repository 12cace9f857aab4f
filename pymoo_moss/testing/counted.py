"""A problem that counts its evaluations, for comparison with the count of an algorithm."""

import copy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..objectives import LogParts
from ..problem import MOSSProblem
from ..search import EVALUATIONS_PER_GRADIENT


@dataclass
class Spent:
    """Number of evaluations of a counted problem; a value with its gradient counts as three."""

    evaluations: int = 0


def counted(problem: MOSSProblem) -> tuple[MOSSProblem, Spent]:
    """Return a copy of a problem, and the number of evaluations of that copy.

    Args:
        problem: problem to copy, which is not changed; the copy shares its picture and sound.
    """
    copied, spent = copy.deepcopy(problem), Spent()

    def tensor_losses(x: Tensor, gradients: torch.dtype | None) -> tuple[Tensor, Tensor | None]:
        spent.evaluations += len(x) * (1 if gradients is None else EVALUATIONS_PER_GRADIENT)
        return problem.tensor_losses(x, gradients)

    def log_parts(x: np.ndarray) -> LogParts:
        spent.evaluations += len(x) * EVALUATIONS_PER_GRADIENT
        return problem.log_parts(x)

    copied.__dict__.update(tensor_losses=tensor_losses, log_parts=log_parts)
    return copied, spent
