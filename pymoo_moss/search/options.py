"""Call classes and functions with options that come from a table, which may have unknown names."""

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from ..errors import MossError, OptionError, unknown_name

Made = TypeVar("Made")


def call_with_options(
    make: Callable[..., Made],
    options: Mapping[str, Any],
    what: str,
    *,
    fixed: Mapping[str, Any] | None = None,
    accepted: Collection[str] | None = None,
) -> Made:
    """Call a class or function with options by name.

    Args:
        make: what is called.
        options: arguments by name.
        what: name for error messages.
        fixed: further arguments, which options replace.
        accepted: names that options may have; by default all `parameters_of` what is called.

    Raises:
        OptionError: it takes no option of that name, or does not accept a value.
    """
    known = parameters_of(make) if accepted is None else accepted
    for name in options:
        if known is not None and name not in known:
            raise unknown_name(f"option of {what}", name, known)
    try:
        return make(**{**(fixed or {}), **options})
    except MossError:
        raise
    # Other libraries raise errors of many types.
    except Exception as error:
        raise OptionError(
            f"{what} cannot be made with {dict(options)}: {type(error).__name__}: {error}"
        ) from error


def parameters_of(make: Callable[..., Any]) -> set[str] | None:
    """Return the names that a class or function can be called with; None where any will do.

    Where a constructor passes further options on, those of the next class in its order of resolution count.
    """
    if not inspect.isclass(make):
        return _named(inspect.signature(make))
    names: set[str] = set()
    for kind in make.__mro__:
        if "__init__" not in vars(kind) or kind is object:
            continue
        signature = inspect.signature(kind)
        here = _named(signature)
        names |= here if here is not None else _names(signature)
        if here is not None:
            break
    return names


def _named(signature: inspect.Signature) -> set[str] | None:
    further = any(one.kind is one.VAR_KEYWORD for one in signature.parameters.values())
    return None if further else _names(signature)


def _names(signature: inspect.Signature) -> set[str]:
    by_name = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {name for name, one in signature.parameters.items() if one.kind in by_name}
