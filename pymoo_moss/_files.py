"""Read untrusted files within limits, running nothing in them; write files whole or not at all."""

import json
import os
import stat
import uuid
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import numpy as np

from .errors import OutputError

PARTIAL = ".partial-"
"""Prefix of the names of files and folders that are still being written."""

_MOST_BYTES = 2 << 30
_MOST_BYTES_OF_TEXT = 64 << 20


def write_whole(
    path: str | os.PathLike[str], content: bytes | memoryview | Callable[[IO[bytes]], None]
) -> None:
    """Write a file whole or not at all; a file of that name is replaced.

    The content goes to a partial file in the same folder, which gets its final name when all of it is on the
    disk. After an error the partial file is removed and the old file is still there. Several processes may
    write the same file at the same time, also on different machines that share the folder.

    Args:
        path: of the file, whose mode is that of ``open``.
        content: the bytes, or a function that writes them to the open file.

    Raises:
        OSError: the file cannot be written.
    """
    path = Path(path)
    partial = path.with_name(f"{PARTIAL}{uuid.uuid4().hex}")
    try:
        with partial.open("xb") as file:
            if callable(content):
                content(file)
            else:
                file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


@contextmanager
def writing_to(folder: str | os.PathLike[str]) -> Iterator[None]:
    """Turn the errors of a block that writes to a folder into one that says what to do.

    Raises:
        OutputError: the folder cannot be written.
    """
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(f"cannot write to '{folder}' ({error.strerror}): choose another folder") from error


def remove_matching(folder: Path, patterns: Iterable[str]) -> None:
    """Remove the files of a folder that match one of some patterns.

    Raises:
        OSError: a file cannot be removed.
    """
    for path in [path for pattern in patterns for path in folder.glob(pattern)]:
        path.unlink()


def read_npz(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """Read the arrays of an ``.npz`` file and check their checksums; no pickle is loaded.

    Raises:
        FileNotFoundError: there is no file.
        ValueError: it is damaged, holds objects, or would take more than 2 GiB.
    """
    try:
        with zipfile.ZipFile(_file(path)) as archive:
            size = sum(member.file_size for member in archive.infolist())
            if size > _MOST_BYTES:
                raise ValueError(f"expected at most {_MOST_BYTES} bytes of arrays, got {size}")
            return {
                member.filename.removesuffix(".npy"): _array(archive.read(member))
                for member in archive.infolist()
            }
    except (FileNotFoundError, ValueError):
        raise
    # zipfile and numpy raise errors of many types for damaged content.
    except Exception as error:
        raise ValueError(f"damaged ({error or type(error).__name__})") from error


def read_json(path: str | os.PathLike[str]) -> Any:
    """Read a JSON file.

    Raises:
        FileNotFoundError: there is no file.
        ValueError: it is damaged, or larger than 64 MiB.
    """
    return parse_json(read_content(path))


def read_content(path: str | os.PathLike[str]) -> bytes:
    """Read the bytes of a text file.

    Raises:
        FileNotFoundError: there is no file.
        ValueError: it cannot be read, or is larger than 64 MiB.
    """
    try:
        size = _file(path).stat().st_size
        if size > _MOST_BYTES_OF_TEXT:
            raise ValueError(f"expected at most {_MOST_BYTES_OF_TEXT} bytes of text, got {size}")
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ValueError(error.strerror) from error


def why_no_file(path: str | os.PathLike[str]) -> str | None:
    """Say what is at a path where it is no ordinary file, and what to do; None for a file, or for nothing.

    Pipes can be read once, and devices without end: neither can be copied.
    """
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return None
    if stat.S_ISREG(mode):
        return None
    if stat.S_ISDIR(mode):
        return "a folder: name a file in it"
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        return "a pipe, which can be read only once: save what comes from it to a file first"
    return "a device: name a file"


def parse_json(text: bytes) -> Any:
    """Parse JSON text.

    Raises:
        ValueError: it is damaged, or nested too deeply.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def file_in_folder(folder: Path, name: Any) -> Path:
    """Return the path of the file in ``folder`` that a record names; no path outside the folder is returned.

    Raises:
        ValueError: ``name`` is not a plain file name, or the folder has no such file.
    """
    if not isinstance(name, str) or name != Path(name).name or "\\" in name:
        raise ValueError(f"expected the name of a file in '{folder}', got {name!r}")
    path = folder / name
    if not path.is_file() or path.resolve().parent != folder.resolve():
        raise ValueError(f"expected a file in '{folder}', there is none that is named '{name}'")
    return path


def _file(path: str | os.PathLike[str]) -> Path:
    """Return the path, unless it is no ordinary file."""
    reason = why_no_file(path)
    if reason is not None:
        raise ValueError(f"'{path}' is {reason}")
    return Path(path)


def _array(content: bytes) -> np.ndarray:
    with warnings.catch_warnings():
        # Damaged headers cause warnings; only an error matters here.
        warnings.simplefilter("ignore")
        array: np.ndarray = np.lib.format.read_array(BytesIO(content), allow_pickle=False)
    return array
