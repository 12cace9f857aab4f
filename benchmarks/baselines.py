"""Baselines of evaluation: the notebook's formulation, and the least arithmetic that is needed."""

import numpy as np
import torch

from pymoo_moss import MaskEncoder, MOSSProblem
from pymoo_moss._compiling import compiled, parallel_map
from pymoo_moss.objectives.fused.lanes import WIDTH, load, store
from tests.reference import notebook_evaluation

_CHAINS = 12
_PIECES, _ROUNDS = 16, 1_000_000
MULTIPLY_ADDS = _PIECES * _ROUNDS * _CHAINS * WIDTH
"""Number of multiply-adds in one call of `multiply_and_add`."""


def notebook_values(problem: MOSSProblem, x: np.ndarray) -> np.ndarray:
    """Compute values ``(n, 2)`` by the notebook's formulation, with whole planes."""
    return _notebook(problem.encoder, torch.from_numpy(x).float()).numpy()


def notebook_gradients(problem: MOSSProblem, x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Compute gradients ``(n, n_var)`` of weighted sums by autograd of the notebook's formulation."""
    leaf = torch.from_numpy(x).float().requires_grad_()
    (_notebook(problem.encoder, leaf) * torch.from_numpy(weights)).sum().backward()
    return leaf.grad.numpy()


def _notebook(encoder: MaskEncoder, x: torch.Tensor) -> torch.Tensor:
    grids = x.reshape(-1, *encoder.grid)
    return notebook_evaluation(grids, encoder.audio_magnitude, encoder.image_magnitude, 5.0)


def necessary_operations(encoder: MaskEncoder, *, gradient: bool) -> float:
    """Count the multiply-adds that one mask needs at least, for its value or for its value and gradient.

    A bin needs one for each column of the grid that its mask depends on, one for the blend, and one for the
    product of all bins. Its gradient needs a reciprocal (counted as one), a slope, and the columns again in
    the backward pass. In addition, the mask of every bin is computed on the grid's columns, forward and
    backward.
    """
    left, right = encoder.mask_map.left, encoder.mask_map.right
    columns = float((right != 0).sum() / len(right))
    at_bins = len(left) * len(right) * (2 * columns + 4 if gradient else columns + 2)
    return at_bins + (2 if gradient else 1) * float((left != 0).sum()) * encoder.grid[1]


def multiply_and_add() -> None:
    """Perform `MULTIPLY_ADDS` float32 multiply-adds in registers on all threads, for the machine's rate."""
    parallel_map(lambda number: _multiply_and_add(np.ones(_CHAINS * WIDTH, np.float32)), range(_PIECES))


@compiled
def _multiply_and_add(numbers: np.ndarray) -> None:
    a, b, c, d = load(numbers, 0), load(numbers, 16), load(numbers, 32), load(numbers, 48)
    e, f, g, h = load(numbers, 64), load(numbers, 80), load(numbers, 96), load(numbers, 112)
    i, j, k, l = load(numbers, 128), load(numbers, 144), load(numbers, 160), load(numbers, 176)  # noqa: E741
    x, y = np.float32(0.999), np.float32(0.001)
    for _ in range(_ROUNDS):
        a, b, c, d = y + x * a, y + x * b, y + x * c, y + x * d
        e, f, g, h = y + x * e, y + x * f, y + x * g, y + x * h
        i, j, k, l = y + x * i, y + x * j, y + x * k, y + x * l  # noqa: E741
    store(numbers, 0, a + b + c + d + e + f + g + h + i + j + k + l)
