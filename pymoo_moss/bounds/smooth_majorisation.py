"""Majorise-minimise steps on weighted sums of `VisualL1`, `AudioLogL1` and `MaskRoughness`."""

import numpy as np

from ..problem import MOSSProblem
from .majorisation import LEAST_COMPLEMENT
from .smooth_relaxation import SmoothRelaxation
from .structure import three_columns_of

_SWEEPS = 8
"""Visits of all variables in a step."""


class SmoothMajorisation:
    """Descent on ``audio_log_l1 + trade_off * visual_l1 + stiffness * mask_roughness`` without a step size.

    A step minimises the functions that majorise the log loss, as in `Majorisation`, together with the
    roughness as it is: the weighted sum never ascends. `docs/front.md` has the derivation.

    Args:
        problem: problem with these three objectives.

    Raises:
        ObjectiveError: the problem has other objectives or another mixture, or its F is not that of its
            objectives.
    """

    def __init__(self, problem: MOSSProblem) -> None:
        self.columns = three_columns_of(problem)
        self.relaxation = SmoothRelaxation(problem.encoder)
        self._scale = problem.scale[list(self.columns)]
        self._pair = MOSSProblem(
            encoder=problem.encoder,
            objectives=[problem.objectives[column] for column in self.columns[:2]],
            engine=problem.engine,
            threads=problem.threads,
            max_memory_mb=problem.max_memory_mb,
        )

    def descend(
        self,
        y: np.ndarray,
        trade_offs: np.ndarray,
        stiffness: np.ndarray,
        *,
        steps: int,
        minorants: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return complements ``(n, n_var)`` after a number of steps.

        Args:
            y: ``(n, n_var)`` complements ``1 - X`` to start from.
            trade_offs: ``(n,)`` weights of the linear loss; that of the log loss is 1.
            stiffness: ``(n,)`` weights of the roughness.
            steps: number of steps.
            minorants: ``(n, n_var)`` slopes of linear functions that replace the concave part; by default its
                tangents.
        """
        y = np.maximum(y, LEAST_COMPLEMENT)
        for _ in range(steps):
            parts = self._pair.log_parts(1.0 - y)
            concave = parts.concave if minorants is None else minorants
            y = self._stepped(y, parts.convex, concave, trade_offs, stiffness)
        return y

    def slopes(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Evaluate masks ``(n, n_var)``.

        Returns:
            Their values F ``(n, 3)``; and gradients ``(n, 4, n_var)`` in units of F: of the linear loss, of
            the convex and the concave part of the log loss, and of the roughness.
        """
        parts, y = self._pair.log_parts(x), 1.0 - x
        linear, log, rough = self._scale
        gradients = np.empty((len(x), 4, x.shape[1]))
        gradients[:, 0] = -self.relaxation.linear / linear
        gradients[:, 1] = parts.convex / log
        gradients[:, 2] = parts.concave / log
        gradients[:, 3] = -self.relaxation.roughness_slopes(y) / rough
        F = np.empty((len(x), 3))
        losses = (y * self.relaxation.linear).sum(axis=1), parts.values, self.relaxation.roughness(y)
        F[:, list(self.columns)] = np.stack(losses, axis=1) / self._scale
        return F, gradients

    def stepped(self, x: np.ndarray, gradients: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Return masks after one step with tangents.

        Args:
            x: ``(n, n_var)`` masks.
            gradients: ``(n, 4, n_var)`` from `slopes`.
            weights: ``(n, 3)`` of F.
        """
        linear, log, rough = (weights[:, list(self.columns)] / self._scale).T
        log = np.maximum(log, np.finfo(float).tiny)
        y = np.maximum(1.0 - x, LEAST_COMPLEMENT)
        convex, concave = (gradients[:, part] * self._scale[1] for part in (1, 2))
        return np.asarray(1.0 - self._stepped(y, convex, concave, linear / log, rough / log))

    def _stepped(
        self,
        y: np.ndarray,
        pull: np.ndarray,
        concave: np.ndarray,
        trade_offs: np.ndarray,
        stiffness: np.ndarray,
    ) -> np.ndarray:
        cost = trade_offs[:, None] * self.relaxation.linear - concave
        return self.relaxation.smoothed(y, y * pull, cost, stiffness, _SWEEPS)
