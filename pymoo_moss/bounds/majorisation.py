"""Multiplicative majorise-minimise steps on the weighted sums of `visual_l1` and `audio_log_l1`."""

import numpy as np

from ..objectives import VisualL1
from ..problem import MOSSProblem
from .relaxation import Relaxation
from .structure import structure_of

_LEAST_COMPLEMENT = 1e-6
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
        y = np.maximum(y, _LEAST_COMPLEMENT)
        weighted = trade_offs[:, None] * self._weights
        for _ in range(steps):
            parts = self._problem.log_parts(1.0 - y)
            y = _grown(y, parts.convex, weighted - (parts.concave if minorants is None else minorants))
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

    def stepped(self, x: np.ndarray, gradients: np.ndarray, trade_offs: np.ndarray) -> np.ndarray:
        """Return masks after one step with tangents.

        Args:
            x: ``(n, n_var)`` masks.
            gradients: ``(n, 3, n_var)`` from `slopes`.
            trade_offs: ``(n,)`` as in `descend`.
        """
        pull, concave = self._log_gradients(gradients)
        return 1.0 - _grown(self._complements(x), pull, trade_offs[:, None] * self._weights - concave)

    def stepped_at_level(
        self, x: np.ndarray, gradients: np.ndarray, trade_offs: np.ndarray, corrections: int
    ) -> np.ndarray:
        """Return masks after one step whose trade-offs leave the linear loss nearly as it is.

        The linear loss after a step decreases with the trade-off; Newton's method in the logarithms finds it.

        Args:
            x: as in `stepped`.
            gradients: as in `stepped`.
            trade_offs: ``(n,)`` to begin with.
            corrections: steps of Newton's method.
        """
        y = self._complements(x)
        pull, concave = self._log_gradients(gradients)
        level = y @ self._weights
        for _ in range(corrections):
            cost = trade_offs[:, None] * self._weights - concave
            grown = _grown(y, pull, cost)
            reached = grown @ self._weights
            # Of the complements that are between their bounds; the others do not depend on the trade-off.
            between = (grown < 1.0) & (cost > 0)
            steepness = (
                np.divide(grown * self._weights, cost, out=np.zeros_like(cost), where=between) @ self._weights
            )
            steepness *= trade_offs / np.maximum(reached, np.finfo(float).tiny)
            with np.errstate(divide="ignore"):
                change = np.log(reached / np.maximum(level, np.finfo(float).tiny)) / np.maximum(
                    steepness, 0.1
                )
            trade_offs = trade_offs * np.exp(np.clip(change, -2.0, 2.0))
        return 1.0 - _grown(y, pull, trade_offs[:, None] * self._weights - concave)

    def _complements(self, x: np.ndarray) -> np.ndarray:
        return np.maximum(1.0 - x, _LEAST_COMPLEMENT)

    def _log_gradients(self, gradients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return gradients of the convex and the concave part of the log loss, from those of F."""
        return self._scales[1] * gradients[:, 1], self._scales[1] * gradients[:, 2]

    def _values(self, masks: np.ndarray, log_losses: np.ndarray) -> np.ndarray:
        """Return F ``(n, 2)`` of masks: losses over their scale, because the least loss of both is 0."""
        F = np.empty((len(masks), 2))
        F[:, self._columns[0]] = ((1.0 - masks) * self._weights).sum(axis=1)
        F[:, self._columns[1]] = log_losses
        return np.asarray(F / self._problem.scale)


def _grown(y: np.ndarray, pull: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Return complements ``(n, n_var)`` after one multiplicative step."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        grown = np.minimum(y * pull / cost, 1.0)
    # Where the cost is not positive, the sum decreases up to a complement of 1.
    return np.where(cost > 0, grown, 1.0)
