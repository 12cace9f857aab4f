"""Ruggedness of a landscape, from the losses along walks."""

from dataclasses import dataclass

import numpy as np

_SENSITIVITIES = np.r_[0.0, 2.0 ** -np.arange(7, -1, -1.0)]
"""Shares of the largest change at which the information content is measured (Malan and Engelbrecht 2009)."""


@dataclass(frozen=True)
class Ruggedness:
    """Ruggedness of one loss along one kind of walk.

    Attributes:
        correlation: of the losses one step apart (Weinberger 1990), mean over the walks.
        correlation_length: steps over which the correlation falls to 1 / e: ``-1 / log(correlation)``; 0
            where the correlation is not positive.
        information_content: greatest entropy of the changes of direction over all sensitivities (Vassilev,
            Fogarty and Miller 2000; Malan and Engelbrecht 2009), mean over the walks: 0 where the loss only
            rises or falls.
    """

    correlation: float
    correlation_length: float
    information_content: float


def ruggedness(losses: np.ndarray) -> Ruggedness:
    """Measure the ruggedness of losses ``(walks, steps)``."""
    correlation = float(np.mean([autocorrelation(one) for one in losses]))
    with np.errstate(divide="ignore"):
        length = float(-1.0 / np.log(correlation)) if 0 < correlation < 1 else np.inf * (correlation >= 1)
    return Ruggedness(
        correlation=correlation,
        correlation_length=length if correlation > 0 else 0.0,
        information_content=float(np.mean([information_content(one) for one in losses])),
    )


def autocorrelation(losses: np.ndarray) -> float:
    """Return the autocorrelation of losses ``(steps,)`` one step apart; 1 where they do not change.

    ``sum((f_t - mean) (f_{t+1} - mean)) / sum((f_t - mean)^2)``.
    """
    centred = losses - losses.mean()
    variance = float(centred @ centred)
    return float(centred[1:] @ centred[:-1]) / variance if variance > 0 else 1.0


def information_content(losses: np.ndarray) -> float:
    """Return the greatest information content of losses ``(steps,)`` over all sensitivities.

    Each change of the loss is a symbol: up, down, or neither where it is within a sensitivity. The content is
    ``-sum(P[p q] log6 P[p q])`` over the six pairs of successive symbols that differ.
    """
    changes = np.diff(losses)
    largest = np.abs(changes).max()
    if len(changes) < 2 or largest == 0:
        return 0.0
    return max(_entropy(changes, share * largest) for share in _SENSITIVITIES)


def _entropy(changes: np.ndarray, sensitivity: float) -> float:
    symbols = np.where(np.abs(changes) > sensitivity, np.sign(changes), 0.0).astype(int) + 1
    pairs = np.bincount(3 * symbols[:-1] + symbols[1:], minlength=9).reshape(3, 3)
    shares = pairs[~np.eye(3, dtype=bool)] / (len(symbols) - 1)
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum() / np.log(6))
