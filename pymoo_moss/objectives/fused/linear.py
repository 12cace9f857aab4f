"""Evaluator of a loss that is linear in the masks, such as `VisualL1`: one dot product, without the plane."""

import numpy as np
from torch import Tensor

from ..._compiling import parallel_map
from .lanes import WIDTH
from .packing import BLOCKS_AT_ONCE

_NUMBERS_IN_CACHE = 2**15
"""Variables of all masks that one thread handles at a time."""


class LinearEvaluator:
    """Evaluator of ``<weights, 1 - X>`` in float64.

    Args:
        weights: ``(gh, gw)`` float64.
    """

    def __init__(self, weights: Tensor) -> None:
        self._weights = weights.flatten().cpu().numpy()
        self._masks_in_cache = max(_NUMBERS_IN_CACHE // len(self._weights), 1)
        self.block = 1
        self.masks_at_once = WIDTH * BLOCKS_AT_ONCE
        self.bytes_per_mask = 2 * self._weights.nbytes

    def values(self, x: np.ndarray) -> np.ndarray:
        """Return losses ``(n, 1)``."""
        values = np.empty((len(x), 1))

        def evaluate(start: int) -> None:
            some = slice(start, start + self._masks_in_cache)
            shares = np.subtract(1.0, x[some])
            # One sum per mask, because a matrix product rounds differently in batches of different sizes.
            np.multiply(shares, self._weights, out=shares).sum(axis=1, keepdims=True, out=values[some])

        parallel_map(evaluate, range(0, len(x), self._masks_in_cache))
        return values

    def values_and_gradients(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return losses ``(n, 1)`` and gradients ``(n, 1, n_var)``."""
        return self.values(x), np.broadcast_to(-self._weights, (len(x), 1, len(self._weights)))
