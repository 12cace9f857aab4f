"""The standard streams of the program, which may be closed, full or read by nobody."""

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from .._names import printable
from ..errors import OutputError

_STANDARD = (0, 1, 2)
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Characters that end lines, or do other things to a terminal."""


def open_closed_streams() -> None:
    """Give closed standard streams to the null device, or the next files opened would take their places."""
    for descriptor in _STANDARD:
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


@contextmanager
def checked_output() -> Iterator[None]:
    """Report in the block that the standard output cannot be written, in one line.

    Raises:
        OutputError: the disk is full, for example. A pipe that nobody reads is a BrokenPipeError as always.
    """
    output = sys.stdout
    if output is not None:
        sys.stdout = cast(TextIO, _CheckedOutput(output))
    try:
        yield
    finally:
        sys.stdout = output


class _CheckedOutput:
    """A text stream that raises `OutputError`."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._failure: OSError | None = None

    def __getattr__(self, name: str) -> Any:
        # To an ASCII stream typer would write UTF-8, past this one.
        if name == "buffer":
            raise AttributeError("bytes would be written without a check")
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with self._checked():
            return self._stream.write(text)

    def flush(self) -> None:
        with self._checked():
            self._stream.flush()

    @contextmanager
    def _checked(self) -> Iterator[None]:
        # Again and again, because callers that try how a stream behaves ignore errors.
        if self._failure is not None:
            raise self._failure
        try:
            yield
        except OSError as error:
            # Python writes what is left at its end, and would report the same.
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
            if isinstance(error, BrokenPipeError):
                self._failure = error
                raise
            self._failure = OutputError(
                f"cannot write to the standard output ({error.strerror}): free space; written files are kept"
            )
            raise self._failure from error


class WarningLines:
    """Shows warnings in place of `warnings.showwarning`: each text once, in one line without its origin."""

    def __init__(self) -> None:
        self._shown: set[str] = set()

    def __call__(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        """Write a warning to the standard error stream."""
        text = " ".join(str(message).split())
        if text not in self._shown:
            self._shown.add(text)
            complain(text)


def on_one_line(text: str) -> str:
    """Return text without what a terminal would obey: names of files may hold newlines, and worse."""
    return _CONTROLS.sub(lambda found: found.group().encode("unicode_escape").decode(), printable(text))


def complain(text: str) -> None:
    """Write a mistake or a warning to the standard error stream, in one line that names the program."""
    say(f"pymoo-moss: {on_one_line(text)}")


def say(text: str) -> None:
    """Write a line to the standard error stream; the job goes on where that fails."""
    # A full disk, a pipe that nobody reads any more, or no stream at all.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
