"""Read a study from a TOML file."""

import os
import sys
from pathlib import Path
from typing import Any

from .._files import read_content, why_no_file
from ..errors import OptionError, missing_extra, unknown_name
from .choices import AlgorithmChoice, ProblemChoice
from .study import Study

_IN_WORDS = {int: "a whole number", str: "text"}
_KEYS = ("problems", "algorithms", "seeds", "budget")


def read_study(path: str | os.PathLike[str], folder: str | os.PathLike[str]) -> Study:
    """Read the study that a TOML file describes.

    ``problems`` is a list of names, or a table of labels, each with a ``name`` and options of the problem;
    ``algorithms`` is a list of names, or a table of labels, each with the values of an
    `AlgorithmChoice`; ``seeds`` and ``budget`` are as `Study` has them.

    Args:
        path: path of the file.
        folder: folder for the runs.

    Raises:
        OptionError: the file cannot be read, or something in it is unknown, missing or of the wrong kind.
    """
    content = _parse(Path(path))
    for key in content:
        if key not in _KEYS:
            raise unknown_name("key in the study file", key, _KEYS)
    missing = [key for key in _KEYS if key not in content]
    if missing:
        raise OptionError(f"expected the keys {', '.join(_KEYS)} in '{path}', missing: {', '.join(missing)}")
    return Study(
        _problems(content["problems"]),
        _algorithms(content["algorithms"]),
        _numbers("seeds", content["seeds"]),
        _numbers("budget", content["budget"]),
        folder,
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


def _problems(value: Any) -> list[str] | dict[str, ProblemChoice]:
    if isinstance(value, dict):
        return {label: _problem(label, entry) for label, entry in value.items()}
    return _names("problems", value)


def _problem(label: str, entry: Any) -> ProblemChoice:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise OptionError(f"expected the problem '{label}' as {{ name = ..., and options }}, got {entry!r}")
    return ProblemChoice(entry["name"], {key: value for key, value in entry.items() if key != "name"})


def _algorithms(value: Any) -> list[str] | dict[str, AlgorithmChoice]:
    if isinstance(value, dict):
        return {label: _algorithm(label, entry) for label, entry in value.items()}
    return _names("algorithms", value)


def _algorithm(label: str, entry: Any) -> AlgorithmChoice:
    known = AlgorithmChoice.__dataclass_fields__
    if not isinstance(entry, dict) or "algorithm" not in entry:
        raise OptionError(f"expected the algorithm '{label}' as {{ algorithm = ... }}, got {entry!r}")
    for key, value in entry.items():
        if key not in known:
            raise unknown_name(f"key of the algorithm '{label}'", key, known)
        wanted = int if key == "population" else str
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise OptionError(f"expected {key} of '{label}' as {_IN_WORDS[wanted]}, got {value!r}")
    return AlgorithmChoice(**entry)


def _names(key: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise OptionError(f"expected {key} as a list of names or a table of labels, got {value!r}")
    return value


def _numbers(key: str, value: Any) -> int | list[int]:
    numbers = value if isinstance(value, list) else [value]
    if not all(
        isinstance(number, int) and not isinstance(number, bool) and number >= 0 for number in numbers
    ):
        raise OptionError(f"expected {key} as a whole number of 0 or more, or a list of such, got {value!r}")
    result: int | list[int] = value
    return result
