"""Reading of uploaded pictures and sounds by the package's readers, within the app's limits."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from ..errors import AudioError, PictureError
from ..spectrogram import (
    Picture,
    Piece,
    Sound,
    TooLongError,
    inspect_picture,
    mix_to_mono,
    open_audio,
    read_picture,
    waveform_of,
)

MOST_SECONDS = 600
"""Longest duration of an accepted sound, in seconds."""
MOST_PIXELS = 50_000_000
"""Largest number of pixels of an accepted picture."""
SAMPLE_RATE = 16_000
"""Sample rate in Hz at which sounds are searched and heard."""
_LEAST_SECONDS = 0.5
"""Shortest accepted sound: it has the 32 frames that the coarsest grid of the page needs."""
_SECONDS_FOR_ALL_GRIDS = 2.04


def read_upload_as_picture(path: Path) -> Picture:
    """Read an uploaded picture.

    Raises:
        PictureError: it has too many pixels, is blank, or cannot be read.
    """
    check_pixels(path)
    return read_picture(path)


def read_upload_as_sound(path: Path, most_seconds: float) -> Tensor:
    """Read an uploaded sound at `SAMPLE_RATE`, as far as a limit of seconds.

    Raises:
        AudioError: it is too long, too short, silent, or cannot be read.
    """
    with _told_as_too_long(path, most_seconds):
        waveform = waveform_of(_limited(open_audio(path), most_seconds), SAMPLE_RATE)
    _check_seconds(path, len(waveform) / SAMPLE_RATE)
    if len(waveform) < _SECONDS_FOR_ALL_GRIDS * SAMPLE_RATE:
        warnings.warn(
            f"'{path.name}' is short: under More options, mix it with the picture on 16x32 points, or 32x64 "
            "from one second on",
            stacklevel=2,
        )
    return waveform


def read_upload_as_song(path: Path, most_seconds: float) -> tuple[Tensor, int]:
    """Read an uploaded sound at its own sample rate, as far as a limit of seconds.

    Returns:
        The waveform ``(samples,)`` of its channels' mean, and its sample rate in Hz.

    Raises:
        AudioError: it is too long, too short, silent, or cannot be read.
    """
    with _told_as_too_long(path, most_seconds):
        waveform, sample_rate = mix_to_mono(_limited(open_audio(path), most_seconds))
    _check_seconds(path, len(waveform) / sample_rate)
    return waveform, sample_rate


def check_pixels(path: Path) -> None:
    """Make sure that a picture has no more than `MOST_PIXELS`, without decoding it.

    Raises:
        PictureError: it has more, or cannot be read.
    """
    width, height = inspect_picture(path)
    if width * height > MOST_PIXELS:
        raise PictureError(
            f"expected at most {MOST_PIXELS / 1e6:.0f} megapixels, '{path.name}' has "
            f"{width * height / 1e6:.0f}: scale it down first"
        )


@contextmanager
def _told_as_too_long(path: Path, most_seconds: float) -> Iterator[None]:
    """Say of a sound that is too long how long it may be."""
    try:
        yield
    except TooLongError as error:
        raise AudioError(
            f"expected at most {most_seconds:.0f} s of sound, '{path.name}' has more: cut out a shorter piece"
        ) from error


def _check_seconds(path: Path, seconds: float) -> None:
    if seconds < _LEAST_SECONDS:
        raise AudioError(
            f"expected at least {_LEAST_SECONDS} s of sound, '{path.name}' has {seconds:.2g}: choose a "
            "longer one"
        )


def _limited(sound: Sound, most_seconds: float) -> Sound:
    """Stop the decoding of a sound beyond a number of seconds, whatever its file declares."""

    def pieces() -> Iterator[Piece]:
        seconds = 0.0
        for piece in sound.pieces():
            seconds += len(piece.samples) / piece.sample_rate
            if seconds > most_seconds:
                raise TooLongError(f"{sound.label} has more than {most_seconds:.0f} s")
            yield piece

    return replace(sound, pieces=pieces)
