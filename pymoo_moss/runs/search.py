"""Run one search from start to finish, with callbacks and an early stop that keeps what was found."""

import time
import warnings
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from pymoo.core.algorithm import Algorithm

from ..problem import MOSSProblem
from ..search import FrontRecorder, constant_sweep
from .result import SearchResult
from .selection import by_picture


def run_search(
    problem: MOSSProblem,
    algorithm: Algorithm,
    termination: Any,
    *,
    seed: int,
    after_generation: Callable[[int], None] = lambda number: None,
    should_stop: Callable[[], bool] = lambda: False,
    settings: Mapping[str, Any] = MappingProxyType({}),
    clock: Callable[[], float] = time.time,
) -> SearchResult:
    """Run a pymoo algorithm to its termination, or until it is stopped between generations.

    Args:
        problem: the problem to search.
        algorithm: a pymoo algorithm that is not set up yet.
        termination: any pymoo termination.
        seed: seed of the algorithm's random numbers.
        after_generation: called with the number of each finished generation.
        should_stop: called after each generation; return True to end the search.
        settings: kept in the result for the record; see `RunSettings`.
        clock: returns seconds since the epoch, as pymoo's ``start_time`` is.
    """
    algorithm.setup(problem, termination=termination, seed=seed, callback=FrontRecorder())
    return continue_search(
        algorithm,
        after_generation=after_generation,
        should_stop=should_stop,
        settings=settings,
        clock=clock,
    )


def continue_search(
    algorithm: Algorithm,
    *,
    after_generation: Callable[[int], None],
    should_stop: Callable[[], bool],
    settings: Mapping[str, Any],
    clock: Callable[[], float] = time.time,
) -> SearchResult:
    """Run an algorithm that was set up with a `FrontRecorder`, from wherever it is.

    Args:
        algorithm: the algorithm, before its first generation or after any.
        after_generation: see `run_search`.
        should_stop: see `run_search`.
        settings: see `run_search`.
        clock: see `run_search`.
    """
    problem, recorder = algorithm.problem, algorithm.callback
    stopped = False
    while algorithm.has_next() and not stopped:
        finished = len(recorder.generations)
        algorithm.next()
        # Some algorithms take several steps for a generation.
        if len(recorder.generations) > finished:
            after_generation(len(recorder.generations))
            stopped = should_stop()
    X, F, violation = algorithm.opt.get("X", "F", "CV")
    if violation.size and violation.min() > 0:
        warnings.warn("no feasible mask was found: the result is the least infeasible one", stacklevel=3)
    order = by_picture(F, problem.picture_and_sound[0])
    return SearchResult(
        problem=problem,
        X=X[order],
        F=F[order],
        recorder=recorder,
        sweep=constant_sweep(problem),
        n_eval=int(algorithm.evaluator.n_eval),
        seconds=clock() - algorithm.start_time,
        stopped=stopped,
        settings=dict(settings),
    )
