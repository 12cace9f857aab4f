"""A problem of a user's own picture and sound, as a value that is known by the files' content."""

import functools
import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .._files import why_no_file
from ..errors import AudioError, MossError, PictureError
from ..problem import MOSSProblem
from .choices import OwnProblem, ProblemChoice, check_json


@dataclass(frozen=True)
class FileProblemChoice:
    """A `MOSSProblem` of a picture and a sound in files.

    Its runs are identified by the content of the files and by the options; where the files are, and what
    they are called, makes no difference.

    Attributes:
        image: path of the picture.
        audio: path of the sound.
        options: further options of `MOSSProblem` as JSON; objectives by name.

    Raises:
        PictureError: the picture's file cannot be read.
        AudioError: the sound's file cannot be read.
        OptionError: an option cannot be written as JSON.
    """

    image: str | os.PathLike[str]
    audio: str | os.PathLike[str]
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_json(self.options, "problem")
        self._digests  # noqa: B018  # of the files as they are now

    def make(self) -> MOSSProblem:
        """Make the problem; the process keeps it until it makes another.

        Raises:
            MossError: it cannot be made, or a file has changed.
        """
        return _make_problem(str(self.image), str(self.audio), self._digests, json.dumps(self.options))

    def describe(self) -> dict[str, Any]:
        """Return everything that determines it, as JSON."""
        image, audio = self._digests
        return {"problem": "own files", "image_sha256": image, "audio_sha256": audio, **self.options}

    @functools.cached_property
    def _digests(self) -> tuple[str, str]:
        return _digests(str(self.image), str(self.audio))


@functools.lru_cache(maxsize=1)
def _make_problem(image: str, audio: str, digests: tuple[str, str], options: str) -> MOSSProblem:
    # A worker may be on another machine, and begin hours later.
    if _digests(image, audio) != digests:
        raise MossError(f"'{image}' or '{audio}' has changed since the study began: start the study again")
    return MOSSProblem(image, audio, **json.loads(options))


def _digests(image: str, audio: str) -> tuple[str, str]:
    return _digest(image, PictureError, "picture"), _digest(audio, AudioError, "sound")


def _digest(path: str, error_type: type[MossError], kind: str) -> str:
    reason = why_no_file(path)
    if reason is not None:
        raise error_type(f"expected a {kind}, '{path}' is {reason}")
    try:
        with Path(path).open("rb") as file:
            digest = hashlib.sha256()
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise error_type(f"the {kind} '{path}' cannot be read ({error.strerror}): check the path") from error
    return digest.hexdigest()


AnyProblem = ProblemChoice | FileProblemChoice | OwnProblem
