"""Decoding by libsndfile."""

import io
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import numpy as np
import soundfile

from .sound import PIECE, Piece


class _InSequence(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is read in sequence alone: some codings cannot be sought in, and do not say so."""

    def seekable(self) -> bool:
        """Return False."""
        return False


class _AnyPlace:
    """A file in which every place can be sought: damaged headers name places before its beginning.

    It has no name, because libsndfile would choose formats by it.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.tell, self.read = file.tell, file.read
        if hasattr(file, "readinto"):
            self.readinto = file.readinto

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a place, or stay where that is none: an error would be printed by the callback's caller."""
        try:
            return self._file.seek(offset, whence)
        except (OSError, ValueError, OverflowError):
            return self._file.tell()


class Header(NamedTuple):
    """What libsndfile reads in a file's header.

    Attributes:
        seconds: of sound, as far as the header says and the file is long.
        is_mpeg: whether it takes the file for MPEG audio, for which any bytes may pass.
        is_known_here_alone: whether FFmpeg takes the file's coding for another one.
    """

    seconds: float
    is_mpeg: bool
    is_known_here_alone: bool


_MISREAD = "VOC"
"""Format whose 16-bit sounds libsndfile begins in the wrong place."""


_SYNC = b"\xff"
"""First byte of every frame of MPEG audio."""
_EMPTY_TAG = b"ID3\3" + bytes(5) + b"\n" + bytes(10)


def _recognisable(file: BinaryIO) -> _AnyPlace:
    """Put an empty tag before MPEG audio: libsndfile knows files without one by their names alone."""
    first = file.read(1)
    file.seek(0)
    return _AnyPlace(io.BytesIO(_EMPTY_TAG + file.read()) if first == _SYNC else file)


def read_header(file: BinaryIO) -> Header | None:
    """Read the header of a sound, from its beginning.

    Returns:
        None where libsndfile does not know the file, or misreads it.
    """
    try:
        with soundfile.SoundFile(_recognisable(file)) as sound:
            if sound.format == _MISREAD:
                return None
            return Header(
                seconds=sound.frames / sound.samplerate,
                is_mpeg=sound.format == "MP3",
                is_known_here_alone=sound.subtype.startswith("NMS_ADPCM"),
            )
    # TypeError for headerless formats, for which soundfile expects the format as arguments.
    except (soundfile.SoundFileError, OSError, TypeError, ValueError, ZeroDivisionError):
        return None


def decode(file: BinaryIO) -> Iterator[Piece]:
    """Decode a sound to its end.

    `SoundFile.blocks` is not used: it returns as many samples as the header declares, and those that could
    not be decoded are uninitialised memory.

    Raises:
        soundfile.SoundFileError: it cannot be decoded further.
    """
    with _InSequence(_recognisable(file)) as sound:
        rate = sound.samplerate
        # Of a fixed size, because a damaged header may declare any length.
        piece = np.zeros((max(PIECE // sound.channels, 1), sound.channels), np.float32)
        while len(read := _read(sound, piece)):
            yield Piece(read, rate)


def _read(sound: soundfile.SoundFile, piece: np.ndarray) -> np.ndarray:
    read: np.ndarray = sound.read(out=piece)
    return read
