"""The named errors of the package, and the helper that suggests the option that was meant.

Every message says what was expected, what came, and what to do.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches


class MossError(Exception):
    """Base of every error that the package raises on purpose."""


class PictureError(MossError, ValueError):
    """The picture cannot be used."""


class AudioError(MossError, ValueError):
    """The audio cannot be used."""


class OptionError(MossError, ValueError):
    """An option has an unknown name or a value outside its range."""


class ObjectiveError(MossError, ValueError):
    """An objective is malformed, or does not support what was requested."""


class OutputError(MossError, OSError):
    """The output folder cannot be used."""


class StudyError(MossError, RuntimeError):
    """Runs of a study failed."""


class CheckpointError(MossError, RuntimeError):
    """A checkpoint cannot be written, or a run cannot be resumed from it."""


class CheckpointWarning(UserWarning):
    """A checkpoint could not be written, or is damaged; the run continues."""


class MissingExtraError(MossError, ImportError):
    """A package that an optional part needs is not installed."""


@contextmanager
def missing_extra(extra: str) -> Iterator[None]:
    """Turn a failed import in the block into one line that says which extra to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"'{error.name}' is not installed: pip install 'pymoo-moss[{extra}]'", name=error.name
        ) from error


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error says that there is not enough memory; torch has no type of its own for it."""
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError)
        and re.search("can't allocate memory|out of memory", str(error)) is not None
    )


def unknown_name(kind: str, name: str, known: Iterable[str]) -> OptionError:
    """Return an error for the unknown ``name`` of some ``kind``, with the nearest known one."""
    known = sorted(known)
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean '{near[0]}'? " if near else ""
    return OptionError(f"unknown {kind} '{name}': {hint}choose from {', '.join(known)}")


_VERBS = ("expected", "raise", "lower", "set", "leave")
_NO_WORDS = ("fmin", "fmax", "gamma")
_QUOTED = r"""(?<!\w)['"](?s:.*)['"]"""
"""From the first quotation mark that is no apostrophe to the last."""


def renamed(message: str, names: Mapping[str, str]) -> str:
    """Call the parameters in an error's message what the user knows them by.

    Messages name a parameter after a verb, ``expected NAME ...`` or ``raise NAME``, or anywhere if its name
    is not an English word. What stands between the first quotation mark and the last stays as it is: it came
    from the user, whose names may hold such words, and quotation marks too.

    Args:
        message: the message.
        names: what to write instead, by the names of parameters.
    """
    if not names:
        return message
    anywhere = [rf"\b{name}\b" for name in names if "_" in name or name in _NO_WORDS]
    after_verb = [rf"(?<=\b{verb} )(?:{'|'.join(names)})\b(?! the)" for verb in _VERBS]
    pattern = re.compile("|".join([_QUOTED, *after_verb, *anywhere]))
    return pattern.sub(lambda found: names.get(found.group(), found.group()), message)
