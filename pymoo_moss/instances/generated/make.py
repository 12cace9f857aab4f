"""`make_instance`: as many problems of a kind as there are seeds, and the frozen lists of them."""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from itertools import product
from types import MappingProxyType
from typing import Any

import numpy as np

from ..._checks import whole_number
from ...errors import MossError, unknown_name
from ..options import changed_options
from ..source import GRIDS, Instance, SourceFile, check_sources_are_fixed
from .drawing import draw
from .draws import Draws
from .kinds import KINDS
from .problem import GeneratedProblem
from .tune import SAMPLE_RATE, play

INSTANCE_SEEDS = tuple(range(1, 16))
"""Seeds of the frozen lists, the same for every kind."""

_FULL_SCALE = 32768
_DRAWING, _TUNE = 0, 1
"""What the random numbers of a seed are for."""


def title_of(difficulty: str, seed: int) -> str:
    """Return what identifies drawing and tune: difficulty and seed."""
    return f"{difficulty}-{seed:02d}"


def _size(grid: object) -> str:
    sizes = np.atleast_1d(np.asarray(grid))
    return "x".join(f"{one:g}" if isinstance(one, np.floating) else str(one) for one in sizes)


NAMED: Mapping[str, tuple[int, str, tuple[int, int]]] = MappingProxyType(
    {
        f"{title_of(difficulty, seed)}-{_size(grid)}": (seed, difficulty, grid)
        for grid, difficulty, seed in product(GRIDS, KINDS, INSTANCE_SEEDS)
    }
)
"""Seed, difficulty and grid of the generated problems that have names."""


def list_instances(difficulty: str | None = None, grid: tuple[int, int] = GRIDS[0]) -> tuple[str, ...]:
    """List the names of the frozen generated problems on one grid, ``DIFFICULTY-SEED-ROWSxCOLUMNS``.

    Args:
        difficulty: ``"easy"``, ``"medium"`` or ``"hard"``: 15 problems; by default all 45, easy ones first.
        grid: rows and columns: ``(16, 32)``, ``(32, 64)`` or ``(64, 128)``.

    Raises:
        OptionError: there is no such difficulty or grid.
    """
    if difficulty is not None:
        _check_difficulty(difficulty)
    sizes = {_size(one): one for one in GRIDS}
    if _size(grid) not in sizes:
        raise unknown_name("grid", _size(grid), sizes)
    chosen = sizes[_size(grid)]
    return tuple(
        name for name, (_, kind, size) in NAMED.items() if size == chosen and difficulty in (None, kind)
    )


def make_instance(
    seed: int, difficulty: str = "medium", grid: tuple[int, int] = GRIDS[0], **overrides: Any
) -> GeneratedProblem:
    """Make a problem of a drawing and a tune that seed and difficulty determine.

    The same numbers give the same drawing in 8 bits and the same tune in 16 bits on every machine. Those of
    the seeds 1 to 15 are checked against hashes; these problems also have names, see `list_instances`.

    Args:
        seed: whole number of 1 or more.
        difficulty: ``"easy"``, ``"medium"`` or ``"hard"``.
        grid: rows and columns of the control grid.
        **overrides: options of `MOSSProblem`, such as ``preset="display"``.

    Raises:
        OptionError: an argument or an option is unknown or out of its range.
        MossError: a drawing or tune that should be known differs from what it was.

    Example:
        >>> from pymoo_moss import make_instance
        >>> problem = make_instance(7, "easy")
        >>> problem.name(), problem.n_var
        ('easy-07-16x32', 512)
    """
    seed = whole_number("seed", seed, 1)
    _check_difficulty(difficulty)
    title = title_of(difficulty, seed)
    check_sources_are_fixed(title, overrides)
    drawing, tune = drawing_and_tune(seed, difficulty)
    instance = Instance(
        f"{title}-{_size(grid)}",
        _checked(title, "drawing", drawing, f"generated drawing, {difficulty}, seed {seed}"),
        _checked(title, "tune", tune, f"generated tune, {difficulty}, seed {seed}"),
        grid,
    )
    sound = (tune.astype(np.float32) / _FULL_SCALE, SAMPLE_RATE)
    changed = changed_options({"grid": grid}, overrides)
    return GeneratedProblem(
        drawing, sound, instance=instance, changed_options=changed, grid=grid, **overrides
    )


def drawing_and_tune(seed: int, difficulty: str) -> tuple[np.ndarray, np.ndarray]:
    """Generate the drawing ``(height, width)`` in uint8 and the tune ``(n,)`` in int16 of a seed."""
    kind = KINDS[difficulty]
    drawing = draw(kind.drawing, Draws(kind.number, seed, _DRAWING))
    return drawing, play(kind.tune, Draws(kind.number, seed, _TUNE))


def sha256_of(samples: np.ndarray) -> str:
    """Compute the SHA-256 of samples, row by row and with the least byte first."""
    return hashlib.sha256(samples.astype(samples.dtype.newbyteorder("<")).tobytes()).hexdigest()


def _checked(title: str, what: str, samples: np.ndarray, description: str) -> SourceFile:
    """Describe a drawing or a tune, after a comparison with its hash if that is known."""
    found = sha256_of(samples)
    expected = _hashes().get(title, {}).get(what, found)
    if found != expected:
        raise MossError(
            f"the {what} of {title} differs from what it was (SHA-256 {found[:12]}..., expected "
            f"{expected[:12]}...): results on it are not comparable; install the package again, or "
            "another version of NumPy"
        )
    return SourceFile(f"{title}-{what}", found, description)


@lru_cache(maxsize=1)
def _hashes() -> dict[str, dict[str, str]]:
    """Return the SHA-256 of drawings and tunes, by title."""
    resource = files("pymoo_moss.instances") / "data" / "generated.json"
    hashes: dict[str, dict[str, str]] = json.loads(resource.read_text(encoding="utf-8"))
    return hashes


def _check_difficulty(difficulty: str) -> None:
    if not isinstance(difficulty, str) or difficulty not in KINDS:
        raise unknown_name("difficulty", str(difficulty), KINDS)
