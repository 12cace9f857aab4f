"""The connected regions of the grid in which two masks differ."""

import numpy as np

from .._compiling import compiled

_DIFFERENT = 0.05
"""Smaller differences of two masks do not count."""


def labelled_regions(
    mask: np.ndarray, other: np.ndarray, grid: tuple[int, int] | None
) -> tuple[np.ndarray, int]:
    """Return the number ``(n_var,)`` of each variable's region, from 1, and how many regions there are.

    The number is 0 where the masks do not differ. Variables that touch at a corner are connected.

    Args:
        mask: ``(n_var,)`` shares of the way between bounds.
        other: ``(n_var,)``.
        grid: rows and columns; None for variables that are on no grid, each of which is a region.
    """
    differs = np.abs(mask - other) > _DIFFERENT
    if grid is None:
        return np.cumsum(differs) * differs, int(differs.sum())
    labels = np.empty(grid, dtype=np.int64)
    count = _label(differs.reshape(grid), labels)
    return labels.ravel(), count


@compiled
def _label(differs: np.ndarray, labels: np.ndarray) -> int:
    """Write the numbers of connected regions, by a union-find structure, and return how many there are."""
    rows, columns = differs.shape
    # The root of a region is the least of its labels. There is no label 0.
    parents = np.arange(rows * columns + 1)
    used = 0
    for row in range(rows):
        for column in range(columns):
            label = 0
            if differs[row, column]:
                if column > 0 and labels[row, column - 1] > 0:
                    label = _joined(parents, label, labels[row, column - 1])
                if row > 0:
                    for beside in range(max(column - 1, 0), min(column + 2, columns)):
                        if labels[row - 1, beside] > 0:
                            label = _joined(parents, label, labels[row - 1, beside])
                if label == 0:
                    used += 1
                    label = used
            labels[row, column] = label
    count = 0
    for label in range(1, used + 1):
        if parents[label] == label:
            count += 1
            parents[label] = count
        else:
            # Parents are less than their children, and have their numbers already.
            parents[label] = parents[parents[label]]
    for row in range(rows):
        for column in range(columns):
            labels[row, column] = parents[labels[row, column]]
    return count


@compiled
def _joined(parents: np.ndarray, root: int, label: int) -> int:
    """Join the region of a root, 0 for none, with that of a label; return the root of both."""
    while parents[label] != label:
        label = parents[label]
    if root == 0:
        return label
    parents[max(root, label)] = min(root, label)
    return min(root, label)
