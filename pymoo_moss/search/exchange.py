"""Exchange regions of the grid between masks that are neighbours on the front, by predicted values."""

from typing import NamedTuple

import numpy as np

from ..bounds import non_dominated
from .hypervolume_gradient import gained_areas
from .regions import labelled_regions
from .slopes import Slopes

_REGIONS = 12
"""Most regions of a pair of masks that are proposed one by one, or one after the other."""
_CONSIDERED = 4
"""How many proposals are compared for each one that is chosen."""
_LEAST_GAIN = 1e-7
"""Least predicted gain of hypervolume, or of distance to the front."""


class _Pair(NamedTuple):
    """The regions in which two masks differ.

    Attributes:
        labels: ``(n_var,)`` the number of each variable's region, from 1; 0 where the masks do not differ.
        changes: ``(m, regions)`` predicted changes of the objectives where the first mask takes a region.
    """

    labels: np.ndarray
    changes: np.ndarray

    def variables(self, is_taken: np.ndarray) -> np.ndarray:
        """Return indices of the variables in the regions, ``(regions,)`` bool, that are taken."""
        return np.flatnonzero(np.append(False, is_taken)[self.labels])


def improved_by_regions(
    slopes: Slopes, weights: np.ndarray, partners: np.ndarray, grid: tuple[int, int] | None
) -> Slopes:
    """Give every mask the regions of its partner that lower its weighted sum, by prediction.

    The blur reaches a few variables only, so that regions which are apart change losses independently of each
    other: from two local minima this makes a better one, as the partition crossover of Whitley et al. (2009)
    does for tours. Gradients are taken over with the regions, so that the next step needs no evaluation.

    Args:
        slopes: of all masks.
        weights: ``(n, m)`` of the objectives.
        partners: ``(n,)`` numbers of masks; a mask that is its own partner stays.
        grid: rows and columns; None for variables on no grid.
    """
    X, gradients = slopes.X.copy(), slopes.gradients.copy()
    shares = slopes.X / slopes.span
    for one, other in enumerate(partners):
        pair = _compared(slopes, shares, one, other, grid)
        taken = pair.variables(weights[one] @ pair.changes < 0)
        X[one, taken] = slopes.X[other, taken]
        gradients[one][:, taken] = slopes.gradients[other][:, taken]
    return slopes.mixed(X, gradients)


def proposed(
    slopes: Slopes,
    pairs: np.ndarray,
    grid: tuple[int, int] | None,
    front: np.ndarray,
    box: tuple[np.ndarray, np.ndarray],
    count: int,
) -> np.ndarray:
    """Return masks with regions from others whose predicted values promise most.

    From each pair: the regions that help both masks; with them each region that moves the one mask along the
    front towards the other; and these one after the other, the most efficient first. So they lead from one
    neighbour to the other also where the front between them is concave, and minimises no weighted sum.

    Args:
        slopes: of masks on the front.
        pairs: ``(k, 2)`` numbers of a mask and of the one that it takes regions from.
        grid: rows and columns; None for variables on no grid.
        front: ``(f, m)`` non-dominated values.
        box: least values and extents ``(m,)``.
        count: most masks.

    Returns:
        ``(n, n_var)``.
    """
    low, extent = box
    shares = slopes.X / slopes.span
    exchanges: list[tuple[_Exchanges, np.ndarray]] = []
    values = [np.empty((0, slopes.F.shape[1]))]
    for one, other in pairs:
        pair = _compared(slopes, shares, one, other, grid)
        those = _exchanges(one, other, pair, (slopes.F[other] - slopes.F[one]) / extent, extent)
        exchanges += [(those, run) for run in those.runs]
        values.append(slopes.F[one] + those.changes())
    chosen = _most_promising((front - low) / extent, (np.vstack(values) - low) / extent, count)
    masks = np.empty((len(chosen), slopes.X.shape[1]))
    for mask, number in zip(masks, chosen, strict=True):
        those, run = exchanges[number]
        mask[:] = those.mask(slopes.X, run)
    return masks


def _compared(
    slopes: Slopes, shares: np.ndarray, one: int, other: int, grid: tuple[int, int] | None
) -> _Pair:
    labels, count = labelled_regions(shares[one], shares[other], grid)
    return _Pair(labels, slopes.changes(one, other, labels, count))


class _Exchanges(NamedTuple):
    """What one mask may take from another: the regions that help both, each time with a run of others.

    Attributes:
        one: number of the mask that takes regions.
        other: number of the mask that they are from.
        pair: the regions in which the two differ.
        helpful: numbers of the regions that raise no objective.
        moving: numbers of the regions that move the one mask towards the other, the most efficient first.
        runs: ``(k, 2)`` begin and end of a run of the latter in each exchange.
    """

    one: int
    other: int
    pair: _Pair
    helpful: np.ndarray
    moving: np.ndarray
    runs: np.ndarray

    def changes(self) -> np.ndarray:
        """Predict the changes ``(k, m)`` of the objectives."""
        together = self.pair.changes[:, self.helpful].sum(axis=1)
        summed = np.zeros((len(self.moving) + 1, len(together)))
        summed[1:] = self.pair.changes[:, self.moving].cumsum(axis=1).T
        return np.asarray(together + summed[self.runs[:, 1]] - summed[self.runs[:, 0]])

    def mask(self, X: np.ndarray, run: np.ndarray) -> np.ndarray:
        """Return the one of the masks ``(n, n_var)`` after an exchange."""
        mask = X[self.one].copy()
        is_taken = np.zeros(self.pair.changes.shape[1], dtype=bool)
        is_taken[self.helpful] = is_taken[self.moving[slice(*run)]] = True
        taken = self.pair.variables(is_taken)
        mask[taken] = X[self.other, taken]
        return np.asarray(mask)


def _exchanges(one: int, other: int, pair: _Pair, direction: np.ndarray, extent: np.ndarray) -> _Exchanges:
    changes = pair.changes / extent[:, None]
    helpful = np.flatnonzero((changes <= 0).all(axis=0))
    gains = np.maximum(-changes[direction < 0], 0.0).sum(axis=0)
    losses = np.maximum(changes, 0.0).sum(axis=0)
    moving = np.flatnonzero((gains > 0) & (losses > 0))
    moving = moving[np.argsort(losses[moving] / gains[moving], kind="stable")][:_REGIONS]
    numbers = np.arange(len(moving))
    one_by_one = np.stack([numbers, numbers + 1], axis=1)
    one_after_the_other = np.stack([0 * numbers, numbers], axis=1)[2:]
    alone = np.zeros((int(len(helpful) > 0), 2), dtype=int)
    return _Exchanges(one, other, pair, helpful, moving, np.vstack([alone, one_by_one, one_after_the_other]))


def _most_promising(front: np.ndarray, points: np.ndarray, count: int) -> list[int]:
    """Choose points that would improve a front most, one after the other; both normalised."""
    chosen: list[int] = []
    for number in np.argsort(-_gains(front, points), kind="stable")[: _CONSIDERED * count]:
        if len(chosen) == count:
            break
        point = points[number : number + 1]
        if _gains(front, point)[0] > _LEAST_GAIN:
            chosen.append(int(number))
            front = np.vstack([front, point])
            if front.shape[1] == 2:
                front = front[non_dominated(front)]
    return chosen


def _gains(front: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return what each point alone would add to a front, normalised.

    With two objectives, hypervolume; with more, the least distance, in any one objective, by which it is
    better than each point of the front, which costs less to compute.
    """
    if front.shape[1] > 2:
        return np.asarray((front[None] - points[:, None]).max(axis=2).min(axis=1))
    return gained_areas(front, points)


def neighbours(F: np.ndarray, reach: int) -> np.ndarray:
    """Return the nearest others ``(n, 2 * reach)`` of each point, by number.

    With two objectives they are the next ones along the front, as many on either side; a point at an end of
    it counts itself in place of those that are missing. With more, they are the nearest in the Euclidean
    sense.

    Args:
        F: ``(n, m)`` normalised values.
        reach: how many on either side.
    """
    n = len(F)
    if F.shape[1] == 2:
        order = np.argsort(F[:, 0], kind="stable")
        distances = np.r_[np.arange(-reach, 0), np.arange(1, reach + 1)]
        places = np.arange(n)[:, None] + distances
        found = np.where((places >= 0) & (places < n), places, np.arange(n)[:, None])
        near = np.empty_like(found)
        near[order] = order[found]
        return near
    squared = ((F[:, None] - F[None]) ** 2).sum(axis=2)
    nearest = np.argsort(squared, axis=1, kind="stable")[:, 1 : 2 * reach + 1]
    missing = np.repeat(np.arange(n)[:, None], 2 * reach - nearest.shape[1], axis=1)
    return np.hstack([nearest, missing])
