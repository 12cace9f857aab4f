"""The folder in which two environments work, and the JSON that they exchange.

``OUT/PAIR/pair.json`` describes a pair, with ``picture.png`` and ``song.wav`` beside it.
``OUT/PAIR/RUN/run.json`` describes the released files of a run, which lie beside it; it is written last.
``OUT/PAIR/RUN/judged.json`` has what the judges say, by point, by codec and by judge.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

PAIR, RUN, JUDGED = "pair.json", "run.json", "judged.json"
JUDGES_FILE = "judges.json"
"""Beside the pairs: versions of the judges, and those that were not asked."""
RELEASE_FILE = "release.json"
"""Beside the pairs: versions with which the files were made."""
PICTURE, SONG = "picture.png", "song.wav"
PORTRAIT, SPEECH = "portrait.png", "speech.wav"
"""Files that other packages lend; what is said is beside the speech, in ``speech.txt``."""
ENDS = "ends"
"""The run that has the song itself and the picture itself."""
SONG_ITSELF, PICTURE_ITSELF = "song itself", "picture itself"
UNCODED = "WAV"


@dataclass(frozen=True)
class Rectangle:
    """Where the picture is in a file: seconds, and Hz."""

    start: float
    stop: float
    low: float
    high: float


@dataclass(frozen=True)
class Point:
    """A solution that was released.

    Attributes:
        name: of the point within its run.
        files: by codec, relative to the run's folder; none for the picture itself.
        losses: values of our objectives by name; None where one does not apply.
    """

    name: str
    files: dict[str, str]
    losses: dict[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """The released files of one preset, of hiding, or of both ends."""

    name: str
    rectangle: Rectangle
    points: list[Point]
    seconds: float = 0.0
    evaluations: int = 0
    level_db: float | None = None

    @classmethod
    def read(cls, folder: Path) -> "Run":
        """Read the run in a folder."""
        content = json.loads((folder / RUN).read_text())
        rectangle = Rectangle(**content.pop("rectangle"))
        points = [Point(**point) for point in content.pop("points")]
        return cls(rectangle=rectangle, points=points, **content)


@dataclass(frozen=True)
class Pair:
    """A picture and a song, and what is known of them.

    Attributes:
        name: for people.
        words: what is written in the picture, if it is a text.
        code: what the picture says, if it is a QR code.
        transcript: what is said in the song, if it is speech.
    """

    name: str
    words: str | None = None
    code: str | None = None
    transcript: str | None = None

    @classmethod
    def read(cls, folder: Path) -> "Pair":
        """Read the pair in a folder."""
        return cls(**json.loads((folder / PAIR).read_text()))


def write(path: Path, content: Any) -> None:
    """Write a description as JSON, whole or not at all."""
    partial = path.with_suffix(".partial")
    as_json = content if isinstance(content, dict) else asdict(content)
    partial.write_text(json.dumps(as_json, indent=1) + "\n", encoding="utf-8")
    os.replace(partial, path)


def pair_folders(out: Path) -> Iterator[Path]:
    """Yield the folders of pairs, in the order in which the pairs were listed."""
    folders = [path.parent for path in out.glob(f"*/{PAIR}")]
    yield from sorted(folders, key=lambda folder: (folder / PAIR).stat().st_mtime_ns)


def run_folders(pair: Path) -> Iterator[Path]:
    """Yield the folders of a pair's finished runs."""
    folders = [path.parent for path in pair.glob(f"*/{RUN}")]
    yield from sorted(folders, key=lambda folder: (folder / RUN).stat().st_mtime_ns)


def judged(run: Path) -> dict[str, dict[str, dict[str, float | None]]]:
    """Return what was said of a run so far, by point, codec and judge."""
    path = run / JUDGED
    return json.loads(path.read_text()) if path.is_file() else {}


def view_of(run: Path, point: str, codec: str) -> Path:
    """Return the file of what was seen of a released file."""
    return run / f"{point} {codec}.png"
