"""Minimise weighted sums of the objectives with the best solver available for them."""

from typing import Protocol

import numpy as np
from pymoo.core.algorithm import Algorithm
from pymoo.core.problem import Problem

from .._arithmetic import computing
from ..bounds import Majorisation
from ..bounds.structure import structure_of
from ..errors import ObjectiveError
from .adam import Found, descend, logits_of
from .budget import AfterStep, affordable, counted_steps
from .front_gaps import Starts
from .problem_protocol import check_bounds, grid_of

_LEARNING_RATE = 0.2
_SCATTER = 0.1
_LEAST_LEVEL = 1e-3
"""Least distance of starts from the bounds, as a share: logits farther out would hardly move."""


class WeightedDescent(Protocol):
    """Improves masks, each for its own weighting of the objectives."""

    def first(self, weights: np.ndarray, steps: int, after_step: AfterStep) -> Found:
        """Return masks ``(n, n_var)`` for weights ``(n, n_obj)``, after ``steps`` steps from no start."""
        ...

    def improve(self, x: np.ndarray, weights: np.ndarray, steps: int, after_step: AfterStep) -> Found:
        """Return masks ``(n, n_var)`` after so many steps from masks ``x``."""
        ...


def improved(
    algorithm: Algorithm, descent: WeightedDescent, start: Starts, steps: int, beside: np.ndarray
) -> Found:
    """Descend from masks within the algorithm's budget; where no step fits, return masks to be evaluated.

    Args:
        algorithm: see `counted_steps`.
        descent: of its problem.
        start: masks and their weights.
        steps: how many are wanted.
        beside: see `counted_steps`.
    """
    steps, after_step = counted_steps(algorithm, steps, len(start.X), beside)
    if not steps:
        return Found(affordable(algorithm, start.X), None)
    return descent.improve(start.X, start.weights, steps, after_step)


def weighted_descent(problem: Problem) -> WeightedDescent:
    """Return multiplicative steps where the problem has the structure for them, else Adam.

    Constraints are ignored: whoever takes the masks prefers feasible ones.

    Raises:
        OptionError: the problem's variables have no finite bounds.
    """
    check_bounds(problem)
    try:
        return MultiplicativeDescent(problem)
    except ObjectiveError:
        return AdamDescent(problem)


class MultiplicativeDescent:
    """Majorise-minimise steps, for ``visual_l1`` with ``audio_log_l1``.

    Raises:
        ObjectiveError: the problem has another structure.
    """

    def __init__(self, problem: Problem) -> None:
        structure_of(problem)  # others may have no number of threads
        self._n_var, self._threads = problem.n_var, problem.threads
        with computing(self._threads):
            self._majorisation = Majorisation(problem)

    def first(self, weights: np.ndarray, steps: int, after_step: AfterStep) -> Found:
        """Take half of the steps on the convex problems in which chords replace all concave terms."""
        half = np.full((len(weights), self._n_var), 0.5)
        with computing(self._threads):
            chords = self._majorisation.relaxation.linear_minorants(np.ones((1, self._n_var), bool))
            trade_offs = self._majorisation.trade_offs(weights)
            found = Found(
                *self._majorisation.improve(
                    half, trade_offs, steps=steps // 2, minorants=chords, after_step=after_step
                )
            )
        # Values are known where the descent was ended.
        if found.F is not None:
            return found
        return self.improve(found.X, weights, steps - steps // 2, after_step)

    def improve(self, x: np.ndarray, weights: np.ndarray, steps: int, after_step: AfterStep) -> Found:
        """Descend by tangents of the concave terms, which never ascends."""
        with computing(self._threads):
            trade_offs = self._majorisation.trade_offs(weights)
            return Found(*self._majorisation.improve(x, trade_offs, steps=steps, after_step=after_step))


class AdamDescent:
    """Adam on logits, for any objectives with gradients."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem

    def first(self, weights: np.ndarray, steps: int, after_step: AfterStep) -> Found:
        """Descend from half-way between the bounds everywhere, or near there for variables on no grid.

        Such variables may be interchangeable, and would stay equal if they started so.
        """
        low, span = self._problem.xl, self._problem.xu - self._problem.xl
        shares = np.full((len(weights), self._problem.n_var), 0.5)
        if grid_of(self._problem) is None:
            shares += np.random.default_rng(0).uniform(-_SCATTER, _SCATTER, shares.shape)
        return self.improve(low + span * shares, weights, steps, after_step)

    def improve(self, x: np.ndarray, weights: np.ndarray, steps: int, after_step: AfterStep) -> Found:
        """Descend by Adam."""
        # Each weighting at the same size, because losses differ by orders of magnitude.
        return descend(
            self._problem,
            logits_of(x, self._problem, _LEAST_LEVEL),
            weights / weights.max(axis=1, keepdims=True),
            steps=steps,
            lr=_LEARNING_RATE,
            on_step=lambda step, values: after_step(values),
        ).found
