"""Show how far a long job is: bars in a terminal, one line every ten seconds in a file or a pipe."""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any, Protocol, TextIO, cast

from rich.console import Console, ConsoleDimensions, RenderableType
from rich.progress import BarColumn, ProgressColumn, Task, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress
from rich.text import Text

_SECONDS_BETWEEN_LINES = 10.0
_NARROWEST_FOR_BARS, _NARROWEST_FOR_TIME, _NARROWEST_WITH_BAR = 20, 40, 60
"""Columns of a terminal that bars, the time beside them, and the drawn bar itself need."""


@dataclass(frozen=True)
class Phase:
    """A part of a job.

    Attributes:
        name: what is done, at most 14 characters, so that it fits into narrow terminals.
        unit: what is counted, in the singular; empty where nothing is.
    """

    name: str
    unit: str = ""


class Progress(Protocol):
    """Shows the progress of a job on the standard error stream."""

    def update(self, phase: Phase, done: int = 0, total: int | None = None, detail: str = "") -> None:
        """Show that ``done`` of ``total`` units of a phase are done; None for a total that is not known.

        The ``detail``, a measure of what was found so far, is shown where there is room.
        """
        ...


@contextmanager
def show_progress(stream: TextIO | None = None) -> Iterator[Progress]:
    """Show progress while the block runs, in the way that suits the stream; nothing before the first update.

    Args:
        stream: where to; by default the standard error stream, which may be closed.
    """
    stream = sys.stderr if stream is None else stream
    shown = _Bars(stream) if stream is not None and _draws_bars(stream) else ProgressLines(stream)
    with shown:
        yield shown


class ProgressLines:
    """Writes a line at the beginning of each phase, and one every ten seconds.

    Args:
        stream: where to; None for nowhere. Failures to write are ignored: the job matters more.
        clock: returns seconds.
    """

    def __init__(self, stream: TextIO | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = None if stream is None else _UnfailingStream(stream)
        self._clock = clock
        self._start = self._last = clock()
        self._phase: Phase | None = None
        self._state = self._written = ""
        # Signal handlers run in the middle of an update, in the same thread.
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._tick_until_ended, daemon=True)

    def __enter__(self) -> "ProgressLines":
        self._ticker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._ticker.join()
        if error is None and self._state != self._written:
            self._write()

    def update(self, phase: Phase, done: int = 0, total: int | None = None, detail: str = "") -> None:
        """Write a line if the phase is new, or ten seconds after the last line."""
        with self._lock:
            count = f": {phase.unit} {done}" if phase.unit else ""
            count += f" of {total}" if phase.unit and total is not None else ""
            self._state = f"{phase.name}{count}{detail and f', {detail}'}"
            if phase != self._phase:
                self._phase = phase
                self._write()
            else:
                self.tick()

    def tick(self) -> None:
        """Write the latest state if ten seconds have passed since the last line."""
        with self._lock:
            if self._state and self._clock() - self._last >= _SECONDS_BETWEEN_LINES:
                self._write()

    def _write(self) -> None:
        self._last, self._written = self._clock(), self._state
        if self._stream is not None:
            self._stream.write(f"{_minutes(self._last - self._start)} {self._state}\n")
            self._stream.flush()

    def _tick_until_ended(self) -> None:
        """Write lines also where a single step takes longer than ten seconds."""
        while not self._ended.wait(1.0):
            self.tick()


class _Bars:
    """A bar for each phase, in a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._bars = _FittedBars(_Terminal(file=cast(TextIO, _UnfailingStream(stream)), force_terminal=True))
        self._tasks: dict[Phase, TaskID] = {}

    def __enter__(self) -> "_Bars":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def update(self, phase: Phase, done: int = 0, total: int | None = None, detail: str = "") -> None:
        """Move the bar of a phase, and begin it if it is new."""
        if phase not in self._tasks:
            self._bars.start()
            self._tasks[phase] = self._bars.add_task(phase.name, total=total, counted=bool(phase.unit))
        self._bars.update(self._tasks[phase], completed=done, total=total)


class _UnfailingStream:
    """A text stream that ignores failures: a full disk, a closed terminal, or a pipe that nobody reads."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


class _FittedBars(RichProgress):
    """Bars that have what fits into the terminal, which may be resized while they are shown."""

    def __init__(self, terminal: Console) -> None:
        self._terminal = terminal
        super().__init__(console=terminal)

    def get_renderables(self) -> Iterator[RenderableType]:
        """Choose the columns anew, at every refresh."""
        width = self._terminal.width
        columns: list[str | ProgressColumn] = [TextColumn("{task.description}"), _CountColumn()]
        if width >= _NARROWEST_WITH_BAR:
            columns.insert(1, BarColumn(bar_width=min(40, width - 35)))
        if width >= _NARROWEST_FOR_TIME:
            columns.append(TimeElapsedColumn())
        self.columns = tuple(columns)
        yield self.make_tasks_table(self.tasks)


class _Terminal(Console):
    """A terminal that is as wide as its stream is now, whatever the environment says."""

    @property  # type: ignore[misc]
    def size(self) -> ConsoleDimensions:
        return ConsoleDimensions(_columns(self.file), 24)


class _CountColumn(ProgressColumn):
    """Done and total; the total only where it is known."""

    def render(self, task: Task) -> Text:
        if not task.fields["counted"]:
            return Text("")
        total = "" if task.total is None else f"/{task.total:.0f}"
        return Text(f"{task.completed:.0f}{total}", no_wrap=True)


def _draws_bars(stream: TextIO) -> bool:
    """Return whether a stream is a terminal that can move its cursor, and wide enough."""
    if not stream.isatty() or os.environ.get("TERM") in ("dumb", "unknown"):
        return False
    return _columns(stream) >= _NARROWEST_FOR_BARS


def _columns(stream: IO[str]) -> int:
    try:
        # Terminals of unknown size say 0.
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
