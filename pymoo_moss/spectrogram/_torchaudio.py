"""Import of torchaudio, in this module alone.

The Linux wheels of torchaudio link CUDA libraries, so that with a CPU build of torch the import
fails with ``OSError``. Only its pure-Python half is used here; if and only if the compiled half cannot
be loaded, the import is repeated with that half reported as absent.
"""

import importlib
import sys
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

_COMPILED_HALF = "torchaudio._extension"


@cache
def torchaudio_functional() -> ModuleType:
    """Import ``torchaudio.functional``, without its compiled half if that cannot be loaded."""
    try:
        return importlib.import_module("torchaudio.functional")
    except OSError:
        for name in [name for name in sys.modules if name.split(".")[0] == "torchaudio"]:
            del sys.modules[name]
        sys.modules[_COMPILED_HALF] = _AbsentExtension(_COMPILED_HALF)
        return importlib.import_module("torchaudio.functional")


class _AbsentExtension(ModuleType):
    """Stand-in for torchaudio's extension module, as it is when no compiled library is installed."""

    __path__: list[str] = []  # noqa: RUF012 - a package attribute, read by the import system

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_IS_"):
            return False
        if name.startswith("fail_if_no_"):
            return _refuse
        if name.startswith("lazy_import_"):  # before torchaudio 2.9
            return _AbsentLibrary
        raise AttributeError(name)


class _AbsentLibrary:
    def is_available(self) -> bool:
        return False


def _refuse(function: Callable[..., Any]) -> Callable[..., Any]:
    def refused(*_: Any, **__: Any) -> Any:
        raise RuntimeError(
            f"{function.__name__} needs torchaudio's compiled half, which cannot be loaded here"
        )

    return refused
