"""A terminal of a given width for tests: what a program wrote to it, and what is seen on it."""

import fcntl
import os
import pty
import re
import struct
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


def set_columns(descriptor: int, columns: int) -> None:
    """Set the width of the terminal that a descriptor belongs to."""
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


class Terminal:
    """What was written so far."""

    def __init__(self, columns: int, descriptor: int) -> None:
        self.columns, self.raw = columns, b""
        self._descriptor = descriptor

    def resize(self, columns: int) -> None:
        """Make it narrower or wider; programs in it get a signal."""
        self.columns = columns
        set_columns(self._descriptor, columns)

    @property
    def lines(self) -> list[str]:
        """The lines on the screen, by the control sequences that rich writes."""
        lines: list[list[str]] = [[]]
        row = column = 0
        for token in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|.|\n", self.raw.decode(), re.DOTALL):
            if token.startswith("\x1b"):
                if token[-1] == "A":
                    row -= int(token[2:-1] or 1)
                elif token[-1] == "K":
                    lines[row] = [] if token[2:-1] == "2" else lines[row][:column]
            elif token == "\r":
                column = 0
            else:
                if token == "\n" or column == self.columns:
                    row += 1
                    column = column if token == "\n" else 0
                while len(lines) <= row:
                    lines.append([])
                if token != "\n":
                    lines[row] = [
                        *lines[row][:column],
                        *" " * (column - len(lines[row])),
                        token,
                        *lines[row][column + 1 :],
                    ]
                    column += 1
        return ["".join(line).rstrip() for line in lines]


@contextmanager
def terminal(columns: int) -> Iterator[tuple[Terminal, TextIO]]:
    """Give a terminal and the stream to write to; all of it has arrived when the block has ended."""
    ours, theirs = pty.openpty()
    set_columns(theirs, columns)
    written = Terminal(columns, ours)

    def read() -> None:
        # Linux raises an error at the end, other systems give nothing.
        try:
            while piece := os.read(ours, 4096):
                written.raw += piece
        except OSError:
            pass

    reader = threading.Thread(target=read)
    reader.start()
    try:
        with os.fdopen(theirs, "w") as stream:
            yield written, stream
    finally:
        reader.join()
        os.close(ours)
