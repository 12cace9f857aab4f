"""Pixels of many figures of one kind, whose axes and colour bars are drawn once."""

from typing import Any, Literal, cast
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import Tensor

from ..spectrogram import MaskEncoder
from .figures import mask_image, solutions_figure, spectrogram_figure, spectrogram_image

Kind = Literal["spectrogram", "solution"]

_TITLE = "(title)"
"""As high as a title gets, for which the layout leaves room."""
_TEMPLATES: WeakKeyDictionary[MaskEncoder, dict[tuple[Kind, int], "_Template"]] = WeakKeyDictionary()


def spectrogram_pixels(encoder: MaskEncoder, magnitude: Tensor, title: str, dpi: int) -> np.ndarray:
    """Render `spectrogram_figure` of magnitudes ``(F, T)`` as RGB ``(height, width, 3)``."""
    image = spectrogram_image(encoder, magnitude)
    return _template(encoder, "spectrogram", dpi).pixels([image], title)


def solution_pixels(
    encoder: MaskEncoder, x: np.ndarray, magnitude: Tensor, title: str, dpi: int
) -> np.ndarray:
    """Render `solutions_figure` of one mask ``x (n_var,)`` with its magnitudes ``(F, T)``, likewise."""
    images = [spectrogram_image(encoder, magnitude), mask_image(encoder, x)]
    return _template(encoder, "solution", dpi).pixels(images, title)


def _template(encoder: MaskEncoder, kind: Kind, dpi: int) -> "_Template":
    templates = _TEMPLATES.setdefault(encoder, {})
    if (kind, dpi) not in templates:
        magnitude = encoder.audio_magnitude
        if kind == "spectrogram":
            figure = spectrogram_figure(encoder, magnitude, _TITLE)
        else:
            figure = solutions_figure(encoder, [(_TITLE, encoder.ends[0], magnitude)])
        templates[kind, dpi] = _Template(figure, dpi)
    return templates[kind, dpi]


class _Template:
    """A figure without its images and its first title, which are drawn into it."""

    def __init__(self, figure: Figure, dpi: int) -> None:
        figure.set_dpi(dpi)
        self._canvas = canvas = cast(Any, FigureCanvasAgg(figure))  # it has no type annotations
        panels = [axes for axes in figure.axes if axes.images]
        self._images = [axes.images[0] for axes in panels]
        self._axes, self._title = panels[0], panels[0].title
        # The layout is solved once.
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        # In the order in which they cover each other.
        spines = [spine for axes in panels for spine in axes.spines.values()]
        self._moving: list[Artist] = [*self._images, *spines, self._title]
        for artist in self._moving:
            artist.set_animated(True)
        canvas.draw()
        self._background = canvas.copy_from_bbox(figure.bbox)

    def pixels(self, images: list[np.ndarray], title: str) -> np.ndarray:
        """Draw images ``(height, width)`` of the panels, from top to bottom, and the title."""
        for drawn, image in zip(self._images, images, strict=True):
            drawn.set_data(image)
        self._title.set_text(title)
        self._canvas.restore_region(self._background)
        for artist in self._moving:
            self._axes.draw_artist(artist)
        return np.array(self._canvas.buffer_rgba())[..., :3]
