"""Interaction of variables by their distance on the grid, from second differences of exact gradients."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

_STEP = 1e-2
"""Of the central differences, whose error is of second order in it."""
_NOTICEABLE = 1e-3
"""Interaction from which distances count as within reach, well above what rounding gives."""
_NEAR = 3
_AT_ONCE = 64


@dataclass(frozen=True)
class Interaction:
    """Second derivatives of one loss in pairs of variables, relative to those in single variables.

    Attributes:
        profile: ``(rows, columns)`` mean of ``|d2f / dx_i dx_j|`` over pairs at this distance on the grid,
            over the mean of ``|d2f / dx_i^2|``; all 0 where the loss is linear.
        rows: ``profile`` at one, two and three rows in the same column; fewer where the grid has fewer.
        columns: likewise at columns in the same row.
        reach_rows: most rows at which the profile exceeds 0.001.
        reach_columns: most columns, likewise.
        coupling: sum of ``|d2f / dx_i dx_j|`` over all other variables within reach, over the same mean: 0
            for a separable loss.
    """

    profile: np.ndarray
    rows: tuple[float, ...]
    columns: tuple[float, ...]
    reach_rows: int
    reach_columns: int
    coupling: float


Gradients = Callable[[np.ndarray], np.ndarray]
"""Function from masks ``(n, n_var)`` to gradients ``(n, n_obj, n_var)``."""


def interactions(
    gradients: Gradients, masks: np.ndarray, grid: tuple[int, int], variables: np.ndarray
) -> list[Interaction]:
    """Measure how variables interact, for each objective.

    The mixed second derivative is 0 for all masks exactly if a loss is a sum of functions of either variable
    alone: additive separability, as in the tests of differential grouping (Omidvar et al. 2014).

    Args:
        gradients: exact gradients of the losses.
        masks: ``(n, n_var)`` where to measure; moved 0.01 into the bounds 0 and 1.
        grid: rows and columns that the variables stand on, row-major.
        variables: ``(n, k)`` numbers of the variables that are moved in each mask.
    """
    masks = np.clip(masks, _STEP, 1.0 - _STEP)
    pairs = [(mask, variable) for mask, chosen in enumerate(variables) for variable in chosen]
    size = grid[0] * grid[1]
    sums, counts = np.zeros(0), np.zeros(size)
    for start in range(0, len(pairs), _AT_ONCE):
        part = pairs[start : start + _AT_ONCE]
        up, down = (gradients(_moved(masks, part, step)) for step in (_STEP, -_STEP))
        second = np.abs(up - down) / (2 * _STEP)
        added = np.zeros((second.shape[1], size))
        for (_, variable), of_objectives in zip(part, second, strict=True):
            distances = _distances(grid, variable)
            counts += np.bincount(distances, minlength=size)
            added += [np.bincount(distances, of_one, minlength=size) for of_one in of_objectives]
        sums = added if start == 0 else sums + added
    return [_interaction(of_one.reshape(grid), counts.reshape(grid), len(pairs)) for of_one in sums]


def _moved(masks: np.ndarray, pairs: list[tuple[int, int]], step: float) -> np.ndarray:
    moved = masks[[mask for mask, _ in pairs]]
    moved[np.arange(len(pairs)), [variable for _, variable in pairs]] += step
    return moved


def _distances(grid: tuple[int, int], variable: int) -> np.ndarray:
    """Return distances ``(n_var,)`` of all variables from one: ``rows * grid[1] + columns``."""
    row, column = divmod(variable, grid[1])
    rows, columns = np.indices(grid)
    return np.asarray(np.abs(rows - row) * grid[1] + np.abs(columns - column)).ravel()


def _interaction(sums: np.ndarray, counts: np.ndarray, moved: int) -> Interaction:
    alone = sums[0, 0]
    # Of a linear loss there is nothing to be relative to.
    scale = moved / alone if alone > 0 else 0.0
    profile = np.where(counts > 0, sums / np.maximum(counts, 1), 0.0) * scale
    noticeable = np.nonzero(profile > _NOTICEABLE)
    rows, columns = (int(distances.max(initial=0)) for distances in noticeable)
    within = sums[: rows + 1, : columns + 1].sum()
    return Interaction(
        profile=profile,
        rows=tuple(float(one) for one in profile[1 : _NEAR + 1, 0]),
        columns=tuple(float(one) for one in profile[0, 1 : _NEAR + 1]),
        reach_rows=rows,
        reach_columns=columns,
        coupling=float(within / alone) - 1.0 if alone > 0 else 0.0,
    )
