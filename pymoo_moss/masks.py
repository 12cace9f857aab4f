"""Masks that need no search: constant levels, from the sound alone to the picture alone."""

from collections.abc import Sequence

import numpy as np

SWEEP_LEVELS = 101
"""Number of constant masks in a sweep from the sound alone to the picture alone."""


def constant_masks(levels: Sequence[float] | np.ndarray, n_var: int) -> np.ndarray:
    """Return masks ``(len(levels), n_var)``, each of one level."""
    return np.repeat(np.asarray(levels, dtype=float)[:, None], n_var, axis=1)


def masks_between(ends: np.ndarray, levels: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return masks ``(n, n_var)`` between the two ends.

    Args:
        ends: ``(2, n_var)`` variables of the sound alone and of the picture alone.
        levels: ``(n,)`` or ``(n, n_var)``, from 0, the sound, to 1, the picture.
    """
    shares = np.asarray(levels, dtype=float)
    shares = shares[:, None] if shares.ndim == 1 else shares
    return np.asarray((1 - shares) * ends[0] + shares * ends[1])
