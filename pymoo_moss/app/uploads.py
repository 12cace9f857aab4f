"""Uploaded pictures and sounds: which are accepted, and copies of them that a session keeps."""

import shutil
import warnings
import weakref
from pathlib import Path

import soundfile
from PIL import Image

from ..errors import AudioError, PictureError
from ..runs import copy_inputs

MOST_SECONDS = 600
"""Longest duration of an accepted sound, in seconds."""
MOST_PIXELS = 50_000_000
"""Largest number of pixels of an accepted picture."""


class Inputs:
    """Copies of the files that a run is made from, because Gradio removes its own after a while.

    They are removed when the session no longer refers to them.

    Args:
        folder: folder of the copies, with nothing else in it.
        originals: paths by kind, ``image`` and ``audio``.

    Attributes:
        files: the copies, by kind.

    Raises:
        OSError: a file cannot be copied; the folder is removed.
    """

    def __init__(self, folder: Path, **originals: str) -> None:
        remove = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        try:
            self.files = copy_inputs(folder, {kind: Path(path) for kind, path in originals.items()})
        except BaseException:
            remove()
            raise


def check_uploads(picture: Path, sound: Path, most_seconds: float) -> None:
    """Refuse files that would take too much memory, before they are read.

    Args:
        picture: path of the picture.
        sound: path of the sound.
        most_seconds: longest duration of an accepted sound, in seconds.

    Raises:
        PictureError: the picture has too many pixels, or cannot be read.
        AudioError: the sound is too long, or cannot be read.
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
        raise AudioError(f"'{sound.name}' cannot be read as a sound: try a WAV, FLAC, OGG or MP3") from error
    if seconds > most_seconds:
        raise AudioError(
            f"expected at most {most_seconds:.0f} s of sound, '{sound.name}' has {seconds:.0f}: "
            "cut out a shorter piece"
        )


def _pixels(picture: Path) -> int:
    try:
        with warnings.catch_warnings():
            # The limit here is lower than Pillow's.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(picture) as image:
                return image.width * image.height
    except Image.DecompressionBombError as error:
        raise PictureError(
            f"expected at most {MOST_PIXELS / 1e6:.0f} megapixels, '{picture.name}' has far more: scale it "
            "down first"
        ) from error
    except Exception as error:
        raise PictureError(f"'{picture.name}' cannot be read as a picture: try a PNG or JPEG") from error
