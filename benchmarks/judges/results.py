"""What the judges said, as the page needs it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .folder import (
    ENDS,
    JUDGES_FILE,
    PICTURE_ITSELF,
    RELEASE_FILE,
    SONG_ITSELF,
    UNCODED,
    Pair,
    Point,
    Run,
    judged,
    pair_folders,
    run_folders,
)

Opinions = dict[str, float | None]


@dataclass(frozen=True)
class JudgedRun:
    """A run with what was said of it, by point and codec."""

    folder: Path
    run: Run
    said: dict[str, dict[str, Opinions]]

    def opinions(self, point: str, codec: str = UNCODED) -> Opinions:
        """Return what was said of a file; nothing if it is not judged yet."""
        return self.said.get(point, {}).get(codec, {})

    @property
    def points(self) -> list[Point]:
        """The points of the front, from best picture to best sound."""
        return [point for point in self.run.points if point.name not in (SONG_ITSELF, PICTURE_ITSELF)]

    def picked(self, name: str) -> Point | None:
        """Return a point by its name, or by that of a pick; balanced is clear too where the two are one."""
        found = [point for point in self.points if name in point.name]
        return found[0] if found else None


@dataclass(frozen=True)
class JudgedPair:
    """A pair with its judged runs by name, without the ends."""

    pair: Pair
    folder: Path
    ends: JudgedRun
    runs: dict[str, JudgedRun]


def facts_of(out: Path) -> dict[str, Any]:
    """Return the versions of the judges, and under ``"files"`` those with which the files were made."""
    return {
        **json.loads((out / JUDGES_FILE).read_text()),
        "files": json.loads((out / RELEASE_FILE).read_text()),
    }


def judged_pairs(out: Path) -> Iterator[JudgedPair]:
    """Yield the pairs of which something is judged."""
    for folder in pair_folders(out):
        runs = {path.name: JudgedRun(path, Run.read(path), judged(path)) for path in run_folders(folder)}
        runs = {name: run for name, run in runs.items() if run.said}
        ends = runs.pop(ENDS, None)
        if ends is not None and runs:
            yield JudgedPair(Pair.read(folder), folder, ends, runs)
