"""Non-dominated points, and those that contribute most hypervolume."""

import heapq

import moocore
import numpy as np
from pymoo.operators.survival.rank_and_crowding.metrics import calc_crowding_distance
from pymoo.util.nds.non_dominated_sorting import find_non_dominated

_MOST_OBJECTIVES = 3
"""Most objectives with which points are valued by hypervolume; crowding distance costs less with more."""
_REMOVED_AT_ONCE = 0.1
"""Share of the surplus that is removed before contributions are computed again, with three objectives."""


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


def non_dominated_points(F: np.ndarray) -> np.ndarray:
    """Return indices of the distinct non-dominated points of ``F (n, m)``; of two objectives, in order."""
    if F.shape[1] == 2:
        return non_dominated(F)
    _, distinct = np.unique(F, axis=0, return_index=True)
    return np.asarray(distinct[find_non_dominated(F[distinct])])


def most_valuable_points(F: np.ndarray, count: int) -> np.ndarray:
    """Return indices of at most ``count`` points of a front ``F (n, m)`` that keep most of its hypervolume.

    See `most_valuable`. With more than three objectives, the least crowded points.
    """
    if F.shape[1] == 2 or len(F) <= count:
        return most_valuable(F, count) if F.shape[1] == 2 else np.arange(len(F))
    if F.shape[1] > _MOST_OBJECTIVES:
        return np.sort(np.argsort(-calc_crowding_distance(F), kind="stable")[:count])
    kept = np.arange(len(F))
    while len(kept) > count:
        contributions = moocore.hv_contributions(F[kept], ref=np.full(F.shape[1], 1.0))
        # The best points of each objective are removed last.
        contributions[F[kept].argmin(axis=0)] = np.inf
        surplus = len(kept) - count
        removed = np.argsort(contributions, kind="stable")[: max(1, int(_REMOVED_AT_ONCE * surplus))]
        kept = np.delete(kept, removed)
    return kept
