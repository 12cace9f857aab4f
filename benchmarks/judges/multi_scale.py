"""Multi-scale structural similarity: Wang, Simoncelli and Bovik, Asilomar 2003."""

from collections.abc import Callable

import numpy as np
from scipy.ndimage import correlate1d, uniform_filter1d

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Of the scales, from fine to coarse; table 1 of the paper."""
_SIGMA, _RADIUS = 1.5, 5
_K1, _K2 = 0.01, 0.03


def prepare(picture: np.ndarray) -> Callable[[np.ndarray], float]:
    return lambda view: ms_ssim(view, picture)


def ms_ssim(one: np.ndarray, other: np.ndarray) -> float:
    """Compute the similarity of two pictures ``(height, width)`` in [0, 1], 177 points or more a side."""
    if min(one.shape) < (2 * _RADIUS + 1) * 2 ** (len(WEIGHTS) - 1) + 1:
        raise ValueError(f"expected pictures of 177 points or more a side, got {one.shape}")
    one, other = one.astype(np.float64), other.astype(np.float64)
    similarity = 1.0
    for scale, weight in enumerate(WEIGHTS):
        whole, structure = _ssim(one, other)
        coarsest = scale == len(WEIGHTS) - 1
        similarity *= max(whole if coarsest else structure, 0.0) ** weight
        one, other = _halved(one), _halved(other)
    return similarity


def _ssim(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Return the mean of SSIM, and of its part without luminance."""
    mean_one, mean_other = _blurred(one), _blurred(other)
    variance_one = _blurred(one * one) - mean_one**2
    variance_other = _blurred(other * other) - mean_other**2
    covariance = _blurred(one * other) - mean_one * mean_other
    structure = (2 * covariance + _K2**2) / (variance_one + variance_other + _K2**2)
    luminance = (2 * mean_one * mean_other + _K1**2) / (mean_one**2 + mean_other**2 + _K1**2)
    return float((luminance * structure).mean()), float(structure.mean())


def _blurred(picture: np.ndarray) -> np.ndarray:
    """Blur by a Gaussian, where the window lies within the picture."""
    offsets = np.arange(-_RADIUS, _RADIUS + 1)
    window = np.exp(-(offsets**2) / (2 * _SIGMA**2))
    window /= window.sum()
    for axis in (0, 1):
        picture = correlate1d(picture, window, axis=axis)
    return picture[_RADIUS:-_RADIUS, _RADIUS:-_RADIUS]


def _halved(picture: np.ndarray) -> np.ndarray:
    for axis in (0, 1):
        picture = uniform_filter1d(picture, 2, axis=axis, origin=-1)
    return picture[:-1:2, :-1:2]
