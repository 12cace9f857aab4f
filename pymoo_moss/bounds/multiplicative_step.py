"""The multiplicative step of `Majorisation` for one mask, as compiled loops."""

import numpy as np

from .._compiling import compiled

_LARGEST_CHANGE = 2.0
"""Of the logarithm of a trade-off in one step of Newton's method."""
_LEAST_STEEPNESS = 0.1
"""Of the logarithm of the linear loss, in the logarithm of the trade-off."""
_TINY = float(np.finfo(float).tiny)


@compiled
def step(
    y: np.ndarray,
    pull: np.ndarray,
    concave: np.ndarray,
    weights: np.ndarray,
    trade_off: float,
    corrections: int,
    stepped: np.ndarray,
) -> None:
    """Write the complements after one step.

    With corrections, the trade-off becomes one that leaves the linear loss nearly as it is: the loss after
    a step decreases with it, and Newton's method in the logarithms finds it.

    Args:
        y: ``(n_var,)`` complements ``1 - X``.
        pull: ``(n_var,)`` gradient in X of the terms of the log loss that are convex in it.
        concave: ``(n_var,)`` that of the linear functions in place of its other terms.
        weights: ``(n_var,)`` minus the gradient of the linear loss.
        trade_off: weight of the linear loss.
        corrections: steps of Newton's method.
        stepped: ``(n_var,)``, is overwritten.
    """
    level = 0.0
    for variable in range(len(y)):
        level += y[variable] * weights[variable]
    for correction in range(corrections + 1):
        reached, steepness = 0.0, 0.0
        for variable in range(len(y)):
            cost = trade_off * weights[variable] - concave[variable]
            # Without a positive cost, the sum decreases up to a complement of 1.
            complement = 1.0
            if cost > 0.0:
                complement = min(y[variable] * pull[variable] / cost, 1.0)
            # Those at a bound do not depend on the trade-off.
            if complement < 1.0:
                steepness += complement * weights[variable] / cost * weights[variable]
            reached += complement * weights[variable]
            stepped[variable] = complement
        if correction < corrections:
            reached = max(reached, _TINY)
            steepness *= trade_off / reached
            change = np.log(reached / max(level, _TINY)) / max(steepness, _LEAST_STEEPNESS)
            trade_off *= np.exp(min(max(change, -_LARGEST_CHANGE), _LARGEST_CHANGE))
