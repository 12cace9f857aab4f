"""The folder that a run is written to: checked before the work, and never holding half a file."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import OutputError

RUN_FILE = "run.json"
INPUTS = "inputs"
_PARTIAL = ".partial-"
_FILES_OF_A_RUN = {
    RUN_FILE,
    "index.html",
    "front.csv",
    "masks.npz",
    "front.png",
    "inputs.png",
    "picks.png",
    "evolution.gif",
    "solutions",
    "morph.wav",
    "morph.png",
    "morph.mp4",
    INPUTS,
    "solution.png",
    "audio.wav",
    "spectrogram.png",
    "mask.png",
}


def check_output_folder(folder: Path, *, overwrite: bool) -> None:
    """Make sure, before any work is done, that a run can be written to ``folder``; nothing is left there.

    Raises:
        OutputError: it is a file, cannot be written, or holds something that may not be overwritten.
    """
    try:
        if folder.exists() and not folder.is_dir():
            raise OutputError(f"expected a folder to write to, '{folder}' is a file: choose another name")
        _check_content(folder, overwrite)
        nearest = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(f"cannot write to '{folder}' ({error.strerror}): choose another folder") from error


def _check_content(folder: Path, overwrite: bool) -> None:
    inside = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
    foreign = sorted(name for name in inside - _FILES_OF_A_RUN if not name.startswith(_PARTIAL))
    if foreign:
        raise OutputError(
            f"'{folder}' holds other things than a run ({', '.join(foreign[:3])}): choose a new folder"
        )
    if inside and not overwrite:
        raise OutputError(f"'{folder}' holds a run already: choose a new folder, or --overwrite that run")


@contextmanager
def new_run(folder: Path) -> Iterator[Path]:
    """A place inside ``folder`` to write a run to; its files get their final names when the block ends.

    An earlier run is removed then, and ``run.json`` comes last, so that where it stands the run
    is complete. If the block fails nothing of it stays.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=folder))
    except OSError as error:
        raise OutputError(f"cannot write to '{folder}' ({error.strerror}): choose another folder") from error
    try:
        yield work
        for name in (RUN_FILE, *(_FILES_OF_A_RUN - {RUN_FILE})):
            _remove(folder / name)
        for entry in sorted(work.iterdir(), key=lambda entry: entry.name == RUN_FILE):
            os.replace(entry, folder / entry.name)
    except OSError as error:
        raise OutputError(f"cannot write the run to '{folder}' ({error.strerror or error})") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if not any(folder.iterdir()):
            folder.rmdir()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
