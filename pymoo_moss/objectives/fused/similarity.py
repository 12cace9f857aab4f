"""Structural similarity of views in compiled loops, row by row in cache, with its gradient.

Index and closed form of the gradient are those of `StructuralSimilarity`; see there for the source.
"""

import numpy as np

from .._ssim import C1, C2, TAPS, WINDOW
from .compiling import compiled, parallel_map

_TAPS = np.array(TAPS, np.float32)
_MARGIN = WINDOW - 1


class FusedSimilarity:
    """Evaluator of one minus the mean SSIM of views with one target.

    Args:
        target: ``(height, width)`` float32 in [0, 1], both sides at least 11.
    """

    def __init__(self, target: np.ndarray) -> None:
        self._target = np.ascontiguousarray(target, np.float32)
        height, width = target.shape
        self._target_terms = np.empty((2, height - _MARGIN, width - _MARGIN), np.float32)
        _describe_target(self._target, self._target_terms)

    def values(self, views: np.ndarray) -> np.ndarray:
        """Return losses ``(n,)`` of views ``(n, height, width)`` float32."""
        nothing = np.empty((3, 0, 0), np.float32)
        similarities = parallel_map(
            lambda view: _compare(view, self._target, self._target_terms, nothing), list(views)
        )
        return _losses(similarities)

    def values_and_gradients(self, views: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return losses ``(n,)`` and gradients ``(n, height, width)``."""
        gradients = np.empty_like(views)

        def work(number: int) -> float:
            # With a margin of zeros on every side the adjoint of the windowed mean is a windowed mean too.
            height, width = self._target.shape
            slopes = np.zeros((3, height + _MARGIN, width + _MARGIN), np.float32)
            similarity: float = _compare(views[number], self._target, self._target_terms, slopes)
            _gradient_of_view(views[number], self._target, slopes, gradients[number])
            return similarity

        return _losses(parallel_map(work, range(len(views)))), gradients


def _losses(similarities: list[float]) -> np.ndarray:
    # Similarity is at most 1, but rounding may exceed that.
    return np.maximum(1 - np.array(similarities), 0.0)


@compiled
def _across(lines: np.ndarray, blurred: np.ndarray) -> None:
    """Compute windowed means along three lines."""
    for field in range(3):
        line, out = lines[field], blurred[field]
        for column in range(out.size):
            total = np.float32(0)
            for k in range(WINDOW):
                total += _TAPS[k] * line[column + k]
            out[column] = total


@compiled
def _means(view: np.ndarray, target: np.ndarray, row: int, lines: np.ndarray, blurred: np.ndarray) -> None:
    """Compute one row of the windowed means of the view, of its square and of its product with the target."""
    for column in range(view.shape[1]):
        mean, square, product = np.float32(0), np.float32(0), np.float32(0)
        for k in range(WINDOW):
            x = view[row + k, column]
            weighted = _TAPS[k] * x
            mean += weighted
            square += weighted * x
            product += weighted * target[row + k, column]
        lines[0, column], lines[1, column], lines[2, column] = mean, square, product
    _across(lines, blurred)


@compiled
def _describe_target(target: np.ndarray, terms: np.ndarray) -> None:
    """Compute the windowed mean and variance of the target."""
    lines = np.empty((3, target.shape[1]), np.float32)
    blurred = np.empty((3, terms.shape[2]), np.float32)
    for row in range(terms.shape[1]):
        _means(target, target, row, lines, blurred)
        for column in range(terms.shape[2]):
            mean = blurred[0, column]
            terms[0, row, column] = mean
            terms[1, row, column] = blurred[1, column] - mean * mean


@compiled
def _factors(
    blurred: np.ndarray, target_terms: np.ndarray, row: int, column: int
) -> tuple[float, float, float, float]:
    """Return numerator and denominator of SSIM's two factors, luminance and structure."""
    mean, other = blurred[0, column], target_terms[0, row, column]
    variance, covariance = blurred[1, column] - mean * mean, blurred[2, column] - mean * other
    c1, c2, two = np.float32(C1), np.float32(C2), np.float32(2)
    return (
        two * mean * other + c1,
        mean * mean + other * other + c1,
        two * covariance + c2,
        variance + target_terms[1, row, column] + c2,
    )


@compiled
def _compare(view: np.ndarray, target: np.ndarray, target_terms: np.ndarray, slopes: np.ndarray) -> float:
    """Return the mean SSIM, and fill the loss's slopes in the windowed means unless that array is empty.

    Slopes have a margin of ten on every side.
    """
    height, width = target_terms.shape[1:]
    lines = np.empty((3, view.shape[1]), np.float32)
    blurred = np.empty((3, width), np.float32)
    similarities = np.empty(width, np.float32)
    two, share = np.float32(2), np.float32(1 / (height * width))
    total = 0.0
    for row in range(height):
        _means(view, target, row, lines, blurred)
        for column in range(width):
            luminance, luminance_scale, structure, structure_scale = _factors(
                blurred, target_terms, row, column
            )
            similarities[column] = luminance * structure / (luminance_scale * structure_scale)
        for column in range(width):
            total += similarities[column]
        if slopes.size:
            for column in range(width):
                luminance, luminance_scale, structure, structure_scale = _factors(
                    blurred, target_terms, row, column
                )
                mean, other, similarity = (
                    blurred[0, column],
                    target_terms[0, row, column],
                    similarities[column],
                )
                scale = luminance_scale * structure_scale
                by_square = -similarity / structure_scale
                by_product = two * luminance / scale
                by_mean = two * (other * structure / scale - mean * similarity / luminance_scale)
                by_mean -= two * mean * by_square + other * by_product
                # The loss decreases as the similarity increases.
                slopes[0, row + _MARGIN, column + _MARGIN] = -share * by_mean
                slopes[1, row + _MARGIN, column + _MARGIN] = -share * by_square
                slopes[2, row + _MARGIN, column + _MARGIN] = -share * by_product
    return total / (height * width)


@compiled
def _gradient_of_view(view: np.ndarray, target: np.ndarray, slopes: np.ndarray, gradient: np.ndarray) -> None:
    """Compute the gradient in the view from slopes in the windowed means."""
    height, width = view.shape
    lines = np.empty((3, width + _MARGIN), np.float32)
    blurred = np.empty((3, width), np.float32)
    for row in range(height):
        for field in range(3):
            for column in range(width + _MARGIN):
                total = np.float32(0)
                for k in range(WINDOW):
                    total += _TAPS[k] * slopes[field, row + k, column]
                lines[field, column] = total
        _across(lines, blurred)
        for column in range(width):
            x, y = view[row, column], target[row, column]
            by_square = np.float32(2) * x * blurred[1, column]
            gradient[row, column] = blurred[0, column] + by_square + y * blurred[2, column]
