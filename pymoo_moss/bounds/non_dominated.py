"""Non-dominated points of two objectives, and those that contribute most hypervolume."""

import heapq

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
    # Lists, because single numbers of arrays cost several times as much.
    first, second = F.T.tolist()
    previous, following = list(range(-1, len(F) - 1)), list(range(1, len(F) + 1))
    contribution = np.full(len(F), np.inf)
    contribution[1:-1] = (F[2:, 0] - F[1:-1, 0]) * (F[:-2, 1] - F[1:-1, 1])
    current: list[float | None] = contribution.tolist()
    waiting = [(value, point) for point, value in enumerate(contribution.tolist())]
    heapq.heapify(waiting)
    left_over = len(F)
    while left_over > count:
        value, least = heapq.heappop(waiting)
        if current[least] != value:  # superseded since
            continue
        current[least] = None
        left_over -= 1
        left, right = previous[least], following[least]
        if left >= 0:
            following[left] = right
        if right < len(F):
            previous[right] = left
        for point in (left, right):
            if 0 <= point < len(F) and previous[point] >= 0 and following[point] < len(F):
                new = (first[following[point]] - first[point]) * (second[previous[point]] - second[point])
                current[point] = new
                heapq.heappush(waiting, (new, point))
    return np.array([point for point, value in enumerate(current) if value is not None], dtype=np.intp)
