"""Descent on weighted sums of the objectives, in the best way that they allow."""

from typing import Protocol

import numpy as np
from pymoo.core.algorithm import Algorithm
from pymoo.core.problem import Problem

from .._threads import torch_threads
from ..bounds import Majorisation
from ..errors import ObjectiveError, OptionError
from ..problem import MOSSProblem
from .adam import Found, descend
from .budget import AfterStep, affordable, counted_steps
from .front_gaps import Starts

_LEARNING_RATE = 0.2
_LEAST_LEVEL = 1e-3
"""Distance from 0 and 1 of starts: logits farther out would hardly move."""


class WeightedDescent(Protocol):
    """Improves masks, each for its own weighting of the objectives."""

    def first(self, weights: np.ndarray, steps: int, after_step: AfterStep) -> Found:
        """Masks ``(n, n_var)`` for weights ``(n, n_obj)``, from nothing, in so many steps altogether."""
        ...

    def improve(self, x: np.ndarray, weights: np.ndarray, steps: int, after_step: AfterStep) -> Found:
        """Masks ``(n, n_var)`` after steps from masks ``x``."""
        ...


def improved(
    algorithm: Algorithm, descent: WeightedDescent, start: Starts, steps: int, beside: np.ndarray
) -> Found:
    """What a descent makes of masks within the algorithm's budget; where no step fits, masks to be evaluated.

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
    """Multiplicative steps where the objectives have the structure for them, Adam for all others.

    Raises:
        OptionError: the problem is not a `MOSSProblem`.
    """
    if not isinstance(problem, MOSSProblem):
        raise OptionError(f"expected a MOSSProblem to descend on, got {type(problem).__name__}")
    try:
        return MultiplicativeDescent(problem)
    except ObjectiveError:
        return AdamDescent(problem)


class MultiplicativeDescent:
    """Majorise-minimise steps, for ``visual_l1`` with ``audio_log_l1``.

    Raises:
        ObjectiveError: the problem has other objectives.
    """

    def __init__(self, problem: MOSSProblem) -> None:
        self._majorisation = Majorisation(problem)
        self._n_var, self._threads = problem.n_var, problem.threads

    def first(self, weights: np.ndarray, steps: int, after_step: AfterStep) -> Found:
        """Half of the steps on the convex problems in which chords take the place of all concave terms."""
        with torch_threads(self._threads):
            chords = self._majorisation.relaxation.linear_below(np.ones((1, self._n_var), bool))
        half = np.full((len(weights), self._n_var), 0.5)
        trade_offs = self._majorisation.trade_offs(weights)
        found = self._majorisation.improve(
            half, trade_offs, steps=steps // 2, below=chords, after_step=after_step
        )
        # Values are known where the descent was ended.
        return (
            found if found.F is not None else self.improve(found.X, weights, steps - steps // 2, after_step)
        )

    def improve(self, x: np.ndarray, weights: np.ndarray, steps: int, after_step: AfterStep) -> Found:
        """By tangents of the concave terms, which never ascends."""
        trade_offs = self._majorisation.trade_offs(weights)
        return self._majorisation.improve(x, trade_offs, steps=steps, after_step=after_step)


class AdamDescent:
    """Adam on logits, for any objectives with gradients."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem

    def first(self, weights: np.ndarray, steps: int, after_step: AfterStep) -> Found:
        """From 1/2 everywhere."""
        return self.improve(np.full((len(weights), self._problem.n_var), 0.5), weights, steps, after_step)

    def improve(self, x: np.ndarray, weights: np.ndarray, steps: int, after_step: AfterStep) -> Found:
        """By Adam."""
        levels = np.clip(x, _LEAST_LEVEL, 1.0 - _LEAST_LEVEL)
        logits = np.log(levels / (1.0 - levels))
        # Each weighting at the same size, because losses differ by orders of magnitude.
        return descend(
            self._problem,
            logits,
            weights / weights.max(axis=1, keepdims=True),
            steps=steps,
            lr=_LEARNING_RATE,
            on_step=lambda step, values: after_step(values),
        ).found
