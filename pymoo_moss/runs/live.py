"""A search in a background thread that can be observed and stopped."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from pymoo.core.algorithm import Algorithm
from pymoo.core.termination import Termination

from ..problem import MOSSProblem
from ..search.adam import OnStep
from .result import SearchResult
from .search import run_search
from .selection import by_picture, display_box, three_picks


@dataclass(frozen=True)
class Moment:
    """The state of a search at one moment.

    Attributes:
        generation: number of finished generations.
        step: number of finished steps of the seeding.
        seconds: wall time since the search began.
        F: ``(n, n_obj)`` values of the front; of the seeding's masks before the first generation.
        balanced: ``(n_var,)`` mask of the balanced solution; None before the first generation.
    """

    generation: int
    step: int
    seconds: float
    F: np.ndarray
    balanced: np.ndarray | None


class LiveSearch:
    """A search in a thread of its own, which begins at once.

    Args:
        problem: the problem to search.
        make: makes the pymoo algorithm; called with the ``on_step`` callback of its seeding.
        termination: a pymoo termination.
        seed: seed of the random numbers.
        settings: kept in the result.
        clock: returns the time in seconds.
    """

    def __init__(
        self,
        problem: MOSSProblem,
        make: Callable[[OnStep], Algorithm],
        termination: Termination,
        *,
        seed: int,
        settings: dict[str, Any],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._problem = problem
        self._search = partial(run_search, termination=termination, seed=seed, settings=settings)
        self._clock = clock
        self._started = clock()
        self._stop = threading.Event()
        self._finished = threading.Event()
        self._moment = Moment(0, 0, 0.0, np.empty((0, problem.n_obj)), None)
        self._result: SearchResult | None = None
        self._error: BaseException | None = None
        # Last, because from here on the callbacks may be called.
        self._algorithm = make(self._after_seeding_step)
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        """End the search after the current step or generation, and keep what was found."""
        self._stop.set()
        termination = getattr(self._algorithm, "termination", None)
        if termination is not None:
            termination.terminate()

    @property
    def stopping(self) -> bool:
        """Whether `stop` was called."""
        return self._stop.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait for the end at most ``seconds``, and return whether the search has ended."""
        return self._finished.wait(seconds)

    @property
    def moment(self) -> Moment:
        """The current state."""
        return self._moment

    @property
    def result(self) -> SearchResult:
        """What the search found.

        Raises:
            RuntimeError: the search has not ended.
            Exception: the error that ended the search.
        """
        if self._error is not None:
            raise self._error
        if self._result is None:
            raise RuntimeError("the search has not ended: wait for it")
        return self._result

    def _run(self) -> None:
        try:
            self._result = self._search(
                self._problem,
                self._algorithm,
                after_generation=self._after_generation,
                should_stop=self._stop.is_set,
            )
        except BaseException as error:
            self._error = error
        finally:
            self._finished.set()

    def _after_seeding_step(self, step: int, values: np.ndarray) -> bool:
        self._moment = Moment(0, step, self._clock() - self._started, values, None)
        return self._stop.is_set()

    def _after_generation(self, generation: int) -> None:
        X, F = self._algorithm.opt.get("X", "F")
        columns = self._problem.picture_and_sound
        balanced = X[three_picks(F, *display_box(self._problem, F), *columns)["balanced"]]
        seconds = self._clock() - self._started
        self._moment = Moment(generation, self._moment.step, seconds, F[by_picture(F, columns[0])], balanced)
