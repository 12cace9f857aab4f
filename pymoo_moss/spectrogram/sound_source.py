"""Files of sound as a user gives them, opened: a path, its content, an open file or a pipe."""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import AudioError
from .file_window import FileWindow, Patch
from .open_file import can_be_sought_in, content_of, is_open_for_bytes, window_of

SoundFileSource = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO

READABLE_SOUNDS = "WAV, FLAC, MP3, M4A, Ogg, or another format of sound or video"

Opener = Callable[[], AbstractContextManager[FileWindow]]


def label_of(source: SoundFileSource) -> str:
    """Return what messages call a file.

    Raises:
        AudioError: it is no file.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return "the sound"
    if hasattr(source, "read"):
        name = getattr(source, "name", None)
        return f"'{name}'" if isinstance(name, str) and name else "the sound"
    try:
        return f"'{Path(source)}'"
    except TypeError:
        raise AudioError(
            "expected a sound as path, bytes, binary file or (waveform, sample_rate), got "
            f"{type(source).__name__}"
        ) from None


def opener(source: SoundFileSource, label: str) -> Opener:
    """Return a function that opens a file at its beginning.

    Raises:
        AudioError: it is missing, or no file.
        OSError: it cannot be read.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return _opener_of_content(bytes(source))
    if not isinstance(source, str | os.PathLike):
        return _opener_of_open_file(source, label)
    path = Path(source)
    if path.is_dir():
        raise AudioError(f"{label} is a folder: expected a sound ({READABLE_SOUNDS})")
    if not path.exists():
        raise AudioError(f"no audio file at {label}: expected {READABLE_SOUNDS}")
    if path.is_file():
        return _opener_of(lambda: path.open("rb"))
    if not path.is_fifo():
        raise AudioError(f"{label} is a device: expected a sound ({READABLE_SOUNDS})")
    with path.open("rb") as pipe:
        return _opener_of_content(content_of(pipe))


def part_opener(opened: Opener, start: int, end: int, patch: Patch | None) -> Opener:
    """Return a function that opens a part of a file, in which a patch is read."""

    @contextmanager
    def opened_part() -> Iterator[FileWindow]:
        with opened() as file:
            yield FileWindow(file, start, end, patch)

    return opened_part


def _opener_of(open_file: Callable[[], AbstractContextManager[BinaryIO]]) -> Opener:
    @contextmanager
    def opened() -> Iterator[FileWindow]:
        with open_file() as file:
            window = window_of(file)
            try:
                yield window
            finally:
                window.check()

    return opened


def _opener_of_content(content: bytes) -> Opener:
    return _opener_of(lambda: io.BytesIO(content))


def _opener_of_open_file(file: Any, label: str) -> Opener:
    if not is_open_for_bytes(file):
        raise AudioError(f"expected a file that is open for reading bytes, {label} is open for text")
    if not can_be_sought_in(file):
        return _opener_of_content(content_of(file))
    # Not closed, because it is the caller's.
    return _opener_of(lambda: nullcontext(file))
