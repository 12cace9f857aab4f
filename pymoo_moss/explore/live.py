"""A search in the background, to be watched and stopped."""

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
from .run import RunResult, run_search
from .selection import by_picture, three_picks


@dataclass(frozen=True)
class Moment:
    """What a search has got so far.

    Attributes:
        generation: finished ones.
        step: finished ones of the seeding.
        seconds: since it began.
        F: ``(n, n_obj)`` the front; of the seeding's masks before there is one.
        balanced: ``(n_var,)`` mask of the balanced solution; None before there is a front.
    """

    generation: int
    step: int
    seconds: float
    F: np.ndarray
    balanced: np.ndarray | None


class LiveSearch:
    """A search in a thread of its own.

    Args:
        problem: the problem.
        make: makes the pymoo algorithm; given a function for the seeding's ``on_step``.
        termination: a pymoo termination.
        seed: of the random numbers.
        settings: kept in the result.
        clock: tells the time of the moments in seconds.
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
        self._result: RunResult | None = None
        self._error: BaseException | None = None
        # Last, when everything exists that it may call.
        self._algorithm = make(self._after_seeding_step)
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        """Call for an end: within a step of the descents, and with all that was found."""
        self._stop.set()
        termination = getattr(self._algorithm, "termination", None)
        if termination is not None:
            termination.terminate()

    @property
    def stopping(self) -> bool:
        """Whether it was called to an end."""
        return self._stop.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait at most so long, and say whether the search has ended."""
        return self._finished.wait(seconds)

    @property
    def moment(self) -> Moment:
        """What there is now."""
        return self._moment

    @property
    def result(self) -> RunResult:
        """What was found; an error of the search is raised again.

        Raises:
            RuntimeError: the search goes on.
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
                after_generation=self._look,
                should_stop=self._stop.is_set,
            )
        except BaseException as error:
            self._error = error
        finally:
            self._finished.set()

    def _after_seeding_step(self, step: int, values: np.ndarray) -> bool:
        self._moment = Moment(0, step, self._clock() - self._started, values, None)
        return self._stop.is_set()

    def _look(self, generation: int) -> None:
        X, F = self._algorithm.opt.get("X", "F")
        balanced = X[three_picks(F, *self._problem.hypervolume_box)["balanced"]]
        seconds = self._clock() - self._started
        self._moment = Moment(generation, self._moment.step, seconds, F[by_picture(F)], balanced)
