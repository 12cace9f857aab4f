"""How viewers of spectrograms show a song: their defaults, and a sheet of pictures of a part of it."""

import textwrap
from dataclasses import dataclass

import matplotlib
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from ..spectrogram import magnitudes

_TILE = (760, 480)
VIEW_SHAPE = _TILE[0] / _TILE[1]
"""Width over height of a view of the contact sheet."""
_CAPTION, _MARGIN = 72, 14
_LETTERS = 104
"""Letters of a line of settings."""
_BACKGROUND, _TEXT, _SOFT = (250, 250, 247), (27, 28, 30), (84, 87, 92)
_SILENCE = 1e-12


@dataclass(frozen=True)
class Viewer:
    """A viewer as it is installed.

    Attributes:
        name: of the program.
        n_fft: window in samples, Hann's.
        highest_db: level that is shown brightest, where a sine at full scale is 0.
        range_db: decibels from there to black.
        colours: name of matplotlib's colour map that is like the viewer's.
        settings: what to tell people who look with it.
    """

    name: str
    n_fft: int
    highest_db: float
    range_db: float
    colours: str
    settings: str


VIEWERS = (
    Viewer(
        "SoX",
        1024,
        0.0,
        120.0,
        "inferno",
        "sox SONG -n remix - trim {start} {duration} spectrogram",
    ),
    Viewer(
        "Audacity",
        2048,
        -20.0,
        80.0,
        "magma",
        "Spectrogram view; scale Linear, maximum {nyquist} Hz, gain 20 dB, range 80 dB",
    ),
    Viewer("Spek", 2048, 0.0, 120.0, "plasma", "Open the song, at its default settings"),
    Viewer(
        "ffmpeg",
        2048,
        0.0,
        120.0,
        "gray",
        "ffmpeg -ss {start} -t {duration} -i SONG -lavfi showspectrum=s={columns}x1024:mode=combined:"
        "scale=log:overlap=0.75:slide=fullframe -frames:v 1 picture.png",
    ),
)
"""Viewers at their default windows, levels and ranges; Audacity's default scale is Mel."""


def viewer_image(viewer: Viewer, samples: np.ndarray, sample_rate: int, size: tuple[int, int]) -> np.ndarray:
    """Draw samples as a viewer does.

    Args:
        viewer: the viewer.
        samples: ``(n, channels)`` or ``(n,)``, where 1 is full scale; channels are mixed.
        sample_rate: in Hz.
        size: width and height in pixels.

    Returns:
        Levels ``(height, width)`` in [0, 1], row 0 the highest frequency.
    """
    mono = np.asarray(samples, dtype=np.float32)
    mono = mono.mean(axis=1) if mono.ndim == 2 else mono
    n_fft = viewer.n_fft
    mono = np.pad(mono, (0, max(0, n_fft - len(mono))))
    hop = max(1, min(n_fft // 2, len(mono) // size[0]))
    plane = magnitudes(torch.from_numpy(mono), n_fft, hop).numpy() / (n_fft / 4)
    shown = 20 * np.log10(np.maximum(plane, _SILENCE))
    levels = ((shown - viewer.highest_db) / viewer.range_db + 1).clip(0, 1)
    image = Image.fromarray(levels[::-1].astype(np.float32)).resize(size, Image.Resampling.BOX)
    drawn: np.ndarray = np.asarray(image)
    return drawn


def contact_sheet(
    samples: np.ndarray, sample_rate: int, start: float, title: str, viewers: tuple[Viewer, ...] = VIEWERS
) -> Image.Image:
    """Draw how viewers show a part of a song, two side by side, each with the settings to look with.

    Args:
        samples: ``(n, channels)`` of the part.
        sample_rate: in Hz.
        start: of the part in the song, in seconds.
        title: of the sheet.
        viewers: that are drawn.
    """
    width, height = _TILE
    rows = (len(viewers) + 1) // 2
    sheet = Image.new(
        "RGB",
        (2 * width + 3 * _MARGIN, 44 + rows * (height + _CAPTION + _MARGIN) + _MARGIN),
        _BACKGROUND,
    )
    draw = ImageDraw.Draw(sheet)
    draw.text((_MARGIN, 12), title, fill=_TEXT, font=ImageFont.load_default(22))
    facts = {
        "start": f"{start:.1f}",
        "duration": f"{len(samples) / sample_rate:.1f}",
        "nyquist": f"{sample_rate // 2}",
        "columns": f"{len(samples) // 512}",
    }
    for number, viewer in enumerate(viewers):
        left = _MARGIN + (number % 2) * (width + _MARGIN)
        top = 44 + (number // 2) * (height + _CAPTION + _MARGIN)
        levels = viewer_image(viewer, samples, sample_rate, _TILE)
        colours = matplotlib.colormaps[viewer.colours](levels, bytes=True)[..., :3]
        draw.text((left, top), viewer.name, fill=_TEXT, font=ImageFont.load_default(18))
        draw.multiline_text(
            (left, top + 25),
            textwrap.fill(viewer.settings.format(**facts), _LETTERS, break_on_hyphens=False),
            fill=_SOFT,
            font=ImageFont.load_default(13),
        )
        sheet.paste(Image.fromarray(colours), (left, top + _CAPTION - 8))
    return sheet
