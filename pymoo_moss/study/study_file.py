"""Read a study from a TOML file."""

import os
import sys
from pathlib import Path
from typing import Any

from .._files import read_content, why_no_file
from ..errors import OptionError, missing_extra, unknown_name
from .choices import AlgorithmChoice, ProblemChoice
from .file_problem import FileProblemChoice
from .study import Study

_KEYS = ("problems", "algorithms", "seeds", "budget")
_OPTIONAL_KEYS = ("certify", "python_path")
_OPERATOR = ((str, dict), "a name or { name = ..., and options }")
_KINDS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "algorithm": (str, "text"),
    "population": (int, "a whole number"),
    "sampling": _OPERATOR,
    "variation": (str, "text"),
    "crossover": _OPERATOR,
    "mutation": _OPERATOR,
    "seeding": _OPERATOR,
    "options": (dict, "a table of options"),
}
"""Values of an algorithm: their types, and these in words."""


def read_study(path: str | os.PathLike[str], folder: str | os.PathLike[str]) -> Study:
    """Read the study that a TOML file describes.

    ``problems`` is a list of names, or a table of labels. Each has a ``name`` and options, as a
    `ProblemChoice` has them; or ``image`` and ``audio``, files relative to the folder of the study file, and
    options of `MOSSProblem`. ``algorithms`` is a list of names, or a table of labels, each with the values of
    an `AlgorithmChoice`. ``seeds``, ``budget`` and ``certify`` are as `Study` has them. ``python_path`` lists
    folders, relative to the study file's, in which modules of import paths are looked for first; without it
    modules are found where Python finds them, and the study file's folder is not among these.

    A study file can call any function that is installed: run only files that you trust.

    Args:
        path: path of the file.
        folder: folder for the runs.

    Raises:
        OptionError: the file cannot be read, or something in it is unknown, missing or of the wrong kind.
        PictureError: a picture's file cannot be read.
        AudioError: a sound's file cannot be read.
    """
    content = _parse(Path(path))
    for key in content:
        if key not in _KEYS + _OPTIONAL_KEYS:
            raise unknown_name("key in the study file", key, _KEYS + _OPTIONAL_KEYS)
    missing = [key for key in _KEYS if key not in content]
    if missing:
        raise OptionError(f"expected the keys {', '.join(_KEYS)} in '{path}', missing: {', '.join(missing)}")
    certify = content.get("certify", False)
    if not isinstance(certify, bool):
        raise OptionError(f"expected certify as true or false, got {certify!r}")
    reader = _Reader(Path(path).absolute().parent, content.get("python_path", []))
    return Study(
        reader.problems(content["problems"]),
        reader.algorithms(content["algorithms"]),
        _seeds(content["seeds"]),
        _budget(content["budget"]),
        folder,
        certify=certify,
    )


def _parse(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        with missing_extra("study"):
            import tomli as tomllib
    reason = why_no_file(path)
    if reason is not None:
        raise OptionError(f"expected a study file, '{path}' is {reason}")
    try:
        # Editors on Windows mark text as UTF-8 by a sign at its beginning.
        content: dict[str, Any] = tomllib.loads(read_content(path).decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise OptionError(f"there is no study file '{path}': give the path of one, a TOML file") from error
    except UnicodeDecodeError as error:
        raise OptionError(
            f"the study file '{path}' is no text in UTF-8: give the path of a TOML file"
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise OptionError(f"the study file '{path}' cannot be read: {error}") from error
    return content


class _Reader:
    """Reads the tables of a study file.

    Args:
        folder: folder of the study file.
        python_path: as the file has it.
    """

    def __init__(self, folder: Path, python_path: Any) -> None:
        self._folder = folder
        folders = [python_path] if isinstance(python_path, str) else _names("python_path", python_path)
        self._python_path = tuple(str((folder / one).resolve()) for one in folders)

    def problems(self, value: Any) -> list[str] | dict[str, ProblemChoice | FileProblemChoice]:
        if isinstance(value, dict):
            return {label: self._problem(label, entry) for label, entry in value.items()}
        return _names("problems", value)

    def algorithms(self, value: Any) -> list[str] | dict[str, AlgorithmChoice]:
        if isinstance(value, dict):
            return {label: self._algorithm(label, entry) for label, entry in value.items()}
        return _names("algorithms", value)

    def _problem(self, label: str, entry: Any) -> ProblemChoice | FileProblemChoice:
        keys = ("name",) if isinstance(entry, dict) and "name" in entry else ("image", "audio")
        if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) for key in keys):
            raise OptionError(
                f"expected the problem '{label}' as {{ name = ..., and options }} or as {{ image = ..., "
                f"audio = ..., and options }}, got {entry!r}"
            )
        options = {key: value for key, value in entry.items() if key not in keys}
        if keys == ("name",):
            return ProblemChoice(entry["name"], options, self._python_path)
        return FileProblemChoice(self._folder / entry["image"], self._folder / entry["audio"], options)

    def _algorithm(self, label: str, entry: Any) -> AlgorithmChoice:
        if not isinstance(entry, dict) or "algorithm" not in entry:
            raise OptionError(f"expected the algorithm '{label}' as {{ algorithm = ... }}, got {entry!r}")
        for key, value in entry.items():
            if key not in _KINDS:
                raise unknown_name(f"key of the algorithm '{label}'", key, _KINDS)
            wanted, words = _KINDS[key]
            if not isinstance(value, wanted) or isinstance(value, bool):
                raise OptionError(f"expected {key} of '{label}' as {words}, got {value!r}")
        try:
            return AlgorithmChoice(**entry, python_path=self._python_path)
        except OptionError as error:
            raise OptionError(f"the algorithm '{label}': {error}") from error


def _names(key: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise OptionError(f"expected {key} as a list of names or a table of labels, got {value!r}")
    return value


def _seeds(value: Any) -> Any:
    if isinstance(value, dict):
        return {label: _numbers("seeds", one) for label, one in value.items()}
    return _numbers("seeds", value)


def _budget(value: Any) -> Any:
    # Whatever a table holds is checked by the study.
    return value if isinstance(value, dict) else _numbers("budget", value)


def _numbers(key: str, value: Any) -> int | list[int]:
    numbers = value if isinstance(value, list) else [value]
    if not all(
        isinstance(number, int) and not isinstance(number, bool) and number >= 0 for number in numbers
    ):
        raise OptionError(f"expected {key} as a whole number of 0 or more, or a list of such, got {value!r}")
    result: int | list[int] = value
    return result
