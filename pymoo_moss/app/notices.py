"""Warnings of the package, collected for the page."""

import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

_PACKAGE = Path(__file__).resolve().parent.parent
_lock = threading.Lock()
_collecting: dict[int, list[str]] = {}
"""Texts by the thread that collects them."""


@contextmanager
def collected() -> Iterator[list[str]]:
    """Collect the texts of warnings that the package issues in this thread.

    Other warnings, and those of other threads, go where they went before. `warnings.catch_warnings` is not
    used, because it exchanges the state of the whole process, and searches run in other threads meanwhile.
    """
    texts: list[str] = []
    with _lock:
        if not _collecting:
            _install()
        _collecting[threading.get_ident()] = texts
    try:
        yield texts
    finally:
        with _lock:
            del _collecting[threading.get_ident()]
            if not _collecting:
                _uninstall()


class _Collector:
    """In place of `warnings.showwarning`; may stay there, because it then hands everything on."""

    def __init__(self, show: Any) -> None:
        self.show = show

    def __call__(
        self, message: Any, category: Any, filename: str, lineno: int, file: Any = None, line: Any = None
    ) -> None:
        texts = _collecting.get(threading.get_ident())
        if texts is None or _PACKAGE not in Path(filename).resolve().parents:
            self.show(message, category, filename, lineno, file, line)
        elif str(message) not in texts:
            texts.append(str(message))


_EVERY_TIME = ("always", None, UserWarning, re.compile("pymoo_moss"), 0)
"""By Python's own filter each text would be shown once in the life of the process."""


def _filters() -> list[Any]:
    return cast(list[Any], warnings.filters)


def _install() -> None:
    if not isinstance(warnings.showwarning, _Collector):
        warnings.showwarning = _Collector(warnings.showwarning)
    _filters().insert(0, _EVERY_TIME)


def _uninstall() -> None:
    if isinstance(warnings.showwarning, _Collector):
        warnings.showwarning = warnings.showwarning.show
    with suppress(ValueError):
        _filters().remove(_EVERY_TIME)
