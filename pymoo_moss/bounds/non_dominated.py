"""Non-dominated points of two objectives, and those that contribute most hypervolume."""

import numpy as np


def non_dominated(F: np.ndarray) -> np.ndarray:
    """Return indices of the distinct non-dominated points of ``F (n, 2)``, the first objective increasing."""
    order = np.lexsort((F[:, 1], F[:, 0]))
    second = F[order, 1]
    before = np.r_[np.inf, np.minimum.accumulate(second)[:-1]]
    return np.asarray(order[second < before])


def most_valuable(F: np.ndarray, count: int) -> np.ndarray:
    """Return indices of ``count`` points of a front ``F (n, 2)`` that keep most of its hypervolume, in order.

    The point that contributes least is removed until no more than ``count`` remain (greedy reduction:
    Bradstreet et al. 2006). The front's ends are removed last.

    Args:
        F: non-dominated points, the first objective increasing.
        count: most points to keep, 1 or more.
    """
    kept = np.ones(len(F), dtype=bool)
    previous, following = np.arange(len(F)) - 1, np.arange(len(F)) + 1
    contribution = np.full(len(F), np.inf)
    contribution[1:-1] = (F[2:, 0] - F[1:-1, 0]) * (F[:-2, 1] - F[1:-1, 1])
    for _ in range(len(F) - count):
        least = int(np.where(kept, contribution, np.nan)[kept].argmin())
        least = int(np.flatnonzero(kept)[least])
        kept[least] = False
        left, right = previous[least], following[least]
        if left >= 0:
            following[left] = right
        if right < len(F):
            previous[right] = left
        for point in (left, right):
            if 0 <= point < len(F) and previous[point] >= 0 and following[point] < len(F):
                width = F[following[point], 0] - F[point, 0]
                contribution[point] = width * (F[previous[point], 1] - F[point, 1])
    return np.flatnonzero(kept)
