"""Pictures of one encoder's spectrograms, in which axes and colour bar are drawn once."""

import os
from typing import Any, cast
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from torch import Tensor

from ..spectrogram import MaskEncoder
from .figures import save_pixels, spectrogram_figure, spectrogram_image

_DPI = 100
_TEMPLATES: WeakKeyDictionary[MaskEncoder, "_Template"] = WeakKeyDictionary()


def save_spectrogram(
    path: str | os.PathLike[str], encoder: MaskEncoder, magnitude: Tensor, title: str
) -> None:
    """Write the picture of `spectrogram_figure` as a PNG file.

    Raises:
        OSError: the file cannot be written.
    """
    if encoder not in _TEMPLATES:
        _TEMPLATES[encoder] = _Template(encoder)
    save_pixels(_TEMPLATES[encoder].pixels(spectrogram_image(encoder, magnitude), title), path, _DPI)


class _Template:
    """A figure without its spectrogram and its title, which are drawn into it."""

    def __init__(self, encoder: MaskEncoder) -> None:
        figure = spectrogram_figure(encoder, encoder.audio_magnitude, "(title)")
        figure.set_dpi(_DPI)
        self._canvas = canvas = cast(Any, FigureCanvasAgg(figure))  # it has no type annotations
        self._axes = figure.axes[0]
        self._image = self._axes.images[0]
        # The layout is solved once, with room for the highest letters of a title.
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        # In the order in which they cover each other.
        self._moving: list[Artist] = [self._image, *self._axes.spines.values(), self._axes.title]
        for artist in self._moving:
            artist.set_animated(True)
        canvas.draw()
        self._background = canvas.copy_from_bbox(figure.bbox)

    def pixels(self, image: np.ndarray, title: str) -> np.ndarray:
        """Draw an image in decibels ``(height, width)``, as RGB ``(height, width, 3)``."""
        self._image.set_data(image)
        self._axes.title.set_text(title)
        self._canvas.restore_region(self._background)
        for artist in self._moving:
            self._axes.draw_artist(artist)
        return np.array(self._canvas.buffer_rgba())[..., :3]
