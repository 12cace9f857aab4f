"""What Tesseract reads."""

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from .distance import letters_read

_ONE_BLOCK = "6"
"""Tesseract's mode of a single block of text."""


def prepare(words: str) -> Callable[[np.ndarray], float]:
    return lambda view: letters_read(words, read(view))


def read(view: np.ndarray) -> str:
    """Read a text that is bright on dark, as letters are that sound."""
    ink = Image.fromarray((255 * (1 - view)).round().astype(np.uint8))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "view.png"
        ink.save(path)
        command = ["tesseract", path, "-", "--psm", _ONE_BLOCK]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
