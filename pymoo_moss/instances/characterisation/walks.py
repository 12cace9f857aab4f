"""Walks through the masks, whose losses show how rugged a landscape is."""

from collections.abc import Callable

import numpy as np
from pymoo.core.population import Population

from ...problem import MOSSProblem
from ...search import SmoothNoiseMutation

_AMPLITUDE = 0.2
"""Largest change of a variable in a step of the random walk."""

Step = Callable[[np.ndarray, np.random.Generator], np.ndarray]
"""Function from masks ``(n, n_var)`` to the masks ``(n, n_var)`` of the next step."""


def random_step(X: np.ndarray, random_state: np.random.Generator) -> np.ndarray:
    """Add noise to every variable, uniform from -0.2 to 0.2, and reflect it at the bounds 0 and 1.

    Independent uniform masks stay so: the walk is stationary.
    """
    moved = np.abs(X + random_state.uniform(-_AMPLITUDE, _AMPLITUDE, X.shape))
    return np.asarray(1.0 - np.abs(1.0 - moved))


def smooth_step(problem: MOSSProblem) -> Step:
    """Return the step of `SmoothNoiseMutation`: smooth noise inside a region of smooth outline."""
    mutation = SmoothNoiseMutation()

    def step(X: np.ndarray, random_state: np.random.Generator) -> np.ndarray:
        mutated = mutation.do(problem, Population.new(X=X), random_state=random_state)
        return np.asarray(mutated.get("X"))

    return step


def walk(
    losses: Callable[[np.ndarray], np.ndarray],
    step: Step,
    start: np.ndarray,
    random_state: np.random.Generator,
    *,
    steps: int,
    skipped: int,
) -> np.ndarray:
    """Return losses ``(n, n_obj, steps)`` along several walks.

    Args:
        losses: function from masks ``(n, n_var)`` to losses ``(n, n_obj)``.
        step: takes a step with every walk.
        start: ``(n, n_var)`` masks to start from.
        random_state: that the steps draw from.
        steps: steps that are recorded.
        skipped: steps before these.
    """
    X, found = start, []
    for number in range(skipped + steps):
        X = step(X, random_state)
        if number >= skipped:
            found.append(losses(X))
    return np.stack(found, axis=-1)
