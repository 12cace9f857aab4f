"""Multiplicative majorise-minimise steps on the weighted sums of `visual_l1` and `audio_log_l1`."""

from collections.abc import Callable

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
        return self._descended(y, trade_offs, steps, minorants, _never)[0]

    def improve(
        self,
        x: np.ndarray,
        trade_offs: np.ndarray,
        *,
        steps: int,
        minorants: np.ndarray | None = None,
        after_step: Callable[[np.ndarray], bool],
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Return masks after a number of steps, and report the values of each step.

        Args:
            x: ``(n, n_var)`` masks to start from.
            trade_offs: as in `descend`.
            steps: most steps.
            minorants: as in `descend`.
            after_step: callback with the values ``(n, n_obj)`` before every step; True ends the descent with
                the masks of these values.

        Returns:
            Masks ``(n, n_var)``; their values ``(n, n_obj)`` if ``after_step`` ended the descent, else None.
        """
        y, F = self._descended(1.0 - x, trade_offs, steps, minorants, after_step)
        return 1.0 - y, F

    def _descended(
        self,
        y: np.ndarray,
        trade_offs: np.ndarray,
        steps: int,
        minorants: np.ndarray | None,
        after_step: Callable[[np.ndarray], bool],
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Return complements, and their values if ``after_step`` ended the descent."""
        y = np.maximum(y, _LEAST_COMPLEMENT)
        weighted = trade_offs[:, None] * self._weights
        for _ in range(steps):
            masks = 1.0 - y
            parts = self._problem.log_parts(masks)
            F = self._values(masks, parts.values)
            if after_step(F):
                return y, F
            cost = weighted - (parts.concave if minorants is None else minorants)
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                grown = np.minimum(y * parts.convex / cost, 1.0)
            # Where the cost is not positive, the sum decreases up to a complement of 1.
            y = np.where(cost > 0, grown, 1.0)
        return y, None

    def _values(self, masks: np.ndarray, log_losses: np.ndarray) -> np.ndarray:
        """Return F ``(n, 2)`` of masks: losses over their scale, because the least loss of both is 0."""
        F = np.empty((len(masks), 2))
        F[:, self._columns[0]] = ((1.0 - masks) * self._weights).sum(axis=1)
        F[:, self._columns[1]] = log_losses
        return np.asarray(F / self._problem.scale)


def _never(values: np.ndarray) -> bool:
    return False
