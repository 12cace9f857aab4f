"""Writing of songs without loss, as WAV or FLAC of 24 bits."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import soundfile

from ..errors import OutputError, unknown_name
from .tags import Tags, write_tags

LosslessFormat = Literal["wav", "flac"]

_FULL_SCALE = 1 << 23
"""Full scale of 24 bits."""
_MOST_FLAC_CHANNELS = 8


def save_lossless(
    path: str | os.PathLike[str],
    pieces: Iterator[np.ndarray],
    sample_rate: int,
    channels: int,
    *,
    gain: float = 1.0,
    tags: Tags = Tags(),
) -> None:
    """Write a song as a file of 24 bits; its extension tells the format, ``.wav`` or ``.flac``.

    Samples of up to 24 bits are written as they are, if the gain is 1.

    Args:
        path: of the file.
        pieces: ``(n, channels)`` float32, where 1 is full scale.
        sample_rate: in Hz.
        channels: number of channels.
        gain: factor of all samples.
        tags: of the song.

    Raises:
        OptionError: there is no such format.
        OutputError: the file cannot be written.

    Warns:
        UserWarning: mutagen is not installed; the file has no tags.
    """
    path = Path(path)
    name = path.suffix[1:].lower()
    if name not in get_args(LosslessFormat):
        raise unknown_name("format", name, get_args(LosslessFormat))
    if name == "flac" and channels > _MOST_FLAC_CHANNELS:
        raise OutputError(f"FLAC has at most {_MOST_FLAC_CHANNELS} channels, got {channels}: choose wav")
    try:
        # By a file of Python's, because libsndfile does not open every name.
        with (
            path.open("wb") as opened,
            soundfile.SoundFile(
                opened, "w", sample_rate, channels, format=name.upper(), subtype="PCM_24"
            ) as file,
        ):
            for piece in pieces:
                file.write(_as_whole_numbers(piece, gain))
    except (OSError, soundfile.SoundFileError) as error:
        raise OutputError(f"cannot write '{path}' ({error}): free space, or choose another folder") from error
    write_tags(path, tags)


def _as_whole_numbers(samples: np.ndarray, gain: float) -> np.ndarray:
    """Return samples as whole numbers of 24 bits, in the upper ones of 32."""
    # Rounded here, because libsndfile rounds down, which is a constant offset.
    scaled = (samples.astype(np.float64) * (gain * _FULL_SCALE)).round()
    whole: np.ndarray = scaled.clip(-_FULL_SCALE, _FULL_SCALE - 1).astype(np.int32) << 8
    return whole
