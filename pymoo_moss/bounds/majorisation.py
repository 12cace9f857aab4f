"""Multiplicative majorise-minimise steps on the weighted sums of `visual_l1` and `audio_log_l1`."""

import numpy as np

from .._compiling import parallel_map
from ..objectives import VisualL1
from ..problem import MOSSProblem
from .multiplicative_step import step
from .relaxation import Relaxation
from .structure import structure_of

LEAST_COMPLEMENT = 1e-6
"""Least complement to start from, because a step multiplies ``1 - X``, and 0 would stay 0."""


class Majorisation:
    """Descent on ``audio_log_l1 + trade_off * visual_l1`` without a step size.

    In ``Y = 1 - X`` the bins in which the sound is louder give the likelihood of emission tomography, whose
    multiplicative step ``Y <- min(1, Y * pull / cost)`` never ascends (Shepp and Vardi 1982). The other bins
    are concave: a linear function replaces them, and is part of the cost. Their tangents at the current mask
    lie above them, so that the step never ascends the true loss; linear minorants make a convex problem,
    whose solutions are good starts and give bounds. `docs/front.md` has the derivation.

    Args:
        problem: problem with the objectives ``visual_l1`` and ``audio_log_l1``.

    Raises:
        ObjectiveError: the problem has other objectives or another mixture, or its F is not that of its
            objectives.
    """

    def __init__(self, problem: MOSSProblem) -> None:
        structure = structure_of(problem)
        self.relaxation = Relaxation(problem.encoder)
        self._problem = problem
        self._weights = VisualL1().weights(problem.encoder).flatten().cpu().numpy()
        self._columns = [structure.linear, structure.log]
        self._scales = problem.scale[self._columns]

    def trade_offs(self, weights: np.ndarray) -> np.ndarray:
        """Return weights ``(n,)`` of the linear loss relative to the log loss, from weights of F."""
        of_losses = (weights / self._problem.scale)[:, self._columns]
        shares: np.ndarray = of_losses[:, 0] / np.maximum(of_losses[:, 1], np.finfo(float).tiny)
        return shares

    def descend(
        self,
        y: np.ndarray,
        trade_offs: np.ndarray,
        *,
        steps: int,
        minorants: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return complements ``(n, n_var)`` after a number of steps.

        Args:
            y: ``(n, n_var)`` complements ``1 - X`` to start from.
            trade_offs: ``(n,)`` weights of the linear loss; that of the log loss is 1.
            steps: number of steps.
            minorants: ``(n, n_var)`` or ``(1, n_var)`` slopes of linear functions that replace the concave
                part; by default its tangents.
        """
        y = np.maximum(y, LEAST_COMPLEMENT)
        linear = None if minorants is None else np.array(np.broadcast_to(minorants, y.shape))
        for _ in range(steps):
            parts = self._problem.log_parts(1.0 - y)
            y = self._stepped(y, parts.convex, parts.concave if linear is None else linear, trade_offs)
        return y

    def slopes(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Evaluate masks ``(n, n_var)``.

        Returns:
            Their values F ``(n, 2)``; and gradients ``(n, 3, n_var)`` in units of F: of the linear loss, and
            of the convex and the concave part of the log loss.
        """
        parts = self._problem.log_parts(x)
        gradients = np.empty((len(x), 3, x.shape[1]))
        gradients[:, 0] = -self._weights / self._scales[0]
        gradients[:, 1] = parts.convex
        gradients[:, 2] = parts.concave
        gradients[:, 1:] /= self._scales[1]
        return self._values(x, parts.values), gradients

    def stepped(
        self, x: np.ndarray, gradients: np.ndarray, trade_offs: np.ndarray, corrections: int = 0
    ) -> np.ndarray:
        """Return masks after one step with tangents.

        Args:
            x: ``(n, n_var)`` masks.
            gradients: ``(n, 3, n_var)`` from `slopes`.
            trade_offs: ``(n,)`` as in `descend`.
            corrections: steps of Newton's method to trade-offs that leave the linear loss nearly as it is.
        """
        y = np.maximum(1.0 - x, LEAST_COMPLEMENT)
        # The trade-offs are divided by the scale, instead of multiplying the gradients by it.
        shares = trade_offs / self._scales[1]
        return 1.0 - self._stepped(y, gradients[:, 1], gradients[:, 2], shares, corrections)

    def _stepped(
        self,
        y: np.ndarray,
        pull: np.ndarray,
        concave: np.ndarray,
        trade_offs: np.ndarray,
        corrections: int = 0,
    ) -> np.ndarray:
        """Take the step with each mask, several at a time."""
        stepped = np.empty_like(y)

        def step_one(one: int) -> None:
            step(
                y[one],
                pull[one],
                concave[one],
                self._weights,
                float(trade_offs[one]),
                corrections,
                stepped[one],
            )

        parallel_map(step_one, range(len(y)))
        return stepped

    def _values(self, masks: np.ndarray, log_losses: np.ndarray) -> np.ndarray:
        """Return F ``(n, 2)`` of masks: losses over their scale, because the least loss of both is 0."""
        F = np.empty((len(masks), 2))
        F[:, self._columns[0]] = ((1.0 - masks) * self._weights).sum(axis=1)
        F[:, self._columns[1]] = log_losses
        return np.asarray(F / self._problem.scale)
