"""A picture of a song's spectrogram, with axes, on which a rectangle can be drawn."""

from dataclasses import dataclass
from typing import NamedTuple

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from ..release import VIEWERS
from ..release.viewers import viewer_image

_VIEWER = next(viewer for viewer in VIEWERS if viewer.name == "Audacity")
_SIZE = (1000, 360)
_LEFT, _TOP, _RIGHT, _BOTTOM = 62, 14, 22, 34
_WIDTH, _HEIGHT = _SIZE[0] - _LEFT - _RIGHT, _SIZE[1] - _TOP - _BOTTOM
_PAPER, _INK, _MARK = (24, 24, 27), (212, 212, 216), (80, 220, 255)
_FONT_SIZE = 16
_MOST_TICKS = 8
_CORNER_ARM = 9


class Rectangle(NamedTuple):
    """A part of a song: start and duration in seconds, lower and upper frequency in Hz."""

    start: float
    duration: float
    low: float
    high: float


@dataclass(frozen=True)
class SongView:
    """A song's spectrogram, its time from left to right, its frequencies linear from bottom to top.

    Attributes:
        image: the spectrogram with its axes.
        seconds: duration of the song.
        highest: upper end of the frequencies in Hz.
    """

    image: Image.Image
    seconds: float
    highest: float

    def inside(self, pixel: tuple[int, int]) -> tuple[int, int]:
        """Return the nearest pixel within the axes."""
        x, y = pixel
        return min(max(x, _LEFT), _LEFT + _WIDTH), min(max(y, _TOP), _TOP + _HEIGHT)

    def rectangle(self, one: tuple[int, int], other: tuple[int, int]) -> Rectangle:
        """Return the part of the song between two opposite corners, pixels within the axes."""
        left, right = sorted((one[0], other[0]))
        top, bottom = sorted((one[1], other[1]))
        start, stop = (self.seconds * (x - _LEFT) / _WIDTH for x in (left, right))
        high, low = (self.highest * (1 - (y - _TOP) / _HEIGHT) for y in (top, bottom))
        return Rectangle(start, stop - start, low, high)

    def with_corner(self, pixel: tuple[int, int]) -> Image.Image:
        """Draw a first corner as a cross."""
        image = self.image.copy()
        draw = ImageDraw.Draw(image)
        x, y = pixel
        draw.line((x - _CORNER_ARM, y, x + _CORNER_ARM, y), fill=_MARK, width=3)
        draw.line((x, y - _CORNER_ARM, x, y + _CORNER_ARM), fill=_MARK, width=3)
        return image

    def with_rectangle(self, rectangle: Rectangle) -> Image.Image:
        """Draw the outline of a part of the song, as far as it is within the axes."""
        start, duration, low, high = rectangle
        left, top = self.inside((self._column(start), self._row(high)))
        right, bottom = self.inside((self._column(start + duration), self._row(low)))
        image = self.image.copy()
        ImageDraw.Draw(image).rectangle(
            (left, top, max(left, right), max(top, bottom)), outline=_MARK, width=3
        )
        return image

    def _column(self, seconds: float) -> int:
        return round(_LEFT + _WIDTH * seconds / self.seconds)

    def _row(self, frequency: float) -> int:
        return round(_TOP + _HEIGHT * (1 - frequency / self.highest))


def view_of(waveform: Tensor, sample_rate: int) -> SongView:
    """Draw the spectrogram of a waveform ``(samples,)`` up to half of its sample rate in Hz."""
    levels = viewer_image(_VIEWER, waveform.numpy(), sample_rate, (_WIDTH, _HEIGHT))
    colours: np.ndarray = matplotlib.colormaps[_VIEWER.colours](levels, bytes=True)[..., :3]
    image = Image.new("RGB", _SIZE, _PAPER)
    image.paste(Image.fromarray(colours), (_LEFT, _TOP))
    view = SongView(image, len(waveform) / sample_rate, sample_rate / 2)
    _draw_axes(view)
    return view


def _draw_axes(view: SongView) -> None:
    draw, font = ImageDraw.Draw(view.image), ImageFont.load_default(_FONT_SIZE)
    for seconds in _ticks(view.seconds, (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600)):
        x = view._column(seconds)
        draw.line((x, _TOP + _HEIGHT, x, _TOP + _HEIGHT + 5), fill=_INK)
        text = f"{int(seconds // 60)}:{seconds % 60:02.0f}" if view.seconds >= 8 else f"{seconds:g} s"
        draw.text((x, _TOP + _HEIGHT + 8), text, fill=_INK, font=font, anchor="ma")
    for frequency in _ticks(view.highest, (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)):
        y = view._row(frequency)
        draw.line((_LEFT - 5, y, _LEFT, y), fill=_INK)
        draw.text((_LEFT - 8, y), f"{frequency / 1000:g} k", fill=_INK, font=font, anchor="rm")


def _ticks(end: float, steps: tuple[float, ...]) -> list[float]:
    """Return the multiples of the finest step that makes few of them, from 0 to ``end``."""
    step = next((step for step in steps if end / step <= _MOST_TICKS), steps[-1])
    return [round(step * number, 3) for number in range(int(end / step) + 1)]
