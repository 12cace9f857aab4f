"""Correlation of edges: whether lines are where the picture has them, however bright its areas are."""

from collections.abc import Callable

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_gradient_magnitude

_SIGMA = 2.0
"""Points of blur before edges are looked for, and after: grain of single bins is no edge."""


def prepare(picture: np.ndarray) -> Callable[[np.ndarray], float]:
    return lambda view: edge_correlation(view, picture)


def edge_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Compute the correlation of the strength of edges of two pictures ``(height, width)``, in [-1, 1].

    A picture without edges correlates with none: 0.
    """
    first, second = (_edges(picture).ravel() for picture in (one, other))
    if first.std() < 1e-12 or second.std() < 1e-12:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def _edges(picture: np.ndarray) -> np.ndarray:
    strength = gaussian_gradient_magnitude(picture.astype(np.float64), _SIGMA)
    return gaussian_filter(strength, _SIGMA)
