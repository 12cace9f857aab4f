"""Text and QR codes as pictures, drawn for a rectangle of a spectrogram."""

import io

import numpy as np
import segno
from PIL import Image, ImageDraw, ImageFont

from ..errors import OptionError

_LEAST_LETTER, _LEAST_MODULE = 20, 5
"""Bins and frames of a letter's height and of a module's side under which a viewer shows neither."""
_PIXELS = 4
"""Pixels a bin and frame, so that edges are averaged and not torn."""
_MARGIN = 0.06
_LINE = 1.25
"""Height of a line of text in heights of its letters."""
_BOLDNESS = 0.02
"""Width that is added to strokes on either side, in heights of letters: thin ones get lost."""
_QUIET_ZONE = 4
"""Modules around a QR code (ISO/IEC 18004)."""


def lettered(text: str, bins: int, frames: int) -> np.ndarray:
    """Draw text, bright on black, in as many lines as make its letters largest.

    Args:
        text: one or more words; line breaks are kept.
        bins: height of the rectangle.
        frames: width of the rectangle.

    Returns:
        Picture ``(height, width)`` in [0, 1].

    Raises:
        OptionError: the text is empty, or too long for the rectangle.
    """
    if not text.strip():
        raise OptionError("expected a text to draw, got an empty one")
    best: tuple[float, list[str]] = (0.0, [])
    for lines in _broken(text):
        best = max(best, (_letter_height(lines, bins, frames), lines), key=lambda one: one[0])
    height, lines = best
    if height < _LEAST_LETTER:
        fits = int(len(text) * (height / _LEAST_LETTER) ** 2)
        raise OptionError(
            f"expected a text whose letters are {_LEAST_LETTER} bins high or more in a rectangle of {bins} "
            f"bins and {frames} frames, these have {height:.0f}: shorten it to about {max(fits, 1)} "
            "characters, or make the rectangle longer or its band wider"
        )
    font = ImageFont.load_default(height * _PIXELS)
    image = Image.new("L", (frames * _PIXELS, bins * _PIXELS))
    drawing = ImageDraw.Draw(image)
    drawing.multiline_text(
        (image.width / 2, image.height / 2),
        "\n".join(lines),
        fill=255,
        font=font,
        anchor="mm",
        align="center",
        spacing=(_LINE - 1) * height * _PIXELS,
        stroke_width=round(_BOLDNESS * height * _PIXELS),
    )
    return np.asarray(image, np.float32) / 255


def qr_code(content: str, bins: int, frames: int) -> np.ndarray:
    """Draw a QR code of medium error correction with its quiet zone.

    Args:
        content: what it says, an address for example.
        bins: height of the rectangle.
        frames: width of the rectangle.

    Returns:
        Picture ``(height, width)`` of 0 and 1, light modules bright.

    Raises:
        OptionError: the content is empty, longer than a QR code can be, or its modules are too small.
    """
    if not content.strip():
        raise OptionError("expected what the QR code says, got an empty text")
    try:
        code = segno.make(content, error="m", micro=False)
    except segno.DataOverflowError as error:
        raise OptionError(f"the text is too long for a QR code ({error}): shorten it") from error
    side = code.symbol_size(border=_QUIET_ZONE)[0]
    module = min(bins, frames) / side
    if module < _LEAST_MODULE:
        raise OptionError(
            f"expected a QR code whose modules are {_LEAST_MODULE} bins and frames wide or more, its {side} "
            f"by {side} have {module:.1f} in a rectangle of {bins} bins and {frames} frames: shorten its "
            f"text, or make the rectangle {side * _LEAST_MODULE} bins high and as many frames long"
        )
    file = io.BytesIO()
    code.save(file, kind="png", border=_QUIET_ZONE, scale=8)
    return (np.asarray(Image.open(file).convert("L")) > 127).astype(np.float32)


def _broken(text: str) -> list[list[str]]:
    """Return a text broken into 1, 2, ... lines, as even as its words allow; its own breaks are kept."""
    if "\n" in text.strip():
        return [[line.strip() for line in text.strip().splitlines()]]
    words = text.split()
    found = []
    for count in range(1, len(words) + 1):
        most, lines = len(text) / count, [words[0]]
        for word in words[1:]:
            done = sum(map(len, lines)) + len(lines)
            if done + len(word) / 2 > most * len(lines):
                lines.append(word)
            else:
                lines[-1] += f" {word}"
        found.append(lines)
    return found


def _letter_height(lines: list[str], bins: int, frames: int) -> float:
    """Return the size of letters in bins at which the lines fill the rectangle."""
    size = 100.0
    width = max(ImageFont.load_default(size).getlength(line) for line in lines)
    inside = 1.0 - 2 * _MARGIN
    return min(inside * frames * size / width, inside * bins / (_LINE * len(lines)))
