"""Import of large packages by commands."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def long_import() -> Iterator[None]:
    """Import large packages in a block without looking for garbage among their objects.

    There are hundreds of thousands, which stay until the program ends; looking through them, now and then and
    at the end, takes a second.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()
