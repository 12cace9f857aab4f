"""Evaluator of a loss that is linear in the masks, such as `VisualL1`: one dot product, without the plane."""

import numpy as np
from torch import Tensor

from .lanes import WIDTH
from .sweep import BLOCKS_AT_ONCE


class LinearEvaluator:
    """Evaluator of ``<weights, 1 - X>`` in float64.

    Args:
        weights: ``(gh, gw)`` float64.
    """

    def __init__(self, weights: Tensor) -> None:
        self._weights = weights.flatten().cpu().numpy()
        self.block = 1
        self.masks_at_once = WIDTH * BLOCKS_AT_ONCE
        self.bytes_per_mask = 2 * self._weights.nbytes

    def values(self, x: np.ndarray) -> np.ndarray:
        """Return losses ``(n, 1)``."""
        # One sum per mask, because a matrix product rounds differently in batches of different sizes.
        shares = np.subtract(1.0, x)
        return np.multiply(shares, self._weights, out=shares).sum(axis=1, keepdims=True)

    def values_and_gradients(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return losses ``(n, 1)`` and gradients ``(n, 1, n_var)``."""
        return self.values(x), np.broadcast_to(-self._weights, (len(x), 1, len(self._weights)))
