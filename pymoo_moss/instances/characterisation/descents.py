"""Descents of weighted sums that are followed until they have converged."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from ...bounds.majorisation import LEAST_COMPLEMENT
from ...problem import MOSSProblem
from ...search.slopes import MajorisedSteps, steps_of

TOLERANCE = 1e-5
"""Stationarity at which a descent has converged."""
_STEPS = 2000
"""Most steps of a descent."""


@dataclass(frozen=True)
class Descents:
    """Where descents have led.

    Attributes:
        X: ``(n, n_var)`` masks.
        sums: ``(n,)`` their weighted sums.
        stationarity: ``(n,)`` the Frank-Wolfe gap ``max(g @ (x - z))`` over all masks z, with the weighted
            sum's gradient g, as a share of the weighted sum: 0 at stationary points only (Jaggi 2013).
    """

    X: np.ndarray
    sums: np.ndarray
    stationarity: np.ndarray


def converged_descents(problem: MOSSProblem, starts: np.ndarray, weights: np.ndarray) -> Descents:
    """Descend from masks to local minima of weighted sums, each with its own weights.

    For ``visual_l1`` with ``audio_log_l1`` by majorise-minimise steps, many masks at once. Single steps
    converge as slowly as deconvolution does, so that the logarithms of the complements have Nesterov's
    momentum, which restarts wherever the weighted sum rises (O'Donoghue and Candès 2015). For other
    objectives by L-BFGS-B. Both end when the stationarity is at most 1e-5, or after 2,000 steps.

    Args:
        problem: with gradients.
        starts: ``(n, n_var)`` masks.
        weights: ``(n, n_obj)`` of the values F, not negative.
    """
    steps = steps_of(problem)
    if isinstance(steps, MajorisedSteps):
        return _by_majorisation(steps, starts, weights)
    return _by_quasi_newton(problem, starts, weights)


def _by_majorisation(steps: MajorisedSteps, starts: np.ndarray, weights: np.ndarray) -> Descents:
    count = len(starts)
    X, sums, measured = starts.copy(), np.full(count, np.inf), np.full(count, np.inf)
    before, age, moving = _log_complement(starts), np.zeros(count), np.arange(count)
    for number in range(_STEPS + 1):
        slopes = steps.slopes(X[moving])
        weighted = (slopes.F * weights[moving]).sum(axis=1)
        age[moving] = np.where(weighted > sums[moving], 0.0, age[moving] + 1.0)
        sums[moving] = weighted
        gradients = slopes.weighted(weights[moving]).sum(axis=1)
        measured[moving] = stationarity(X[moving], gradients, weighted)
        left = measured[moving] > TOLERANCE
        if number == _STEPS or not left.any():
            break
        after = _log_complement(steps.stepped(slopes, weights[moving], 1.0))[left]
        moving = moving[left]
        momentum = (age[moving] / (age[moving] + 3.0))[:, None]
        moved = after + momentum * (after - before[moving])
        before[moving] = after
        X[moving] = 1.0 - np.exp(np.clip(moved, np.log(LEAST_COMPLEMENT), 0.0))
    return Descents(X, sums, measured)


def _log_complement(X: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(np.maximum(1.0 - X, LEAST_COMPLEMENT)))


def _by_quasi_newton(problem: MOSSProblem, starts: np.ndarray, weights: np.ndarray) -> Descents:
    found = [_minimised(problem, start, of_one) for start, of_one in zip(starts, weights, strict=True)]
    X = np.stack(found)
    F, dF = problem.evaluate(X, return_values_of=["F", "dF"])
    sums, gradients = (F * weights).sum(axis=1), (dF * weights[:, :, None]).sum(axis=1)
    return Descents(X, sums, stationarity(X, gradients, sums))


def _minimised(problem: MOSSProblem, start: np.ndarray, weights: np.ndarray) -> np.ndarray:
    def weighted(x: np.ndarray) -> tuple[float, np.ndarray]:
        F, dF = problem.evaluate(x[None], return_values_of=["F", "dF"])
        return float(F[0] @ weights), weights @ dF[0]

    bounds = [(0.0, 1.0)] * len(start)
    options = {"maxiter": _STEPS, "maxfun": 2 * _STEPS, "ftol": 1e-10, "gtol": 1e-10}
    found = minimize(weighted, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return np.asarray(np.clip(found.x, 0.0, 1.0))


def stationarity(X: np.ndarray, gradients: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Return the Frank-Wolfe gaps ``(n,)`` of masks ``(n, n_var)``, as shares of their weighted sums."""
    gaps = np.maximum(gradients * X, gradients * (X - 1.0)).sum(axis=1)
    return np.asarray(gaps / np.maximum(np.abs(sums), np.finfo(float).tiny))
