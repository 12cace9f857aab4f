"""Work in a thread of its own, which the page can follow and stop."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

_Made = TypeVar("_Made")


class _AbandonedError(Exception):
    """The session whose work this was is closed."""


class Job(Generic[_Made]):
    """Work in a thread of its own, which begins at once.

    Args:
        work: makes the result; called with the job, which it tells how far it is.

    Attributes:
        phase: what is being done, in words.
    """

    def __init__(self, work: Callable[["Job[_Made]"], _Made]) -> None:
        self.phase = ""
        self._started = time.perf_counter()
        self._stop, self._abandoned, self._ended = threading.Event(), threading.Event(), threading.Event()
        self._work = work
        self._made: list[_Made] = []
        self._error: BaseException | None = None
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def seconds(self) -> float:
        """Wall time since the work began."""
        return time.perf_counter() - self._started

    @property
    def stopping(self) -> bool:
        """Whether `stop` or `abandon` was called."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask the work to end soon with what it has."""
        self._stop.set()

    def abandon(self) -> None:
        """Ask the work to end soon; nobody waits for its result."""
        self._abandoned.set()
        self._stop.set()

    def begin(self, phase: str) -> None:
        """Begin a part of the work; this ends the work where nobody waits for it."""
        if self._abandoned.is_set():
            raise _AbandonedError("the session is closed")
        self.phase = phase

    def wait(self, seconds: float) -> bool:
        """Wait for the end at most ``seconds``, and return whether the work has ended."""
        return self._ended.wait(seconds)

    @property
    def result(self) -> _Made:
        """What the work made, once it has ended.

        Raises:
            Exception: the error that ended the work.
        """
        if self._error is not None:
            raise self._error
        return self._made[0]

    def _run(self) -> None:
        try:
            self._made.append(self._work(self))
        except BaseException as error:
            self._error = error
        finally:
            self._ended.set()
