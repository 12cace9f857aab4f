"""Smooth random fields on the control grid: what operators and samplings draw instead of single variables."""

import numpy as np
import torch
from pymoo.core.problem import Problem

from .._arithmetic import computing
from .problem_protocol import check_bounds, grid_of

_LEAST_SCALE = 1.0


def random_fields(count: int, problem: Problem, random_state: np.random.Generator) -> np.ndarray:
    """Draw random fields ``(count, n_var)``: `smooth_noise`, or white noise where there is no grid."""
    check_bounds(problem)
    grid = grid_of(problem)
    if grid is None:
        return random_state.standard_normal((count, problem.n_var))
    return smooth_noise(count, grid, random_state).reshape(count, -1)


def random_regions(count: int, problem: Problem, random_state: np.random.Generator) -> np.ndarray:
    """Draw random regions ``(count, n_var)``, bool: `patches`, or any variables where there is no grid."""
    grid = grid_of(problem)
    if grid is None:
        return random_state.random((count, problem.n_var)) < random_state.random((count, 1))
    return patches(count, grid, random_state).reshape(count, -1)


def smooth_noise(count: int, grid: tuple[int, int], random_state: np.random.Generator) -> np.ndarray:
    """Draw random fields ``(count, *grid)`` with mean 0 and standard deviation 1.

    White noise, blurred by a Gaussian whose width differs from field to field: from one variable, which the
    mask's own blur just lets through, to a quarter of the grid, even in its logarithm.
    """
    widest = max(min(grid) / 4, _LEAST_SCALE)
    scales = np.exp(random_state.uniform(np.log(_LEAST_SCALE), np.log(widest), count))
    fields = random_state.standard_normal((count, *grid))
    fields = _blurred(fields, scales)
    fields -= fields.mean(axis=(1, 2), keepdims=True)
    fields /= np.maximum(fields.std(axis=(1, 2), keepdims=True), np.finfo(float).tiny)
    return np.asarray(fields)


def _blurred(fields: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Blur fields ``(count, rows, columns)`` by Gaussians, each of its own width, with one thread.

    By torch, because the threads of numpy's matrix products have no limit that a problem could set, and
    matrices as small as these keep several threads waiting for each other.
    """
    with computing(threads=1):
        rows, columns = (torch.from_numpy(_blur(size, scales)) for size in fields.shape[1:])
        blurred: np.ndarray = torch.bmm(torch.bmm(rows, torch.from_numpy(fields)), columns).numpy()
    return blurred


def _blur(size: int, scales: np.ndarray) -> np.ndarray:
    """Return Gaussian weights ``(count, size, size)`` between places of an axis, one matrix for each width.

    Whole matrices: for fields as small as these they are faster than filters.
    """
    distances = np.subtract.outer(np.arange(size), np.arange(size))
    return np.asarray(np.exp(-0.5 * (distances / scales[:, None, None]) ** 2))


def patches(count: int, grid: tuple[int, int], random_state: np.random.Generator) -> np.ndarray:
    """Draw random regions ``(count, *grid)``, bool, of smooth outline and of any share of the grid."""
    fields = smooth_noise(count, grid, random_state)
    shares = random_state.random(count)
    levels = [np.quantile(field, share) for field, share in zip(fields, shares, strict=True)]
    return np.asarray(fields > np.asarray(levels)[:, None, None])
