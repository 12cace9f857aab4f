"""What Tesseract reads."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from .distance import letters_read

_BLURS = (0.0, 1.5, 3.0)
"""Standard deviations in points: eyes blur the grain of a spectrogram too."""
_LAYOUTS = ("6", "11")
"""Tesseract's modes of one block of text, and of text anywhere."""


def prepare(words: str) -> Callable[[np.ndarray], float]:
    return lambda view: max(letters_read(words, read) for read in readings(view))


def readings(view: np.ndarray) -> Iterator[str]:
    """Yield what each try reads of a text that is bright on dark, as letters are that sound."""
    ink = Image.fromarray((255 * (1 - view)).round().astype(np.uint8))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "view.png"
        for blur in _BLURS:
            ink.filter(ImageFilter.GaussianBlur(blur)).save(path)
            for layout in _LAYOUTS:
                command = ["tesseract", path, "-", "--psm", layout]
                yield subprocess.run(command, check=True, capture_output=True, text=True).stdout
