"""Files that a user has opened: whatever class they are of."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .file_window import FileWindow

MOST_BYTES_OF_A_STREAM = 1 << 30
_AT_ONCE = 1 << 20


def is_open_for_bytes(file: Any) -> bool:
    """Tell whether an open file is read as bytes, and not as text.

    Raises:
        OSError: it cannot be read.
    """
    with _as_os_error():
        if hasattr(file, "readable") and not file.readable():
            raise OSError("it is not open for reading")
        return not isinstance(file.read(0), str)


def can_be_sought_in(file: Any) -> bool:
    """Tell whether every place of an open file can be read; not all say so.

    Raises:
        OSError: it is closed.
    """
    with _as_os_error():
        if hasattr(file, "seekable"):
            return bool(file.seekable())
        return hasattr(file, "seek") and hasattr(file, "tell")


def window_of(file: Any) -> FileWindow:
    """Return what is read of an open file that can be sought in.

    Raises:
        OSError: it cannot be read.
    """
    with _as_os_error():
        return FileWindow(file)


def content_of(stream: Any) -> bytes:
    """Read a stream that can be read only once, and may have no end, or less at a time than asked for.

    Raises:
        OSError: it cannot be read, has been read, or is too long.
    """
    content = io.BytesIO()
    with _as_os_error():
        while part := stream.read(_AT_ONCE):
            content.write(part)
            if content.tell() > MOST_BYTES_OF_A_STREAM:
                limit = MOST_BYTES_OF_A_STREAM >> 30
                raise OSError(f"it is a stream of more than {limit} GiB, save it to a file")
        if part is None:
            raise OSError("it has nothing to read yet, and does not wait")
    if content.tell() == 0:
        raise OSError("it is a stream without content, or has been read before")
    return content.getvalue()


@contextmanager
def _as_os_error() -> Iterator[None]:
    """Turn what a file raises, of whatever class, into one error."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(str(error) or type(error).__name__) from error
