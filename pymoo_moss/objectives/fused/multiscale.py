"""Compiled evaluator of `VisualMultiscale`."""

from itertools import pairwise

import numpy as np

from ..._compiling import compiled, parallel_map
from ...spectrogram import MaskEncoder, SeparableMap
from .._ssim import C1, NO_LUMINANCE, scale_weights, scales_of
from .display import FusedDisplay
from .similarity import FusedSimilarity


class FusedMultiscale:
    """Evaluator of `VisualMultiscale` on the CPU, in float32.

    Args:
        encoder: picture and sound.
        view: the map whose adjoint averages the plane into the view.

    Raises:
        Unsuitable: the mask's bands are too wide, or magnitudes would overflow.
    """

    def __init__(self, encoder: MaskEncoder, view: SeparableMap) -> None:
        # Its second column, the distance from the sound, is not used: it comes with the sweep's logarithms.
        self._display = FusedDisplay(encoder, view, FusedScales)
        self.block, self.masks_at_once = self._display.block, self._display.masks_at_once
        self.bytes_per_mask = self._display.bytes_per_mask

    def values(self, x: np.ndarray) -> np.ndarray:
        """Return losses ``(n, 1)``."""
        return self._display.values(x)[:, :1]

    def values_and_gradients(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return losses ``(n, 1)`` and gradients ``(n, 1, n_var)``."""
        values, gradients = self._display.values_and_gradients(x)
        return values[:, :1], gradients[:, :1]


class FusedScales:
    """Evaluator of one minus the multi-scale SSIM of views with one target; see `MultiscaleSimilarity`.

    Args:
        target: ``(height, width)`` float32 in [0, 1].
    """

    def __init__(self, target: np.ndarray) -> None:
        self._weights = scale_weights(scales_of(*target.shape))
        targets = _pyramid(target[None], len(self._weights))
        self._scales = [FusedSimilarity(one[0], NO_LUMINANCE) for one in targets[:-1]]
        self._scales.append(FusedSimilarity(targets[-1][0], C1))

    def values(self, views: np.ndarray) -> np.ndarray:
        """Return losses ``(n,)`` of views ``(n, height, width)`` float32."""
        pyramid = _pyramid(views, len(self._scales))
        return self._mean([scale.values(some) for scale, some in zip(self._scales, pyramid, strict=True)])

    def differentiate(self, views: np.ndarray) -> np.ndarray:
        """Return losses ``(n,)`` of views ``(n, height, width)``, and replace these by gradients."""
        pyramid = _pyramid(views, len(self._scales))
        losses = [scale.differentiate(some) for scale, some in zip(self._scales, pyramid, strict=True)]
        weights = np.array(self._weights, np.float32)

        def work(mask: int) -> None:
            pyramid[-1][mask] *= weights[-1]
            for scale in range(len(pyramid) - 2, -1, -1):
                _add_doubled(pyramid[scale + 1][mask], weights[scale], pyramid[scale][mask])

        parallel_map(work, range(len(views)))
        return self._mean(losses)

    def _mean(self, losses: list[np.ndarray]) -> np.ndarray:
        total: np.ndarray = sum(weight * one for weight, one in zip(self._weights, losses, strict=True))  # type: ignore[assignment]
        return total


def _pyramid(views: np.ndarray, scales: int) -> list[np.ndarray]:
    """Return views ``(n, height, width)``, and their halves, quarters and so on, in all ``scales``."""
    pyramid = [views]
    for _ in range(scales - 1):
        count, height, width = pyramid[-1].shape
        pyramid.append(np.empty((count, height // 2, width // 2), np.float32))

    def work(number: int) -> None:
        for finer, coarser in pairwise(pyramid):
            _halve(finer[number], coarser[number])

    parallel_map(work, range(len(views)))
    return pyramid


@compiled
def _halve(view: np.ndarray, half: np.ndarray) -> None:
    """Average four pixels each of a view ``(height, width)`` into one."""
    quarter = np.float32(0.25)
    for row in range(half.shape[0]):
        above, below = view[2 * row], view[2 * row + 1]
        for column in range(half.shape[1]):
            left, right = 2 * column, 2 * column + 1
            half[row, column] = quarter * ((above[left] + above[right]) + (below[left] + below[right]))


@compiled
def _add_doubled(half: np.ndarray, weight: float, gradient: np.ndarray) -> None:
    """Multiply a gradient by a weight, and add the adjoint of `_halve`."""
    quarter = np.float32(0.25)
    for row in range(gradient.shape[0]):
        line = half[row // 2]
        for column in range(gradient.shape[1]):
            gradient[row, column] = weight * gradient[row, column] + quarter * line[column // 2]
