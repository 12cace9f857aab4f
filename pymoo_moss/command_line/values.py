"""Values of options, as they are typed."""

import math
from collections.abc import Callable
from pathlib import Path

import typer

from .._times import seconds_of
from ..errors import unknown_name


def whole_number(least: int, most: int | None = None) -> Callable[[object], int]:
    """Return a parser of whole numbers from ``least`` to ``most``."""

    def parse(typed: object) -> int:
        number = _as_whole(str(typed))
        if number is None or number < least or (most is not None and number > most):
            reach = f"of {least} or more" if most is None else f"from {least} to {most}"
            raise typer.BadParameter(f"expected a whole number {reach}, got '{typed}'")
        return number

    return parse


def _as_whole(typed: str) -> int | None:
    try:
        return int(typed)
    except ValueError:
        return None


def number(
    above: float = -math.inf, least: float = -math.inf, most: float = math.inf
) -> Callable[[object], float]:
    """Return a parser of finite numbers greater than ``above``, and from ``least`` to ``most``."""

    def parse(typed: object) -> float:
        try:
            value = float(str(typed))
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and value > above and least <= value <= most):
            raise typer.BadParameter(f"expected a number{_reach(above, least, most)}, got '{typed}'")
        return value

    return parse


def _reach(above: float, least: float, most: float) -> str:
    if above > -math.inf:
        return f" above {above:g}"
    if most < math.inf:
        return f" from {least:g} to {most:g}"
    return "" if least == -math.inf else f" of {least:g} or more"


def one_of(kind: str, *names: str) -> Callable[[object], str]:
    """Return a parser of the names of some ``kind``."""

    def parse(typed: object) -> str:
        if typed not in names:
            raise typer.BadParameter(str(unknown_name(kind, str(typed), names)))
        return str(typed)

    return parse


def path(typed: object) -> Path:
    """Parse the path of a file or folder. An empty one, as of a variable that is not set, is a mistake."""
    if not str(typed):
        raise typer.BadParameter("expected a name, got an empty one")
    return Path(str(typed))


def grid(typed: str) -> tuple[int, int]:
    """Parse rows and columns, ``64x128`` for example."""
    rows, _, columns = typed.lower().partition("x")
    if not (rows.strip().isdecimal() and columns.strip().isdecimal()):
        raise typer.BadParameter(
            f"expected ROWSxCOLUMNS, 64x128 for example, got '{typed}'", param_hint="--grid"
        )
    return int(rows), int(columns)


def time(typed: object) -> float:
    """Parse a time in seconds, or in minutes and seconds: ``90``, ``1:30`` or ``1:30.5``."""
    seconds = seconds_of(str(typed))
    if math.isnan(seconds):
        raise typer.BadParameter(f"expected seconds or MINUTES:SECONDS, 1:30 for example, got '{typed}'")
    return seconds


def band(typed: str) -> tuple[float, float]:
    """Parse lower and upper edge of a band in Hz, ``9000-18000`` for example."""
    low, _, high = typed.partition("-")
    try:
        edges = float(low), float(high)
    except ValueError:
        edges = math.nan, math.nan
    if not (0 <= edges[0] < edges[1] < math.inf):
        raise typer.BadParameter(
            f"expected LOWER-UPPER in Hz, 9000-18000 for example, got '{typed}'", param_hint="--band"
        )
    return edges
