"""Files of sound as a user gives them, opened: a path, its content, an open file or a pipe."""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import AudioError
from .file_window import FileWindow, Patch

SoundFileSource = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO

READABLE_SOUNDS = "WAV, FLAC, MP3, M4A, Ogg, or another format of sound or video"

Opener = Callable[[], AbstractContextManager[FileWindow]]

MOST_BYTES_OF_A_STREAM = 1 << 30
_AT_ONCE = 1 << 20


def opener(source: SoundFileSource) -> tuple[str, Opener]:
    """Return what messages call a file, and a function that opens it at its beginning.

    Raises:
        AudioError: it is missing, or no file.
        OSError: it cannot be read.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return "the sound", _opener_of_content(bytes(source))
    if hasattr(source, "read"):
        return _opener_of_open_file(source)
    try:
        path = Path(source)
    except TypeError:
        raise AudioError(
            "expected a sound as path, bytes, binary file or (waveform, sample_rate), got "
            f"{type(source).__name__}"
        ) from None
    label = f"'{path}'"
    try:
        return label, _opener_of_path(path, label)
    except AudioError:
        raise
    except (OSError, ValueError) as error:
        # Looking at a path may fail already: it may be too long, or in a folder that is not to be read.
        reason = getattr(error, "strerror", None) or error
        raise AudioError(
            f"cannot read a sound from {label} ({reason}): expected {READABLE_SOUNDS}"
        ) from error


def _opener_of_path(path: Path, label: str) -> Opener:
    if path.is_dir():
        raise AudioError(f"{label} is a folder: expected a sound ({READABLE_SOUNDS})")
    if not path.exists():
        raise AudioError(f"no audio file at {label}: expected {READABLE_SOUNDS}")
    if path.is_file():
        return _opener_of(lambda: path.open("rb"))
    if not path.is_fifo():
        raise AudioError(f"{label} is a device: expected a sound ({READABLE_SOUNDS})")
    with path.open("rb") as pipe:
        return _opener_of_content(_all_of(pipe, label))


def part_opener(opened: Opener, start: int, end: int, patch: Patch | None) -> Opener:
    """Return a function that opens a part of a file, in which a patch is read."""

    @contextmanager
    def opened_part() -> Iterator[FileWindow]:
        with opened() as file:
            yield FileWindow(file, start, end, patch)

    return opened_part


def _opener_of(open_file: Callable[[], BinaryIO]) -> Opener:
    @contextmanager
    def opened() -> Iterator[FileWindow]:
        with open_file() as file:
            window = FileWindow(file)
            try:
                yield window
            finally:
                window.check()

    return opened


def _opener_of_content(content: bytes) -> Opener:
    return _opener_of(lambda: io.BytesIO(content))


def _opener_of_open_file(file: Any) -> tuple[str, Opener]:
    name = getattr(file, "name", None)
    label = f"'{name}'" if isinstance(name, str) else "the sound"
    if isinstance(file.read(0), str):
        raise AudioError(f"expected a file that is open for reading bytes, {label} is open for text")
    if not can_be_sought_in(file):
        return label, _opener_of_content(_all_of(file, label))

    @contextmanager
    def opened() -> Iterator[FileWindow]:
        # Not closed, because it is the caller's.
        window = FileWindow(file)
        try:
            yield window
        finally:
            window.check()

    return label, opened


def can_be_sought_in(file: Any) -> bool:
    """Tell whether every place of an open file can be read; not all say so."""
    if hasattr(file, "seekable"):
        return bool(file.seekable())
    return hasattr(file, "seek") and hasattr(file, "tell")


def _all_of(stream: Any, label: str) -> bytes:
    """Read a stream that can be read only once, and may have no end, or less at a time than asked for."""
    content = io.BytesIO()
    while part := stream.read(_AT_ONCE):
        content.write(part)
        if content.tell() > MOST_BYTES_OF_A_STREAM:
            raise AudioError(
                f"expected at most {MOST_BYTES_OF_A_STREAM >> 30} GiB from {label}, a stream: "
                "save it to a file"
            )
    return content.getvalue()
