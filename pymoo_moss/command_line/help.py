"""The text of ``--help``: options in sections, in lines that fit the terminal."""

import shutil
import textwrap
from collections.abc import Iterator
from typing import Any

from typer.core import TyperCommand, TyperGroup

from .mistakes import UsageError

_NARROWEST, _WIDEST = 20, 100
_TWO_COLUMNS_FROM = 70
"""Width in characters from which explanations stand beside the options, and not below them."""
_BESIDE = 30

RESEARCH = "For researchers"
"""Section that comes after those for everybody."""
_OTHER = "Other"


class Command(TyperCommand):
    """A command whose help lists options by section, and whose errors know the command.

    An option's section is its ``rich_help_panel``, or that of the option before it.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what was typed."""
        try:
            return super().parse_args(ctx, args)
        except UsageError as error:
            # The parser leaves it out where a value is missing.
            error.ctx = error.ctx or ctx  # type: ignore[attr-defined]
            raise

    def get_help(self, ctx: Any) -> str:
        """Return the help, without a newline at its end."""
        return _help(self, ctx, _sections(self))


class Group(TyperGroup):
    """The program, whose help lists its commands."""

    def get_help(self, ctx: Any) -> str:
        """Return the help, without a newline at its end."""
        commands = [(name, self.commands[name].help or "") for name in self.list_commands(ctx)]
        first_lines = [(name, text.partition("\n")[0]) for name, text in commands]
        return _help(self, ctx, {"Commands": first_lines, **_sections(self)})


def _help(command: Any, ctx: Any, sections: dict[str, list[tuple[str, str]]]) -> str:
    width = min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)
    parts = [_wrapped(f"Usage: {ctx.command_path} {_usage(command)}", width, "", " " * 4)]
    parts += [_wrapped(" ".join(text.split()), width) for text in (command.help or "").split("\n\n")]
    for title, entries in sections.items():
        parts.append("\n".join([f"{title}:", *(line for entry in entries for line in _entry(*entry, width))]))
    return "\n\n".join(parts)


def _usage(command: Any) -> str:
    arguments = [_metavar(one) for one in command.params if one.param_type_name == "argument"]
    if isinstance(command, TyperGroup):
        arguments = ["COMMAND ..."]
    needed = [
        f"{one.opts[0]} {_metavar(one)}"
        for one in command.params
        if one.param_type_name == "option" and one.required
    ]
    return " ".join([*arguments, *needed, "[OPTIONS]"])


def _sections(command: Any) -> dict[str, list[tuple[str, str]]]:
    """Return names and explanations of arguments and options, by the title of their section."""
    sections: dict[str, list[tuple[str, str]]] = {}
    title = _OTHER
    for one in command.params:
        is_argument = one.param_type_name == "argument"
        title = "Arguments" if is_argument else one.rich_help_panel or title
        sections.setdefault(title, []).append((_metavar(one) if is_argument else _option(one), _text(one)))
    last = {name: sections.pop(name) for name in (RESEARCH, _OTHER) if name in sections}
    last.setdefault(_OTHER, []).append(("--help", "Show this help and end."))
    return {**sections, **last}


def _option(option: Any) -> str:
    names = " / ".join([*option.opts, *option.secondary_opts])
    return names if option.is_flag else f"{names} {_metavar(option)}"


def _metavar(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _text(parameter: Any) -> str:
    default = parameter.default
    if parameter.required or default is None or isinstance(default, bool):
        return parameter.help or ""
    shown = f"{default:g}" if isinstance(default, float) else default
    return f"{parameter.help} Default: {shown}."


def _entry(name: str, text: str, width: int) -> Iterator[str]:
    if width < _TWO_COLUMNS_FROM:
        yield _wrapped(name, width, "  ", "    ")
        yield _wrapped(text, width, "    ", "    ")
        return
    lines = textwrap.wrap(text, width - _BESIDE, break_long_words=False, break_on_hyphens=False)
    if len(name) + 4 > _BESIDE:
        yield f"  {name}"
        name = ""
    for number, line in enumerate(lines):
        yield f"  {name if number == 0 else '':{_BESIDE - 2}}{line}"


def _wrapped(text: str, width: int, first: str = "", rest: str = "") -> str:
    return textwrap.fill(
        text,
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
