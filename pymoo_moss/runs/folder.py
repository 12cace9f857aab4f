"""The folder of a run: checked before the search, written by one process at a time, whole or not at all."""

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from .._files import PARTIAL, writing_to
from ..errors import OutputError

RUN_FILE = "run.json"
INPUTS = "inputs"
CHECKPOINTS = "checkpoint"
_LOCK = ".lock"
_REPLACE = "replace that run with --overwrite (overwrite=True in Python)"
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
    CHECKPOINTS,
    "solution.png",
    "audio.wav",
    "spectrogram.png",
    "mask.png",
    "song.wav",
    "song.flac",
    "song.mp3",
    "song.m4a",
    "song.ogg",
    "more",
    "viewers.png",
    "picture.png",
    "report.md",
}


def check_output_folder(folder: Path, *, overwrite: bool) -> None:
    """Check, before any work is done, that a run can be written to ``folder``; nothing is left there.

    Args:
        folder: of the run; it need not exist.
        overwrite: whether an earlier run may be replaced.

    Raises:
        OutputError: it is a file, cannot be written, or holds something that may not be overwritten.
    """
    with writing_to(folder):
        if folder.exists() and not folder.is_dir():
            raise OutputError(f"expected a folder to write to, '{folder}' is a file: choose another name")
        _check_content(folder, overwrite)
        nearest = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
        with tempfile.TemporaryFile(dir=nearest):
            pass


def _check_content(folder: Path, overwrite: bool) -> None:
    entries = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
    run = {name for name in entries if name != _LOCK and not name.startswith(PARTIAL)}
    foreign = sorted(run - _FILES_OF_A_RUN)
    if foreign:
        raise OutputError(
            f"'{folder}' holds other things than a run ({', '.join(foreign[:3])}): choose a new folder"
        )
    if overwrite or not run:
        return
    if CHECKPOINTS in run and RUN_FILE not in run:
        raise OutputError(
            f"'{folder}' holds a run that is not finished: resume it ({resume_command(folder)}), choose a "
            f"new folder, or {_REPLACE}"
        )
    raise OutputError(f"'{folder}' holds a run already: choose a new folder, or {_REPLACE}")


def resume_command(folder: Path) -> str:
    """Return the command that resumes the run in a folder, as it is typed in a shell."""
    name = str(folder)
    # A name that begins with a hyphen would be taken for an option.
    words = ["pymoo-moss", "resume", os.path.join(os.curdir, name) if name.startswith("-") else name]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Create the folder, lock it while the block runs, and remove partial files that a killed run left.

    The same thread may enter it again. The operating system releases the lock when the process ends.

    Raises:
        OutputError: another run is writing to the folder, or it cannot be written.
    """
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK, timeout=0, is_singleton=True)
        try:
            lock.acquire()
        except Timeout as error:
            raise OutputError(
                f"another run is writing to '{folder}': wait for its end, or choose another folder"
            ) from error
    try:
        if lock.lock_counter == 1:
            for left in (*folder.glob(f"{PARTIAL}*"), *(folder / CHECKPOINTS).glob(f"{PARTIAL}*")):
                remove(left)
        yield
    finally:
        if lock.lock_counter == 1:
            # Removed while the lock is held, so that no other process has locked this file. Windows refuses.
            with contextlib.suppress(OSError):
                (folder / _LOCK).unlink()
        lock.release()
        with contextlib.suppress(OSError):
            # Removes the folder if nothing was written; rmdir fails otherwise.
            folder.rmdir()


@contextmanager
def new_run(folder: Path, *, keep_checkpoint: bool = False) -> Iterator[Path]:
    """Give a working folder inside ``folder``, whose files get their final names when the block ends.

    An earlier run is removed then, and ``run.json`` is moved last: where it exists, the run is complete. If
    the block raises, nothing of the new run is left.

    Args:
        folder: of the run; it is created if necessary.
        keep_checkpoint: keep the folder's checkpoints, because they are this run's.

    Raises:
        OutputError: another run is writing to the folder, or it cannot be written.
    """
    with only_writer(folder):
        try:
            work = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=folder))
            try:
                yield work
                earlier = _FILES_OF_A_RUN - {RUN_FILE} - ({CHECKPOINTS} if keep_checkpoint else set())
                for name in (RUN_FILE, *earlier):
                    remove(folder / name)
                for entry in sorted(work.iterdir(), key=lambda entry: entry.name == RUN_FILE):
                    os.replace(entry, folder / entry.name)
            finally:
                shutil.rmtree(work, ignore_errors=True)
        except OutputError:
            raise
        except OSError as error:
            raise OutputError(
                f"cannot write the run to '{folder}' ({error.strerror or error}): free space or choose "
                "another folder"
            ) from error


def remove(path: Path) -> None:
    """Remove a file, a link or a folder, if it exists."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
