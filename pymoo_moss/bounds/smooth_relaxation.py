"""`SmoothRelaxation`: certified lower bounds of weighted sums that include `MaskRoughness`."""

import numpy as np
import torch

from .._compiling import parallel_map
from ..spectrogram import MaskEncoder
from .relaxation import Relaxation
from .smooth_step import smooth_step

_SWEEPS_FOR_BOUND = 400
"""Visits of all variables with which the quadratic programme of a bound is solved."""


class SmoothRelaxation(Relaxation):
    """The convex minorants of `Relaxation`, with the roughness of the mask, which is convex as it is.

    Args:
        encoder: picture and sound.
    """

    def __init__(self, encoder: MaskEncoder) -> None:
        super().__init__(encoder)
        self.rows, self.columns = encoder.grid
        pairs = (self.rows - 1) * self.columns + self.rows * (self.columns - 1)
        self.pairs = max(1, pairs)
        self.unit_roundoff = torch.finfo(encoder.picture.dtype).eps / 2
        self.linear = self._weights.cpu().numpy()

    def roughness(self, y: np.ndarray) -> np.ndarray:
        """Return the roughness ``(n,)`` of complements ``(n, n_var)``, which is that of their masks."""
        down, across = self._differences(y)
        return np.asarray(((down**2).sum(axis=(1, 2)) + (across**2).sum(axis=(1, 2))) / self.pairs)

    def roughness_slopes(self, y: np.ndarray) -> np.ndarray:
        """Return the gradients ``(n, n_var)`` of the roughness in the complements."""
        down, across = self._differences(y)
        slopes = np.zeros((len(y), self.rows, self.columns))
        slopes[:, 1:] += down
        slopes[:, :-1] -= down
        slopes[:, :, 1:] += across
        slopes[:, :, :-1] -= across
        return np.asarray(slopes.reshape(len(y), -1) * (2.0 / self.pairs))

    def smooth_lower_bounds(
        self, trade_offs: np.ndarray, stiffness: np.ndarray, minorants: np.ndarray, y: np.ndarray
    ) -> np.ndarray:
        """Return lower bounds of ``F_log + trade_off * F_linear + stiffness * F_rough`` over all masks.

        As in `lower_bounds`, tangents replace the convex terms of the log loss. What remains is a quadratic
        programme over the box. At its approximate solution the roughness is replaced by its tangent plane, so
        that the sum is linear and least in a corner of the box. The bounds hold for any ``y`` and any
        solution of the programme.

        Args:
            trade_offs: ``(n,)`` weights of `VisualL1`, not negative; that of `AudioLogL1` is 1.
            stiffness: ``(n,)`` weights of `MaskRoughness`, not negative.
            minorants: ``(n, n_var)`` slopes from `linear_minorants`.
            y: ``(n, n_var)`` complements ``1 - X`` in [0, 1] of approximate solutions.

        Returns:
            Bounds ``(n,)`` of the losses in exact arithmetic on the stored planes and matrices.
        """
        weighted = trade_offs[:, None] * self.linear
        cost = weighted - minorants
        device = self._map.left.device
        at = torch.as_tensor(cost + stiffness[:, None] * self.roughness_slopes(y), device=device)
        found = self._touching(at, torch.as_tensor(y, dtype=torch.float64, device=device))
        total, size, pull = (one.cpu().numpy() for one in found)
        solved = self.smoothed(y, np.zeros_like(y), cost - pull, stiffness, _SWEEPS_FOR_BOUND)
        # The tangent plane of a quadratic form q at y is <grad, Y> - q(y).
        slopes, value = (
            stiffness[:, None] * self.roughness_slopes(solved),
            stiffness * self.roughness(solved),
        )
        # Each of at most four neighbours adds a difference of at most 1 to a slope.
        of_differences = 8.0 * stiffness[:, None] / self.pairs
        magnitudes = weighted + minorants + pull + of_differences
        corner = np.minimum(cost - pull + slopes - self._rounding * magnitudes, 0.0)
        constant = minorants.sum(axis=1)
        total = total + constant + corner.sum(axis=1) - value + self._loss_at_sound
        size = size + constant - corner.sum(axis=1) + value + abs(self._loss_at_sound)
        return np.asarray(total - self._rounding * size)

    def allowed(self, trade_offs: np.ndarray, stiffness: np.ndarray, bounds: np.ndarray) -> np.ndarray:
        """Return bounds ``(n,)`` of evaluated weighted sums, from bounds of exact ones.

        The roughness ``R`` is evaluated on levels that are rounded to the encoder's precision. Each
        difference changes by at most ``2 u``, hence ``R`` falls by at most
        ``4 u sqrt(R) <= share * R + 4 u^2 / share`` for any share; here it is the best one for a sum that is
        the bound.
        """
        near = self.allowance.applied(trade_offs, bounds, stiffness)
        squared = 4 * self.unit_roundoff**2 * stiffness
        # 1 where the bound is too small for a better one, and nothing is lost without roughness.
        share = np.sqrt(np.divide(squared, near, out=np.ones_like(near), where=near > squared))
        share = np.where(stiffness > 0, share, 0.0)
        of_levels = np.divide(squared, share, out=np.zeros_like(share), where=share > 0)
        return np.asarray(near - (share + self._rounding) * np.abs(near) - of_levels)

    def smoothed(
        self, y: np.ndarray, pull: np.ndarray, cost: np.ndarray, stiffness: np.ndarray, sweeps: int
    ) -> np.ndarray:
        """Return complements ``(n, n_var)`` after sweeps of `smooth_step`, several at a time."""
        stepped = np.array(y)

        def step_one(one: int) -> None:
            each = float(stiffness[one] / self.pairs)
            smooth_step(stepped[one], pull[one], cost[one], each, self.columns, sweeps)

        parallel_map(step_one, range(len(y)))
        return stepped

    def _differences(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        grids = y.reshape(-1, self.rows, self.columns)
        return np.diff(grids, axis=1), np.diff(grids, axis=2)
