"""Exchange regions of the grid between masks that are neighbours on the front, by predicted values."""

from collections.abc import Iterator
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
        variables: ``(k,)`` indices of the variables that differ.
        regions: ``(k,)`` the region of each of them, from 0.
        changes: ``(m, regions)`` predicted changes of the objectives where the first mask takes a region.
    """

    variables: np.ndarray
    regions: np.ndarray
    changes: np.ndarray


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
        taken = pair.variables[(weights[one] @ pair.changes < 0)[pair.regions]]
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
    candidates, values = [], []
    shares = slopes.X / slopes.span
    for one, other in pairs:
        pair = _compared(slopes, shares, one, other, grid)
        for regions in _selections(pair.changes / extent[:, None], slopes.F[other] - slopes.F[one]):
            candidates.append((one, other, pair, regions))
            values.append(slopes.F[one] + pair.changes[:, regions].sum(axis=1))
    if not candidates:
        return np.empty((0, slopes.X.shape[1]))
    chosen = _most_promising((front - low) / extent, (np.array(values) - low) / extent, count)
    return np.array([_taken(slopes.X, *candidates[number]) for number in chosen]).reshape(
        len(chosen), slopes.X.shape[1]
    )


def _compared(
    slopes: Slopes, shares: np.ndarray, one: int, other: int, grid: tuple[int, int] | None
) -> _Pair:
    labels = labelled_regions(shares[one], shares[other], grid)
    variables = np.flatnonzero(labels)
    regions = labels[variables] - 1
    changes = slopes.changes(one, other, variables)
    count = int(labels.max(initial=0))
    summed = np.stack([np.bincount(regions, weights=change, minlength=count) for change in changes])
    return _Pair(variables, regions, summed)


def _selections(changes: np.ndarray, direction: np.ndarray) -> Iterator[np.ndarray]:
    """Yield selections of regions, from their changes ``(m, regions)`` and the way to the other mask."""
    helpful = np.flatnonzero((changes <= 0).all(axis=0))
    if len(helpful):
        yield helpful
    lowered = direction < 0
    gains = np.maximum(-changes[lowered], 0.0).sum(axis=0) if lowered.any() else np.zeros(changes.shape[1])
    losses = np.maximum(changes, 0.0).sum(axis=0)
    moving = np.flatnonzero((gains > 0) & (losses > 0))
    ordered = moving[np.argsort(losses[moving] / gains[moving], kind="stable")][:_REGIONS]
    for region in ordered:
        yield np.r_[helpful, region]
    for end in range(2, len(ordered)):
        yield np.r_[helpful, ordered[:end]]


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


def _taken(X: np.ndarray, one: int, other: int, pair: _Pair, regions: np.ndarray) -> np.ndarray:
    mask = X[one].copy()
    taken = pair.variables[np.isin(pair.regions, regions)]
    mask[taken] = X[other, taken]
    return np.asarray(mask)


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
