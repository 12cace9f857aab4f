"""Empirical attainment functions of two objectives: how many of several runs attain a point."""

from collections.abc import Sequence

import numpy as np


def attainment_surface(fronts: Sequence[np.ndarray], count: int) -> np.ndarray:
    """Find the corners ``(k, 2)`` of the region that ``count`` or more runs attain, first objective rising.

    A run attains every point that some point of its front is nowhere greater than. Source: the empirical
    attainment function of Grunert da Fonseca et al. (2001).

    Args:
        fronts: front ``(n, 2)`` of each run, smaller is better; those without points attain nothing.
        count: number of runs, 1 or more. If fewer runs have points, there are no corners.
    """
    lefts, heights = _staircases(fronts)
    height = np.sort(heights, axis=0)[count - 1]
    corners = height < np.append(np.inf, height[:-1])
    return np.asarray(np.column_stack([lefts, height])[corners])


def attainment_difference(a: Sequence[np.ndarray], b: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Find where one algorithm attains in more of its runs than another (López-Ibáñez et al. 2010).

    Args:
        a: fronts ``(n, 2)`` of one algorithm's runs, smaller is better.
        b: fronts ``(n, 2)`` of the other's; the numbers of runs may differ.

    Returns:
        Rectangles ``(k, 4)`` that do not overlap: left, bottom, right and top, possibly infinite; and for
        each the share of a's runs that attain it, minus that of b's. Elsewhere the difference is 0.
    """
    lefts, heights = _staircases([*a, *b])
    if not len(lefts):
        return np.empty((0, 4)), np.empty(0)
    rights = np.append(lefts[1:], np.inf)
    order = np.argsort(heights, axis=0, kind="stable")
    bottoms = np.take_along_axis(heights, order, axis=0)
    tops = np.vstack([bottoms[1:], np.full(len(lefts), np.inf)])
    # Integers, in units of one run of a times one run of b, so that equal sums compare equal.
    weights = np.repeat([len(b), -len(a)], [len(a), len(b)])
    differences = np.cumsum(weights[order], axis=0)
    # Equal strips side by side are merged into one rectangle.
    new = np.ones(heights.shape, dtype=bool)
    new[:, 1:] = np.any([part[:, 1:] != part[:, :-1] for part in (bottoms, tops, differences)], axis=0)
    starts = np.flatnonzero(new)
    ends = np.append(starts[1:], new.size) - 1
    rectangles = np.column_stack(
        [lefts[starts % len(lefts)], bottoms.flat[starts], rights[ends % len(lefts)], tops.flat[starts]]
    )
    shares = differences.flat[starts] / (len(a) * len(b))
    shown = (shares != 0) & (rectangles[:, 1] < rectangles[:, 3])
    return rectangles[shown], shares[shown]


def _staircases(fronts: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Compute the staircases of fronts on a common grid.

    Returns:
        All values ``(p,)`` of the first objective, rising; and ``(runs, p)`` for each run the least second
        objective up to there, infinite left of the run's points.
    """
    lefts = np.unique(np.concatenate([front[:, 0] for front in fronts]))
    heights = np.full((len(fronts), len(lefts)), np.inf)
    for height, front in zip(heights, fronts, strict=True):
        np.minimum.at(height, np.searchsorted(lefts, front[:, 0]), front[:, 1])
    return lefts, np.minimum.accumulate(heights, axis=1)
