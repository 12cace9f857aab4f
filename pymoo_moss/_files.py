"""Files that may come from strangers: read within bounds, and nothing in them is run."""

import json
import os
import warnings
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

_MOST_BYTES = 2 << 30
_MOST_BYTES_OF_TEXT = 64 << 20


def read_npz(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """The arrays of an ``.npz`` file, each with its checksum checked. No pickle is loaded.

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
    # Zip archives and arrays answer to damage with errors of every kind.
    except Exception as error:
        raise ValueError(f"damaged ({error or type(error).__name__})") from error


def read_json(path: str | os.PathLike[str]) -> Any:
    """What a JSON file holds.

    Raises:
        FileNotFoundError: there is no file.
        ValueError: it is damaged, or larger than 64 MiB.
    """
    return parse_json(read_content(path))


def read_content(path: str | os.PathLike[str]) -> bytes:
    """The bytes of a file of text.

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
        raise ValueError(f"cannot be read ({error.strerror})") from error


def parse_json(text: bytes) -> Any:
    """What JSON text says.

    Raises:
        ValueError: it is damaged, or nested too deeply.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def inside(folder: Path, name: Any) -> Path:
    """The file of a name that a record gives, in a folder and nowhere else.

    Raises:
        ValueError: it is no plain file name, or what stands there is no file in the folder.
    """
    if not isinstance(name, str) or name != Path(name).name or "\\" in name:
        raise ValueError(f"expected the name of a file in '{folder}', got {name!r}")
    path = folder / name
    if not path.is_file() or path.resolve().parent != folder.resolve():
        raise ValueError(f"expected a file in '{folder}', there is none that is named '{name}'")
    return path


def _file(path: str | os.PathLike[str]) -> Path:
    """A path, unless something stands there that could be read without end."""
    path = Path(path)
    if path.exists() and not path.is_file():
        raise ValueError(f"'{path}' is not a file")
    return path


def _array(content: bytes) -> np.ndarray:
    with warnings.catch_warnings():
        # Of damage; what matters is whether there is an array.
        warnings.simplefilter("ignore")
        array: np.ndarray = np.lib.format.read_array(BytesIO(content), allow_pickle=False)
    return array
