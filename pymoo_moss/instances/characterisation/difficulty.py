"""Difficulty: evaluations that a reference method needs to come close to the certified bound."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pymoo.core.algorithm import Algorithm
from pymoo.core.callback import Callback
from pymoo.optimize import minimize

from ...bounds import FrontBounds
from ...problem import MOSSProblem
from ...search import FrontAscent


@dataclass(frozen=True)
class Difficulty:
    """What `FrontAscent` needs to reach a share of the certified bound.

    Attributes:
        share: the share that it had to reach.
        budget: most evaluations that it had.
        evaluations: counted evaluations of each run; infinite where the share was not reached.
    """

    share: float
    budget: int
    evaluations: tuple[float, ...]

    @property
    def median(self) -> float:
        """Median over the runs; infinite where the half of them did not reach the share."""
        return float(np.median(self.evaluations))


def evaluations_to_share(
    problem: MOSSProblem,
    bounds: FrontBounds,
    *,
    share: float = 0.99,
    budget: int = 30_000,
    seeds: Sequence[int] = (1, 2, 3),
) -> Difficulty:
    """Run `FrontAscent` until it has reached a share of the bound's hypervolume, once with each seed.

    Args:
        problem: with gradients.
        bounds: its certified bounds.
        share: of `FrontBounds.hypervolume_upper`.
        budget: most evaluations of a run; a gradient counts two more than a value.
        seeds: of the runs.
    """
    target = share * bounds.hypervolume_upper
    found = []
    for seed in seeds:
        until = _Until(problem, target)
        minimize(problem, FrontAscent(), ("n_eval", budget), seed=seed, callback=until)
        found.append(until.n_eval)
    return Difficulty(share, budget, tuple(found))


class _Until(Callback):  # type: ignore[misc]
    """Ends a run when its front has a hypervolume."""

    def __init__(self, problem: MOSSProblem, target: float) -> None:
        super().__init__()
        self._problem, self._target = problem, target
        self.n_eval = math.inf

    def on_values(self, algorithm: Algorithm, F: np.ndarray) -> None:
        """Look at the front within a generation."""
        if math.isinf(self.n_eval) and self._problem.hypervolume(F) >= self._target:
            self.n_eval = float(algorithm.evaluator.n_eval)
            algorithm.termination.terminate()

    def _update(self, algorithm: Algorithm) -> None:
        self.on_values(algorithm, algorithm.opt.get("F"))
