"""Structural similarity of views in compiled loops, row by row in cache, with its gradient.

Index and closed form of the gradient are those of `StructuralSimilarity`; see there for the source.
"""

import numpy as np

from ..._compiling import compiled, compiled_within, parallel_map
from .._ssim import C1, C2, TAPS, WINDOW
from .lanes import WIDTH, add_widened, broadcast, load, read, store, widened_zeros
from .spare import Spare

_MARGIN = WINDOW - 1
_ROWS = 4
"""Rows of windowed means that are computed together, so that a row of the view is loaded for all of them."""

_TAPS = np.array([*[0] * (_ROWS - 1), *TAPS, *[0] * (_ROWS - 1)], np.float32)
"""The window's weights, with zeros on both sides for rows that a neighbour's window reaches."""


class FusedSimilarity:
    """Evaluator of one minus the mean SSIM of views with one target.

    Sixteen neighbouring pixels of four rows are computed together, in copies of the views with more and
    longer rows: what is read and computed beyond the view is not used.

    Args:
        target: ``(height, width)`` float32 in [0, 1], both sides at least 11.
        c1: constant of the luminance's quotient.
    """

    def __init__(self, target: np.ndarray, c1: float = C1) -> None:
        self._shape, self._c1 = target.shape, np.float32(c1)
        self._length = (-(-target.shape[1] // WIDTH) + 1) * WIDTH
        self._target = self._longer()
        self._copy(target, self._target)
        height, width = target.shape
        self._target_terms = np.zeros((2, _whole(height - _MARGIN, _ROWS), self._length), np.float32)
        _describe_target(self._target, width - _MARGIN, self._target_terms)
        self._views = Spare(self._longer)
        self._gradients = Spare(self._longer)
        # With a margin of zeros on every side the adjoint of the windowed mean is a windowed mean too.
        of_slopes = 3, _whole(height, _ROWS) + _MARGIN, self._length + WIDTH
        self._slopes = Spare(lambda: np.zeros(of_slopes, np.float32))

    def values(self, views: np.ndarray) -> np.ndarray:
        """Return losses ``(n,)`` of views ``(n, height, width)`` float32."""
        nothing = np.empty((3, 0, 0), np.float32)

        def work(number: int) -> float:
            longer = self._views.take()
            self._copy(views[number], longer)
            similarity = self._compare(longer, nothing)
            self._views.give_back(longer)
            return similarity

        return _losses(parallel_map(work, range(len(views))))

    def differentiate(self, views: np.ndarray) -> np.ndarray:
        """Return losses ``(n,)`` of views ``(n, height, width)``, and replace these by gradients."""
        height, width = self._shape

        def work(number: int) -> float:
            longer, slopes, gradient = self._views.take(), self._slopes.take(), self._gradients.take()
            self._copy(views[number], longer)
            similarity = self._compare(longer, slopes)
            _gradient_of_view(longer, self._target, slopes, gradient)
            views[number] = gradient[:height, :width]
            self._views.give_back(longer)
            self._slopes.give_back(slopes)
            self._gradients.give_back(gradient)
            return similarity

        return _losses(parallel_map(work, range(len(views))))

    def _longer(self) -> np.ndarray:
        return np.zeros((_whole(self._shape[0], _ROWS) + _ROWS, self._length), np.float32)

    def _copy(self, view: np.ndarray, longer: np.ndarray) -> None:
        height, width = self._shape
        longer[:height, :width] = view

    def _compare(self, view: np.ndarray, slopes: np.ndarray) -> float:
        height, width = (side - _MARGIN for side in self._shape)
        terms = self._target, self._target_terms, self._c1
        similarity: float = _compare(view, *terms, height, width, slopes)
        return similarity


def _losses(similarities: list[float]) -> np.ndarray:
    # Similarity is at most 1, but rounding may exceed that.
    return np.maximum(1 - np.array(similarities), 0.0)


@compiled
def _whole(length: int, of: int) -> int:
    return (length + of - 1) // of * of


@compiled_within
def _across(lines: np.ndarray, blurred: np.ndarray) -> None:
    """Compute windowed means along three lines, of which ``blurred`` has the beginning."""
    for field in range(3):
        line, out = lines[field], blurred[field]
        for column in range(0, out.size, WIDTH):
            total = broadcast(np.float32(0))
            for k in range(WINDOW):
                total = total + read(_TAPS, _ROWS - 1 + k) * load(line, column + k)
            store(out, column, total)


@compiled_within
def _down(view: np.ndarray, target: np.ndarray, first: int, lines: np.ndarray) -> None:
    """Compute windowed means down four rows of the view, of its square and of its product with the target.

    Args:
        view: ``(rows, length)``.
        target: the same.
        first: the first row.
        lines: ``(4, 3, length + 16)``, what is computed.
    """
    values, targets, length = view.ravel(), target.ravel(), view.shape[1]
    zero = broadcast(np.float32(0))
    for column in range(0, length, WIDTH):
        m0, m1, m2, m3 = zero, zero, zero, zero
        s0, s1, s2, s3 = zero, zero, zero, zero
        p0, p1, p2, p3 = zero, zero, zero, zero
        for k in range(WINDOW + _ROWS - 1):
            at = (first + k) * length + column
            x = load(values, at)
            square, product = x * x, x * load(targets, at)
            w0, w1, w2, w3 = read(_TAPS, k + 3), read(_TAPS, k + 2), read(_TAPS, k + 1), read(_TAPS, k)
            m0, m1, m2, m3 = m0 + w0 * x, m1 + w1 * x, m2 + w2 * x, m3 + w3 * x
            s0, s1, s2, s3 = s0 + w0 * square, s1 + w1 * square, s2 + w2 * square, s3 + w3 * square
            p0, p1, p2, p3 = p0 + w0 * product, p1 + w1 * product, p2 + w2 * product, p3 + w3 * product
        for field, (t0, t1, t2, t3) in enumerate(((m0, m1, m2, m3), (s0, s1, s2, s3), (p0, p1, p2, p3))):
            store(lines[0, field], column, t0)
            store(lines[1, field], column, t1)
            store(lines[2, field], column, t2)
            store(lines[3, field], column, t3)


@compiled_within
def _empty_lines(length: int) -> np.ndarray:
    """Return three lines of four rows, with zeros behind their ends, which windows at the ends reach."""
    return np.zeros((_ROWS, 3, length + WIDTH), np.float32)


@compiled
def _describe_target(target: np.ndarray, width: int, terms: np.ndarray) -> None:
    """Compute the windowed mean and variance of the target."""
    lines = _empty_lines(target.shape[1])
    blurred = np.empty((3, _whole(width, WIDTH)), np.float32)
    for first in range(0, terms.shape[1], _ROWS):
        _down(target, target, first, lines)
        for row in range(first, first + _ROWS):
            _across(lines[row - first], blurred)
            for column in range(blurred.shape[1]):
                mean = blurred[0, column]
                terms[0, row, column] = mean
                terms[1, row, column] = blurred[1, column] - mean * mean


@compiled
def _compare(
    view: np.ndarray,
    target: np.ndarray,
    target_terms: np.ndarray,
    c1: np.float32,
    height: int,
    width: int,
    slopes: np.ndarray,
) -> float:
    """Return the mean SSIM, and fill the loss's slopes in the windowed means unless that array is empty.

    Args:
        view: ``(rows, length)``.
        target: the same.
        target_terms: windowed mean and variance of the target.
        c1: constant of the luminance's quotient.
        height: rows of windowed means.
        width: length of a row of windowed means.
        slopes: ``(3, rows, length + 16)`` zeros, with a margin of ten above and to the left.
    """
    lines = _empty_lines(view.shape[1])
    blurred = np.empty((3, _whole(width, WIDTH)), np.float32)
    similarities = np.zeros(blurred.shape[1], np.float32)
    c2, two, minus = np.float32(C2), np.float32(2), np.float32(-1)
    share = np.float32(-1 / (height * width))
    total = widened_zeros()
    for first in range(0, height, _ROWS):
        _down(view, target, first, lines)
        for row in range(first, min(first + _ROWS, height)):
            _across(lines[row - first], blurred)
            means, variances = target_terms[0, row], target_terms[1, row]
            for column in range(0, blurred.shape[1], WIDTH):
                mean, other = load(blurred[0], column), load(means, column)
                both, square = mean * other, mean * mean
                variance = load(blurred[1], column) + minus * square
                covariance = load(blurred[2], column) + minus * both
                # Numerators and denominators of SSIM's two factors.
                luminance, luminance_scale = c1 + two * both, c1 + (square + other * other)
                structure = c2 + two * covariance
                structure_scale = c2 + (variance + load(variances, column))
                # One division for three quotients.
                inverse = np.float32(1) / (luminance_scale * structure_scale)
                similarity = (luminance * structure) * inverse
                store(similarities, column, similarity)
                if slopes.size:
                    by_square = minus * (similarity * (luminance_scale * inverse))
                    by_product = two * (luminance * inverse)
                    by_mean = (other * structure) * inverse
                    by_mean = by_mean + minus * (mean * (similarity * (structure_scale * inverse)))
                    by_mean = two * by_mean + minus * (two * (mean * by_square) + other * by_product)
                    # The loss decreases as the similarity increases.
                    store(slopes[0, row + _MARGIN], column + _MARGIN, share * by_mean)
                    store(slopes[1, row + _MARGIN], column + _MARGIN, share * by_square)
                    store(slopes[2, row + _MARGIN], column + _MARGIN, share * by_product)
            similarities[width:] = 0
            for column in range(0, similarities.size, WIDTH):
                total = add_widened(total, load(similarities, column))
            if slopes.size:
                slopes[:, row + _MARGIN, width + _MARGIN :] = 0
    sums = np.empty(WIDTH)
    store(sums, 0, total)
    return sums.sum() / (height * width)


@compiled
def _gradient_of_view(view: np.ndarray, target: np.ndarray, slopes: np.ndarray, gradient: np.ndarray) -> None:
    """Compute the gradient in the view from slopes in the windowed means."""
    length, longer = view.shape[1], slopes.shape[2]
    lines = np.empty((_ROWS, 3, longer), np.float32)
    blurred = np.empty((3, length), np.float32)
    two, zero = np.float32(2), broadcast(np.float32(0))
    for first in range(0, slopes.shape[1] - _MARGIN, _ROWS):
        for field in range(3):
            values = slopes[field].ravel()
            for column in range(0, longer, WIDTH):
                t0, t1, t2, t3 = zero, zero, zero, zero
                for k in range(WINDOW + _ROWS - 1):
                    lanes = load(values, (first + k) * longer + column)
                    t0, t1 = t0 + read(_TAPS, k + 3) * lanes, t1 + read(_TAPS, k + 2) * lanes
                    t2, t3 = t2 + read(_TAPS, k + 1) * lanes, t3 + read(_TAPS, k) * lanes
                store(lines[0, field], column, t0)
                store(lines[1, field], column, t1)
                store(lines[2, field], column, t2)
                store(lines[3, field], column, t3)
        for row in range(first, first + _ROWS):
            _across(lines[row - first], blurred)
            for column in range(0, length, WIDTH):
                x, y = load(view[row], column), load(target[row], column)
                by_value = load(blurred[0], column) + (two * x) * load(blurred[1], column)
                store(gradient[row], column, by_value + y * load(blurred[2], column))
