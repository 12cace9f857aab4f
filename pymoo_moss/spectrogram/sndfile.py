"""Decoding by libsndfile."""

import io
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import soundfile

from .file_window import FileWindow
from .mpeg_frames import begins_with_frame
from .mpeg_header import after_id3
from .sound import PIECE, Piece


class _InSequence(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is read in sequence alone: some codings cannot be sought in, and do not say so."""

    def seekable(self) -> bool:
        """Return False."""
        return False


class Header(NamedTuple):
    """What libsndfile reads in a file's header.

    Attributes:
        seconds: of sound, as far as the header says and the file is long; None if it does not say.
        is_mpeg: whether it takes the sound for MPEG audio, for which any bytes may pass.
        is_known_here_alone: whether FFmpeg takes the file's coding for another one.
    """

    seconds: float | None
    is_mpeg: bool
    is_known_here_alone: bool


_UNKNOWN = 2**62
"""Number of samples from which on it is none: libsndfile has the greatest number for what is not known."""
_MISREAD = ("VOC", "W64")
"""Formats whose 16-bit sounds libsndfile begins in the wrong place, and whose sounds it does not end."""


_EMPTY_TAG = b"ID3\3" + bytes(5) + b"\n" + bytes(10)


def _recognisable(file: FileWindow) -> FileWindow:
    """Put an empty tag before MPEG audio, in the place of its own.

    libsndfile knows files without one by their names alone, and prints complaints about damaged ones.
    """
    is_stream = begins_with_frame(file)
    file.seek(after_id3(file) if is_stream else 0)
    return FileWindow(io.BytesIO(_EMPTY_TAG + file.read())) if is_stream else file


def read_header(file: FileWindow) -> Header | None:
    """Read the header of a sound.

    Returns:
        None where libsndfile does not know the file, or misreads it.
    """
    try:
        with soundfile.SoundFile(_recognisable(file)) as sound:
            if sound.format in _MISREAD:
                return None
            return Header(
                seconds=sound.frames / sound.samplerate if sound.frames < _UNKNOWN else None,
                is_mpeg=sound.subtype.startswith("MPEG"),
                is_known_here_alone=sound.subtype.startswith("NMS_ADPCM"),
            )
    # TypeError for headerless formats, for which soundfile expects the format as arguments.
    except (soundfile.SoundFileError, OSError, TypeError, ValueError, ZeroDivisionError):
        return None


def decode(file: FileWindow) -> Iterator[Piece]:
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
