"""What is said about a command that cannot be understood: one line each, without the parser's own words."""

from difflib import get_close_matches
from typing import Any

import typer

UsageError: type[Exception] = typer.BadParameter.__base__  # type: ignore[assignment]
"""Base of the errors of a command's options and arguments, which typer does not export."""

_SIMILAR = 0.8
_SHORTEST_BEGINNING = 3


def explain(error: Any) -> str:
    """Explain a `UsageError` in one line.

    Args:
        error: the error.
    """
    command = error.ctx.command_path if error.ctx is not None else "pymoo-moss"
    see = f"see '{command} --help'"
    unknown = getattr(error, "option_name", None)
    message = " ".join(str(error.message or "").split())
    if isinstance(error, typer.BadParameter):
        if not message:
            return f"{_name(error)} is missing; {see}"
        return f"{_name(error)}: {message}"
    if unknown is not None and hasattr(error, "possibilities"):
        options = [name for one in error.ctx.command.params for name in (*one.opts, *one.secondary_opts)]
        meant = nearest_option(unknown, [name for name in options if name.startswith("--")])
        hint = f"did you mean {meant}? " if meant else ""
        return f"there is no option {unknown}; {hint}{see}"
    if unknown is not None:
        return f"expected a value after {unknown}, got none; {see}"
    if "extra argument" in message:
        extra = message.partition(" (")[2].removesuffix(")")
        return f"there is too much on the line: {extra}; names with spaces need quotes; {see}"
    if message.startswith("No such command"):
        return f"there is no command {message.split()[3].rstrip('.')}; {see}"
    return f"{message[:1].lower()}{message[1:].rstrip('.')}; {see}"


def nearest_option(typed: str, options: list[str]) -> str | None:
    """Find the option that was meant: one that begins alike, or differs by a slip or two; else None.

    Options that share only a few letters are not suggested: they do other things.
    """
    typed = typed.lstrip("-").replace("_", "-").lower()
    names = {option.lstrip("-"): option for option in options}
    for name, option in names.items():
        shorter, longer = sorted((name, typed), key=len)
        if len(shorter) >= _SHORTEST_BEGINNING and longer.startswith(shorter):
            return option
    near = get_close_matches(typed, names, n=1, cutoff=_SIMILAR)
    return names[near[0]] if near else None


def _name(error: Any) -> str:
    """Return the option or the argument as it is typed."""
    if error.param is None:
        return str(error.param_hint or "a value")
    if error.param.param_type_name == "argument":
        return str(error.param.metavar or error.param.name.upper())
    return str(error.param.opts[0])
