"""The sources of a problem of the package."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import OptionError

GRIDS = ((16, 32), (32, 64), (64, 128))
"""Grids of the problems that have names."""


@dataclass(frozen=True)
class SourceFile:
    """A picture or sound, and its SHA-256: of the file, or of the samples of a generated one."""

    name: str
    sha256: str
    description: str


@dataclass(frozen=True)
class Instance:
    """Picture, sound and grid of a problem."""

    name: str
    picture: SourceFile
    sound: SourceFile
    grid: tuple[int, int]


def check_sources_are_fixed(name: str, options: Iterable[str]) -> None:
    """Make sure that options leave picture and sound of a problem as they are.

    Raises:
        OptionError: one of them replaces these.
    """
    own = [option for option in ("image", "audio", "encoder") if option in options]
    if own:
        raise OptionError(
            f"expected options of the problem '{name}', got {', '.join(own)}: its picture "
            "and sound are fixed; make a MOSSProblem of your own"
        )
