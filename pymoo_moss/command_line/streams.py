"""The standard streams of the program, which may be closed, full or read by nobody."""

import contextlib
import os
import sys
from typing import TextIO

_STANDARD = (0, 1, 2)


def open_closed_streams() -> None:
    """Give closed standard streams to the null device, or the next files opened would take their places."""
    for descriptor in _STANDARD:
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def output_fails() -> bool:
    """Return whether the standard output cannot be written, and drop what it still holds if so."""
    if sys.stdout is None:
        return False
    try:
        sys.stdout.flush()
    except OSError:
        # Python flushes it once more at its end, and would report the same.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False


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
            say(f"pymoo-moss: {text}")


def say(text: str) -> None:
    """Write a line to the standard error stream; the job goes on where that fails."""
    # A full disk, a pipe that nobody reads any more, or no stream at all.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
