"""Uploaded pictures and sounds: which are taken, and copies that stay."""

import shutil
import warnings
import weakref
from pathlib import Path

import soundfile
from PIL import Image

from ...errors import AudioError, PictureError
from ..export import copy_name

MOST_SECONDS = 600
MOST_PIXELS = 50_000_000


class Inputs:
    """Copies of the files that a run is made from; Gradio removes its own after a while.

    They are removed when the session no longer holds them.

    Args:
        folder: where they go, with nothing else in it.
        originals: paths by kind, ``image`` and ``audio``.

    Attributes:
        files: the copies, by kind.
    """

    def __init__(self, folder: Path, **originals: str) -> None:
        self.files = {
            kind: Path(shutil.copy(path, folder / copy_name(kind, Path(path))))
            for kind, path in originals.items()
        }
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)


def check_uploads(picture: Path, sound: Path, most_seconds: float) -> None:
    """Refuse what would take too much memory, before it is read.

    Raises:
        PictureError: the picture has too many pixels, or is none.
        AudioError: the sound is too long, or is none.
    """
    pixels = _pixels(picture)
    if pixels > MOST_PIXELS:
        raise PictureError(
            f"expected at most {MOST_PIXELS / 1e6:.0f} megapixels, '{picture.name}' has "
            f"{pixels / 1e6:.0f}: scale it down first"
        )
    try:
        seconds = soundfile.info(sound).duration
    except Exception as error:
        raise AudioError(
            f"'{sound.name}' is no sound that can be read: try a WAV, FLAC, OGG or MP3"
        ) from error
    if seconds > most_seconds:
        raise AudioError(
            f"expected at most {most_seconds:.0f} s of sound, '{sound.name}' has {seconds:.0f}: "
            "cut a piece out"
        )


def _pixels(picture: Path) -> int:
    try:
        with warnings.catch_warnings():
            # Our own limit is lower.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(picture) as image:
                return image.width * image.height
    except Image.DecompressionBombError as error:
        raise PictureError(
            f"expected at most {MOST_PIXELS / 1e6:.0f} megapixels, '{picture.name}' has far more: scale it "
            "down first"
        ) from error
    except Exception as error:
        raise PictureError(f"'{picture.name}' is no picture that can be read: try a PNG or JPEG") from error
