"""What a run was called with: the JSON in its record and in its checkpoints."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .._files import file_in_folder
from .._names import printable
from ..errors import MossError
from ..instances import get_problem
from ..problem import MOSSProblem
from ..spectrogram import MaskEncoder
from .inputs import INPUT_KINDS, copy_name, file_hashes
from .plan import SearchPlan

_OPTIONS_NOT_RECORDED: Mapping[str, Any] = MappingProxyType(
    {"picture_sampling": "point", "n_fft": 1024, "hop_length": 256}
)
"""Options of runs on files from before they were recorded, where the default has changed since."""
_DECIDED = ("picture_sampling", "invert", "sample_rate", "n_fft", "hop_length", "fmin", "fmax")
"""Options that may be left to a default or to the files, as members of the encoder; None where none is."""


@dataclass(frozen=True)
class RunSettings:
    """What a run was called with, from which its problem and its plan can be rebuilt.

    Attributes:
        content: as JSON. Known keys are ``problem``, the name of a frozen problem; or ``image`` and
            ``audio``, names of the user's files for display, with ``inputs`` and ``sha256``, the names and
            hashes of the run's copies of them; ``options`` of the problem; and the fields of `SearchPlan`.
            Other keys are kept. Names for display are made printable.
    """

    content: Mapping[str, Any]

    def __post_init__(self) -> None:
        names = {
            kind: printable(self.content[kind])
            for kind in INPUT_KINDS
            if isinstance(self.content.get(kind), str)
        }
        object.__setattr__(self, "content", {**self.content, **names})

    @classmethod
    def of_frozen_problem(cls, name: str, options: Mapping[str, Any]) -> "RunSettings":
        """Describe a run on a frozen problem with ``options`` of `get_problem`."""
        return cls({"problem": name, "options": dict(options)})

    @classmethod
    def of_files(cls, image: Path, audio: Path, options: Mapping[str, Any]) -> "RunSettings":
        """Describe a run on a picture and a sound with ``options`` of `MOSSProblem`."""
        return cls({"image": image.name, "audio": audio.name, "options": dict(options)})

    @classmethod
    def from_json(cls, content: Any) -> "RunSettings":
        """Take what `to_json` returned.

        Raises:
            TypeError: it is not a JSON object.
        """
        if not isinstance(content, Mapping):
            raise TypeError(f"expected settings as a JSON object, got {content!r}")
        return cls(dict(content))

    def to_json(self) -> dict[str, Any]:
        """Return the content as a new dict."""
        return dict(self.content)

    def with_hashes(self, files: Mapping[str, Path]) -> "RunSettings":
        """Add the hashes of files that the problem was made from, in place of those of the same kinds."""
        return self._updated("sha256", file_hashes(files))

    def with_inputs(self, files: Mapping[str, Path]) -> "RunSettings":
        """Add the names and hashes of the run's copies of files, in place of those of the same kinds."""
        copies = {kind: copy_name(kind, path) for kind, path in files.items()}
        return self.with_hashes(files)._updated("inputs", copies)

    def with_plan(self, plan: SearchPlan) -> "RunSettings":
        """Set how the front is searched for."""
        return RunSettings({**self.content, **asdict(plan)})

    def with_decisions(self, encoder: MaskEncoder) -> "RunSettings":
        """Set options of a problem of files that were decided by them, or left to a default.

        Settings of a frozen problem, whose options are frozen too, and settings that describe no problem stay
        as they are.
        """
        if "problem" in self.content or not {"options", *INPUT_KINDS} & self.content.keys():
            return self
        decided = {name: getattr(encoder, name) for name in _DECIDED}
        given = {name: value for name, value in decided.items() if value is not None}
        return self._updated("options", given)

    @property
    def plan(self) -> SearchPlan:
        """How the front is searched for.

        Raises:
            KeyError: the settings have no complete plan.
            OptionError: a value is out of its range.
        """
        return SearchPlan(**{part.name: self.content[part.name] for part in fields(SearchPlan)})

    @property
    def names(self) -> list[str]:
        """Names of the frozen problem, or of picture and sound, as far as they are known."""
        return [str(self.content[key]) for key in ("problem", *INPUT_KINDS) if key in self.content]

    def _updated(self, key: str, values: Mapping[str, Any]) -> "RunSettings":
        """Update an object in the content; without values the content stays as it is."""
        before = self.content.get(key)
        merged = {**(before if isinstance(before, Mapping) else {}), **values}
        return RunSettings({**self.content, key: merged}) if values else self

    def input_copies(self, folder: Path) -> dict[str, Path]:
        """Find the run's copies of ``image`` and ``audio`` in a folder; nothing outside it is returned.

        Raises:
            MossError: the settings name something that is not a file in the folder.
        """
        try:
            named = self.content.get("inputs", {})
            return {kind: file_in_folder(folder, named[kind]) for kind in INPUT_KINDS if kind in named}
        except (ValueError, TypeError, AttributeError, OSError) as error:
            raise MossError(f"the run's copies of its picture and sound cannot be used: {error}") from error

    def is_unmodified(self, kind: str, path: Path) -> bool:
        """Return whether a file exists and is the one that the run was made from, as far as is known.

        Raises:
            OSError: the file cannot be read.
        """
        if not path.is_file():
            return False
        hashes = self.content.get("sha256")
        expected = hashes.get(kind) if isinstance(hashes, Mapping) else None
        return expected is None or file_hashes({kind: path})[kind] == expected

    def rebuild_problem(self, folder: Path) -> MOSSProblem:
        """Make the problem again, from its name or from the run's copies of picture and sound.

        Args:
            folder: of the copies.

        Raises:
            MossError: the settings do not describe the problem, or a copy is missing or has been modified.
        """
        try:
            options = self.content.get("options", {})
            if "problem" in self.content:
                return get_problem(self.content["problem"], **options)
            copies = self.input_copies(folder)
            for kind, path in copies.items():
                if file_hashes({kind: path})[kind] != self.content["sha256"][kind]:
                    raise MossError(
                        f"'{path}' is not the file that the run was made from: put that back, or pass the "
                        "problem that was searched"
                    )
            return MOSSProblem(copies["image"], copies["audio"], **{**_OPTIONS_NOT_RECORDED, **options})
        except MossError:
            raise
        except (
            LookupError,
            TypeError,
            ValueError,
            AttributeError,
            ArithmeticError,
            OSError,
            RuntimeError,
        ) as error:
            raise MossError(
                f"the settings of the run in '{folder.parent}' do not describe its problem: pass the problem "
                "that was searched"
            ) from error


@dataclass(frozen=True)
class RunFacts:
    """What every checkpoint of a run holds beside the state of its algorithm.

    Attributes:
        settings: what the run was called with.
        count: solutions to export, at least 1.
        morph: whether to export the morph as well.
    """

    settings: RunSettings
    count: int
    morph: bool

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "RunFacts":
        """Take what `to_json` returned.

        Raises:
            ValueError: it is something else; or KeyError, TypeError.
        """
        count, morph = content["count"], content["morph"]
        if not (isinstance(count, int) and count >= 1 and isinstance(morph, bool)):
            raise ValueError(
                f"expected a count of 1 or more and whether to morph, got {count!r} and {morph!r}"
            )
        return cls(RunSettings.from_json(content["settings"]), count, morph)

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON."""
        return {"settings": self.settings.to_json(), "count": self.count, "morph": self.morph}
