"""Local minima of weighted sums: how many several starts lead to, and how far apart they are."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist

from ..._arithmetic import computing
from ...problem import MOSSProblem
from .descents import TOLERANCE, Descents, converged_descents

_SAME_MASK = 0.1
"""Greatest difference of the levels of masks of one minimum, anywhere on the plane."""
_SAME_LOSS = 1e-4
"""Relative difference of weighted sums of one minimum: ten times the stationarity at which descents end."""
_PLACES = 256
"""Least number of bins and of frames at which masks are compared, where the plane has as many; less than half
a blur apart."""
_SUCCESS = 1e-3
"""Excess over the best weighted sum, as a share of it, with which a start counts as successful."""


@dataclass(frozen=True)
class Minima:
    """Local minima of one weighted sum that descents from several starts have led to.

    Attributes:
        weights: ``(n_obj,)`` of the losses in units of the box, their sum 1.
        starts: number of descents.
        by_mask: number of minima whose masks differ by more than 0.1 somewhere on the plane (single linkage).
            Variables are not compared: different ones may lead to nearly the same mask.
        by_loss: number of minima whose weighted sums differ by more than 0.0001 of the best.
        spread: excess of the worst minimum over the best, as a share of the best.
        median_excess: excess of the median start's minimum, likewise.
        success: share of the starts whose minimum exceeds the best by at most 0.001 of it.
        distance: median distance of two minima, the root of the mean square over the plane; 0 for one.
        bound_excess: excess of the best minimum over the certified lower bound, as a share of the bound; NaN
            without one.
        unconverged: share of the descents that had not converged after 2,000 steps.
    """

    weights: tuple[float, ...]
    starts: int
    by_mask: int
    by_loss: int
    spread: float
    median_excess: float
    success: float
    distance: float
    bound_excess: float
    unconverged: float


def local_minima(
    problem: MOSSProblem, starts: np.ndarray, weights: np.ndarray, lower_bounds: np.ndarray
) -> list[Minima]:
    """Descend from all starts with each of the weights, and tell the minima apart.

    Args:
        problem: with gradients.
        starts: ``(n, n_var)`` masks.
        weights: ``(m, n_obj)`` of the values F.
        lower_bounds: ``(m,)`` certified bounds of these weighted sums; NaN where there are none.
    """
    count = len(starts)
    found = converged_descents(problem, np.tile(starts, (len(weights), 1)), np.repeat(weights, count, axis=0))
    low, ref = problem.hypervolume_box
    minima = []
    for number, (weight, bound) in enumerate(zip(weights, lower_bounds, strict=True)):
        of_one = slice(number * count, (number + 1) * count)
        part = Descents(found.X[of_one], found.sums[of_one], found.stationarity[of_one])
        in_box = weight * (ref - low)
        masks = _masks(problem, part.X)
        minima.append(told_apart(part, masks, in_box / in_box.sum(), float(bound)))
    return minima


def told_apart(found: Descents, masks: np.ndarray, weights: np.ndarray, lower_bound: float) -> Minima:
    """Tell apart the minima of one weighted sum.

    Args:
        found: where its descents have led.
        masks: ``(n, k)`` levels of the masks at places of the plane.
        weights: ``(n_obj,)`` of the losses in units of the box, their sum 1.
        lower_bound: certified, or NaN.
    """
    best = found.sums.min()
    excess = found.sums / best - 1.0
    numbers = clusters(masks, _SAME_MASK)
    return Minima(
        weights=tuple(float(one) for one in weights),
        starts=len(found.X),
        by_mask=int(numbers.max()) + 1,
        by_loss=1 + int((np.diff(np.sort(excess)) > _SAME_LOSS).sum()),
        spread=float(excess.max()),
        median_excess=float(np.median(excess)),
        success=float((excess <= _SUCCESS).mean()),
        distance=_median_distance(masks[np.unique(numbers, return_index=True)[1]]),
        bound_excess=float(best / lower_bound - 1.0),
        unconverged=float((found.stationarity > TOLERANCE).mean()),
    )


def clusters(masks: np.ndarray, distance: float) -> np.ndarray:
    """Return the number of the cluster ``(n,)`` of each of the masks ``(n, k)``, from 0.

    Single linkage: masks whose levels differ nowhere by more than a distance are in the same cluster.
    """
    if len(masks) == 1:
        return np.zeros(1, dtype=int)
    return np.asarray(fcluster(linkage(masks, "single", "chebyshev"), distance, "distance")) - 1


def _median_distance(masks: np.ndarray) -> float:
    if len(masks) == 1:
        return 0.0
    return float(np.median(pdist(masks)) / np.sqrt(masks.shape[1]))


def _masks(problem: MOSSProblem, X: np.ndarray) -> np.ndarray:
    """Return levels ``(n, k)`` of masks ``(n, n_var)`` at places evenly over the plane."""
    strides = [max(1, size // _PLACES) for size in problem.encoder.plane]
    with computing(problem.threads), torch.no_grad():
        levels = [_level(problem, x)[:: strides[0], :: strides[1]].flatten() for x in X]
    return torch.stack(levels).numpy()


def _level(problem: MOSSProblem, x: np.ndarray) -> torch.Tensor:
    parameter = problem.encoder.picture
    mask: torch.Tensor = problem.encoder.mask(torch.from_numpy(x[None]).to(parameter))
    return mask[0].cpu()
