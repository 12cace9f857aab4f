"""Named, frozen problems with their pictures and sounds inside the package."""

import hashlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..errors import MossError, unknown_name
from ..problem import MOSSProblem


@dataclass(frozen=True)
class _Input:
    """A file of the package and the SHA-256 that it must have."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Instance:
    """A frozen problem: picture, sound and grid."""

    picture: _Input
    sound: _Input
    grid: tuple[int, int]


_LIGHTHOUSE = _Input("lighthouse.png", "6d48ad5610e361de1a1561d6ef84b479c6f536996ddfd6535d1f3cac1ded36ff")
_PRELUDE = _Input("prelude.flac", "0a47c2098f9717dbc4b55c7c8cd81190c9e11b925fb22b11ad009e71c9444679")

_INSTANCES: Mapping[str, Instance] = MappingProxyType(
    {"lighthouse-prelude-64x128": Instance(_LIGHTHOUSE, _PRELUDE, (64, 128))}
)


def list_problems() -> tuple[str, ...]:
    """Names of the embedded problems: picture, sound, and grid."""
    return tuple(_INSTANCES)


def get_problem(name: str, **overrides: Any) -> MOSSProblem:
    """An embedded problem by name.

    Args:
        name: one of `list_problems`.
        **overrides: options of `MOSSProblem` to differ in, such as ``preset="display"``.

    Raises:
        OptionError: the name or an option is unknown.
        MossError: a file of the package is not what it was when it was frozen.
    """
    if name not in _INSTANCES:
        raise unknown_name("problem", name, _INSTANCES)
    instance = _INSTANCES[name]
    with _checked(instance.picture) as picture, _checked(instance.sound) as sound:
        return MOSSProblem(picture, sound, **{"grid": instance.grid, **overrides})


def _checked(source: _Input) -> AbstractContextManager[Path]:
    resource = files(__package__) / "data" / source.name
    found = hashlib.sha256(resource.read_bytes()).hexdigest()
    if found != source.sha256:
        raise MossError(
            f"the embedded file {source.name} was changed (SHA-256 {found[:12]}..., expected "
            f"{source.sha256[:12]}...): install the package again"
        )
    return as_file(resource)
