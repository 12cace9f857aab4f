"""The library by which Pillow decodes TIFF: its messages."""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PIL import Image

_lock = threading.Lock()
_users = 0
_handler: int | None = None


@contextmanager
def silent_libtiff() -> Iterator[None]:
    """Keep libtiff from printing what is wrong with a file: Pillow raises an error as well.

    Its handler of errors is the whole process's. It is put back when nobody decodes any more. Where Pillow
    hides the library, as on Windows, nothing is done.
    """
    set_handler = _function()
    if set_handler is None:
        yield
        return
    global _users, _handler
    with _lock:
        _users += 1
        if _users == 1:
            _handler = set_handler(None)
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                set_handler(_handler)


def _function() -> Any:
    try:
        function = ctypes.CDLL(Image.core.__file__).TIFFSetErrorHandler  # type: ignore[attr-defined]
    except (OSError, AttributeError):
        return None
    function.argtypes, function.restype = [ctypes.c_void_p], ctypes.c_void_p
    return function
