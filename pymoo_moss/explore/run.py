"""One search from start to finish, with progress reported and an early stop that keeps what was found."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pymoo.core.algorithm import Algorithm

from ..problem import MOSSProblem
from ..search import FrontRecorder, constant_masks

_SWEEP_LEVELS = 101


@dataclass(frozen=True)
class RunResult:
    """A finished search.

    Attributes:
        problem: what was searched.
        X: ``(n, n_var)`` masks of the front, ordered from best picture to best sound.
        F: ``(n, n_obj)`` their objective values.
        recorder: the values on the way, both phases.
        sweep: ``(101, n_obj)`` values of constant masks, the front that costs nothing.
        n_eval: evaluations counted, seeding included.
        seconds: wall time of the search.
        stopped: whether it was stopped before its termination.
        settings: how it was called, for the record.
    """

    problem: MOSSProblem
    X: np.ndarray
    F: np.ndarray
    recorder: FrontRecorder
    sweep: np.ndarray
    n_eval: int
    seconds: float
    stopped: bool
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def hypervolume(self) -> float:
        """Normalised hypervolume of the front."""
        return self.problem.hypervolume(self.F)

    @property
    def sweep_hypervolume(self) -> float:
        """Normalised hypervolume of the constant masks."""
        return self.problem.hypervolume(self.sweep)


def run_search(
    problem: MOSSProblem,
    algorithm: Algorithm,
    termination: Any,
    *,
    seed: int,
    after_generation: Callable[[int], None],
    should_stop: Callable[[], bool],
    settings: dict[str, Any],
) -> RunResult:
    """Run a fresh pymoo algorithm to its termination, or until told to stop between generations.

    Args:
        problem: the problem.
        algorithm: a pymoo algorithm that was not set up yet.
        termination: any pymoo termination.
        seed: of the algorithm's random state.
        after_generation: called with the number of each finished generation.
        should_stop: asked after every generation.
        settings: kept in the result for the record.
    """
    recorder = FrontRecorder()
    started = time.perf_counter()
    algorithm.setup(problem, termination=termination, seed=seed, callback=recorder)
    stopped = False
    while algorithm.has_next() and not stopped:
        algorithm.next()
        after_generation(len(recorder.generations))
        stopped = should_stop()
    seconds = time.perf_counter() - started
    X, F = algorithm.opt.get("X", "F")
    order = np.lexsort(F.T[::-1])
    return RunResult(
        problem=problem,
        X=X[order],
        F=F[order],
        recorder=recorder,
        sweep=problem.evaluate(constant_masks(np.linspace(0.0, 1.0, _SWEEP_LEVELS), problem.n_var)),
        n_eval=int(algorithm.evaluator.n_eval),
        seconds=seconds,
        stopped=stopped,
        settings=settings,
    )
