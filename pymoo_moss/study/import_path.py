"""Find what an import path ``package.module:name`` stands for."""

import importlib
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import OptionError

_PATTERN = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")


def is_import_path(name: str) -> bool:
    """Tell whether a name is meant as an import path."""
    return ":" in name


def import_callable(path: str, python_path: Sequence[str] = ()) -> Callable[..., Any]:
    """Import a class or function.

    Args:
        path: ``package.module:name``.
        python_path: folders to look for modules in, before all others; they stay on `sys.path`, because
            functions may import more when they are called.

    Raises:
        OptionError: it cannot be imported, or is neither a class nor a function.
    """
    if not _PATTERN.fullmatch(path):
        raise OptionError(f"expected an import path such as 'package.module:name', got '{path}'")
    module_name, _, name = path.partition(":")
    sys.path[:0] = [folder for folder in python_path if folder not in sys.path]
    try:
        found: Any = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        wanted = [module_name, *(module_name[: dot.start()] for dot in re.finditer(r"\.", module_name))]
        if error.name not in wanted:
            raise OptionError(
                f"'{path}' cannot be imported, because its module needs '{error.name}': install that"
            ) from error
        raise OptionError(
            f"there is no module '{error.name}' for '{path}': install it, or name the folder that holds it "
            "in python_path"
        ) from error
    # Whatever a user's module raises.
    except Exception as error:
        raise OptionError(f"'{path}' cannot be imported, {type(error).__name__}: {error}") from error
    for part in name.split("."):
        if not hasattr(found, part):
            raise OptionError(
                f"there is no '{name}' in the module '{module_name}' ({found!r} has no '{part}')"
            )
        found = getattr(found, part)
    if not callable(found):
        raise OptionError(f"expected a class or a function at '{path}', got {found!r}")
    result: Callable[..., Any] = found
    return result
