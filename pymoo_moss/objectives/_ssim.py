"""Structural similarity with a fixed picture, with its gradient in closed form.

Equal to `pytorch_msssim.ssim` with ``data_range=1`` (Gaussian window of 11 pixels, sigma 1.5, no padding) up
to rounding. Seeding evaluates it thousands of times, and the convolutions of that package with their autograd
graph take many times as long (``make bench`` times both).

Source: Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to
structural similarity", IEEE Transactions on Image Processing 13 (2004).
"""

import math

import torch
from torch import Tensor

WINDOW = 11
"""Side of the window in pixels."""

_SIGMA = 1.5
C1, C2 = 0.01**2, 0.03**2
"""Constants that stabilise the quotients, for values in [0, 1]."""

_WEIGHTS = [math.exp(-((k - WINDOW // 2) ** 2) / (2 * _SIGMA**2)) for k in range(WINDOW)]
TAPS = [weight / sum(_WEIGHTS) for weight in _WEIGHTS]
"""Weights of the window along one axis, which sum to 1."""


class StructuralSimilarity:
    """Mean SSIM between pictures and one target.

    Args:
        target: ``(height, width)`` in [0, 1], both sides at least 11.
    """

    def __init__(self, target: Tensor) -> None:
        self._target = target
        self._target_mean = _blur(target)
        self._target_variance = _blur(target * target) - self._target_mean**2

    def value(self, pictures: Tensor) -> Tensor:
        """Return the mean SSIM ``(n,)`` in [-1, 1] of ``pictures (n, height, width)``."""
        _, luminance, luminance_scale, structure, structure_scale = self._terms(pictures)
        return _mean(luminance * structure / (luminance_scale * structure_scale))

    def value_and_gradient(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean SSIM ``(n,)`` and its gradient ``(n, height, width)``."""
        mean, luminance, luminance_scale, structure, structure_scale = self._terms(pictures)
        scale = luminance_scale * structure_scale
        similarity = luminance * structure / scale
        # Derivatives in the window's mean, in its variance, and in its covariance with the target ...
        by_variance = -similarity / structure_scale
        by_covariance = 2 * luminance / scale
        by_mean = 2 * (self._target_mean * structure / scale - mean * similarity / luminance_scale)
        # ... and, as these are E[x^2] - E[x]^2 and E[xy] - E[x] E[y], in the blurred x, x^2 and xy.
        by_mean -= 2 * mean * by_variance + self._target_mean * by_covariance
        gradient = _blur_adjoint(by_mean)
        gradient += 2 * pictures * _blur_adjoint(by_variance)
        gradient += self._target * _blur_adjoint(by_covariance)
        return _mean(similarity), gradient / similarity[0].numel()

    def _terms(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Return the windowed mean, then numerator and denominator of SSIM's two factors."""
        mean = _blur(pictures)
        variance = _blur(pictures * pictures) - mean**2
        covariance = _blur(pictures * self._target) - mean * self._target_mean
        return (
            mean,
            2 * mean * self._target_mean + C1,
            mean**2 + self._target_mean**2 + C1,
            2 * covariance + C2,
            variance + self._target_variance + C2,
        )


def _mean(similarity: Tensor) -> Tensor:
    # Row by row, so that a picture's mean does not depend on its batch.
    return similarity.mean(dim=-1).mean(dim=-1)


def _blur(pictures: Tensor) -> Tensor:
    """Compute the windowed mean; both sides become shorter by 10."""
    return _blur_along(_blur_along(pictures, -2), -1)


def _blur_adjoint(gradient: Tensor) -> Tensor:
    """Apply the adjoint of `_blur`."""
    margin = WINDOW - 1
    return _blur(torch.nn.functional.pad(gradient, (margin, margin, margin, margin)))


def _blur_along(pictures: Tensor, dim: int) -> Tensor:
    # Shifted sums: for eleven taps in cache they are several times faster than a convolution call.
    length = pictures.shape[dim] - WINDOW + 1
    blurred = pictures.narrow(dim, 0, length) * TAPS[0]
    for shift in range(1, WINDOW):
        blurred.add_(pictures.narrow(dim, shift, length), alpha=TAPS[shift])
    return blurred
