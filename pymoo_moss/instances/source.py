"""The sources of a frozen problem."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SourceFile:
    """A picture or sound of the package, and the SHA-256 that it must have."""

    name: str
    sha256: str
    description: str


@dataclass(frozen=True)
class Instance:
    """Picture, sound and grid of a frozen problem."""

    name: str
    picture: SourceFile
    sound: SourceFile
    grid: tuple[int, int]
