"""The connected regions of the grid in which two masks differ."""

import numpy as np
from scipy.ndimage import label

_DIFFERENT = 0.05
"""Smaller differences of two masks do not count."""
_ALSO_DIAGONAL = np.ones((3, 3))


def labelled_regions(mask: np.ndarray, other: np.ndarray, grid: tuple[int, int] | None) -> np.ndarray:
    """Return the number ``(n_var,)`` of each variable's region, from 1; 0 where the masks do not differ.

    Args:
        mask: ``(n_var,)`` shares of the way between bounds.
        other: ``(n_var,)``.
        grid: rows and columns; None for variables that are on no grid, each of which is a region.
    """
    differs = np.abs(mask - other) > _DIFFERENT
    if grid is None:
        return np.asarray(np.cumsum(differs) * differs)
    labels, _ = label(differs.reshape(grid), structure=_ALSO_DIAGONAL)
    return np.asarray(labels.ravel())
