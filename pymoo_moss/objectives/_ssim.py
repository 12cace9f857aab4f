"""Structural similarity with a fixed picture, with its gradient in closed form.

Equal to `pytorch_msssim.ssim` with ``data_range=1`` (Gaussian window of 11 pixels, sigma 1.5, no padding) up
to rounding. Seeding evaluates it thousands of times, and the convolutions of that package with their autograd
graph take many times as long (``make bench`` times both).

Source: Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to
structural similarity", IEEE Transactions on Image Processing 13 (2004); several scales: Wang, Simoncelli and
Bovik, "Multi-scale structural similarity for image quality assessment", Asilomar Conference (2003).
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

NO_LUMINANCE = 1e30
"""Instead of `C1`: luminance's quotient is 1 then, and the index that of contrast and structure alone."""

_SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Weights of the scales by Wang, Simoncelli and Bovik, the finest first."""


def scales_of(height: int, width: int) -> int:
    """Return on how many scales, each half of the one before, the window fits into a picture; at most 5."""
    shorter, scales = min(height, width), 1
    while scales < len(_SCALE_WEIGHTS) and shorter // 2**scales >= WINDOW:
        scales += 1
    return scales


def scale_weights(scales: int) -> list[float]:
    """Return the weights of the finest scales, which sum to 1."""
    weights = _SCALE_WEIGHTS[:scales]
    return [weight / sum(weights) for weight in weights]


class StructuralSimilarity:
    """Mean SSIM between pictures and one target.

    Args:
        target: ``(height, width)`` in [0, 1], both sides at least 11.
        c1: constant of the luminance's quotient.
    """

    def __init__(self, target: Tensor, c1: float = C1) -> None:
        self._target, self._c1 = target, c1
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
            2 * mean * self._target_mean + self._c1,
            mean**2 + self._target_mean**2 + self._c1,
            2 * covariance + C2,
            variance + self._target_variance + C2,
        )


class MultiscaleSimilarity:
    """Weighted mean over scales of contrast's and structure's similarity, on the coarsest with luminance's.

    A mean and not the product of the source: that is 0, with an unbounded or no gradient, as soon as one
    scale's similarity is not positive, as it often is between a sound and a picture.

    Args:
        target: ``(height, width)`` in [0, 1], both sides divisible by 2 to the number of scales less one.
    """

    def __init__(self, target: Tensor) -> None:
        self._weights = scale_weights(scales_of(*target.shape))
        last = len(self._weights) - 1
        self._scales = []
        for scale in range(last + 1):
            self._scales.append(StructuralSimilarity(target, C1 if scale == last else NO_LUMINANCE))
            target = _halved(target[None])[0] if scale < last else target

    def value(self, pictures: Tensor) -> Tensor:
        """Return the similarity ``(n,)`` in [-1, 1] of ``pictures (n, height, width)``."""
        total = pictures.new_zeros(len(pictures))
        for scale, (similarity, weight) in enumerate(zip(self._scales, self._weights, strict=True)):
            pictures = _halved(pictures) if scale else pictures
            total = total + weight * similarity.value(pictures)
        return total

    def value_and_gradient(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Return the similarity ``(n,)`` and its gradient ``(n, height, width)``."""
        total, gradients = pictures.new_zeros(len(pictures)), []
        for scale, (similarity, weight) in enumerate(zip(self._scales, self._weights, strict=True)):
            pictures = _halved(pictures) if scale else pictures
            value, gradient = similarity.value_and_gradient(pictures)
            total = total + weight * value
            gradients.append(weight * gradient)
        gradient = gradients.pop()
        while gradients:
            # The adjoint of an average of four.
            doubled = gradient.repeat_interleave(2, dim=-2).repeat_interleave(2, dim=-1) / 4
            gradient = gradients.pop() + doubled
        return total, gradient


def _halved(pictures: Tensor) -> Tensor:
    return torch.nn.functional.avg_pool2d(pictures, 2)


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
