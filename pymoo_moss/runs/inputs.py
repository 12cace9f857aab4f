"""The files that a run was made from: their hashes, and the copies that the run keeps."""

import hashlib
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from .._files import why_no_file
from ..errors import AudioError, OptionError, PictureError
from ..spectrogram import inspect_picture, open_audio

INPUT_KINDS = ("image", "audio")

_ORDINARY_SUFFIX = re.compile(r"\.[a-z0-9]{1,15}")


def check_inputs(files: Mapping[str, Path]) -> None:
    """Make sure that files by kind can be read several times, for the problem, hashes and copies.

    Files that are missing are left to those who read them.

    Raises:
        PictureError: the ``image`` is a folder, a pipe or a device.
        AudioError: the ``audio`` is.
        OptionError: the ``image`` is a sound and the ``audio`` a picture.
    """
    _check_ordinary(files)
    if {"image", "audio"} <= files.keys() and _are_swapped(files["image"], files["audio"]):
        raise OptionError(
            f"expected the picture first and then the sound, got the sound '{files['image']}' and the "
            f"picture '{files['audio']}': swap them"
        )


def _check_ordinary(files: Mapping[str, Path]) -> None:
    for kind, path in files.items():
        reason = why_no_file(path)
        if reason is not None and kind == "image":
            raise PictureError(f"expected a file with a picture, '{path}' is {reason}")
        if reason is not None:
            raise AudioError(f"expected a file with a sound, '{path}' is {reason}")


def _are_swapped(image: Path, audio: Path) -> bool:
    if _is_picture(image) or not _is_picture(audio):
        return False
    try:
        open_audio(image)
    except AudioError:
        return False
    return True


def _is_picture(path: Path) -> bool:
    try:
        inspect_picture(path)
    except PictureError:
        return False
    return True


def file_hashes(files: Mapping[str, Path]) -> dict[str, str]:
    """Compute the SHA-256 of each file, in hexadecimal, by the file's kind.

    Raises:
        PictureError: the ``image`` is no ordinary file.
        AudioError: the ``audio`` is none.
    """
    _check_ordinary(files)
    return {kind: hashlib.sha256(path.read_bytes()).hexdigest() for kind, path in files.items()}


def copy_name(kind: str, path: Path) -> str:
    """Name a run's copy of its ``image`` or ``audio`` file.

    The name keeps an ordinary suffix. Others may be too long, or not printable.
    """
    suffix = path.suffix.lower()
    return kind + suffix if _ORDINARY_SUFFIX.fullmatch(suffix) else kind


def copy_inputs(folder: Path, files: Mapping[str, Path]) -> dict[str, Path]:
    """Copy files by kind to a folder, which is created if there are any, and return the copies."""
    copies = {kind: folder / copy_name(kind, path) for kind, path in files.items()}
    for kind, path in files.items():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copies[kind])
    return copies
