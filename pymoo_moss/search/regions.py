"""Moves between two masks: the connected regions in which they differ, one by one."""

import numpy as np
from scipy.ndimage import label

_DIFFERENT = 0.05
"""Smaller differences of two masks do not count."""
_ALSO_DIAGONAL = np.ones((3, 3))


def differing_regions(
    mask: np.ndarray, other: np.ndarray, grid: tuple[int, int] | None, most: int
) -> np.ndarray:
    """Return the largest connected regions of the grid in which two masks differ.

    The blur reaches a few variables only, so regions that are apart change a loss that is a sum over the
    plane independently of each other: the best mix of both masks takes each region from the better one, as
    the partition crossover of Whitley et al. (2009) does for tours.

    Args:
        mask: ``(n_var,)``.
        other: ``(n_var,)``.
        grid: rows and columns; None for variables that are on no grid, each of which is a region.
        most: how many regions at most.

    Returns:
        ``(regions, n_var)`` bool, largest first.
    """
    if grid is None:
        farthest = np.argsort(-np.abs(mask - other), kind="stable")[:most]
        farthest = farthest[np.abs(mask - other)[farthest] > _DIFFERENT]
        return np.asarray(np.arange(len(mask)) == farthest[:, None])
    labels, _ = label((np.abs(mask - other) > _DIFFERENT).reshape(grid), structure=_ALSO_DIAGONAL)
    sizes = np.bincount(labels.ravel())[1:]
    largest = np.argsort(-sizes, kind="stable")[:most] + 1
    return np.asarray(labels.ravel() == largest[:, None])
