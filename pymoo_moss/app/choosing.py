"""Handlers of uploads: read the file at once, refuse it or show it, and say what is to be known of it."""

from collections.abc import Iterator
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from .._invert import INVERT_WORDS
from ..spectrogram import Picture, chosen_inversion, free_band, save_wav
from .editing import Editing, Edits, drawn_preview
from .folders import new_folder
from .marking import FIRST_CORNER, Marking
from .notices import collected
from .reading import SAMPLE_RATE, read_upload_as_picture, read_upload_as_song, read_upload_as_sound
from .song_view import SongView, view_of
from .texts import DRAWN, Hints, accepted, public_text, reading, refused
from .updates import Updates

_PREVIEW_SIDE = 1000


class Choosing:
    """The handlers of uploads. Each returns updates of the file, its preview and the note beside it.

    Args:
        updates: reports errors.
        folder: the app's folder.
        most_seconds: longest duration of an accepted sound, in seconds.
        hints: what the notes say where no file is chosen.
    """

    def __init__(self, updates: Updates, folder: Path, most_seconds: float, hints: Hints) -> None:
        self._updates, self._folder, self._most_seconds = updates, folder, most_seconds
        self._hints = hints

    def picture(self, path: str | None, invert: str, told: set[str]) -> Iterator[list[Any]]:
        """Read an uploaded picture."""

        def read(path: Path) -> tuple[Any, str]:
            picture = read_upload_as_picture(path)
            chosen_inversion(INVERT_WORDS[invert], picture)
            height, width = picture.samples.shape
            return Image.fromarray(small_picture(picture).samples), f"{width} x {height} pixels"

        yield from self._read(path, read, self._hints.picture, told)

    def picture_to_edit(self, path: str | None, editing: Editing, told: set[str]) -> Iterator[list[Any]]:
        """Read a picture to hide, and begin its edits anew.

        The preview is how it is drawn. Beside the updates of each handler there are those of the note below
        it, of the editor, of the choice to swap dark and bright, and of the sliders, one for each of `Edits`.
        """
        editing.picture = editing.painted = None

        def read(path: Path) -> tuple[Any, str]:
            picture = read_upload_as_picture(path)
            height, width = picture.samples.shape
            editing.inverts = chosen_inversion("auto", picture)
            editing.picture = small_picture(picture)
            drawn = drawn_preview(editing.picture, Edits(), invert=editing.inverts)
            return drawn, f"{width} x {height} pixels"

        for answer in self._read(path, read, self._hints.picture, told):
            below = "" if editing.picture is None else DRAWN
            yield [*answer, below, canvas(editing.picture), "auto", *astuple(Edits())]

    def sound(self, path: str | None, told: set[str]) -> Iterator[list[Any]]:
        """Read an uploaded sound."""

        def read(path: Path) -> tuple[Any, str]:
            waveform = read_upload_as_sound(path, self._most_seconds)
            heard = new_folder(self._folder) / "sound.wav"
            save_wav(heard, waveform / max(1.0, float(torch.abs(waveform).max())), SAMPLE_RATE)
            return str(heard), f"{len(waveform) / SAMPLE_RATE:.1f} s"

        yield from self._read(path, read, self._hints.sound, told)

    def song(self, path: str | None, marking: Marking, told: set[str]) -> Iterator[list[Any]]:
        """Read a song to hide something in: its spectrogram, the note beside that, and its empty fields."""
        gr = self._updates.gradio
        marking.view = marking.corner = None
        views: list[tuple[SongView, tuple[float, float]]] = []

        def read(path: Path) -> tuple[Any, str]:
            waveform, rate = read_upload_as_song(path, self._most_seconds)
            view = view_of(waveform, rate)
            views.append((view, free_band(rate)))
            return view.image, f"{view.seconds:.1f} s, {rate} Hz"

        for answer in self._read(path, read, self._hints.sound, told):
            edges: tuple[float | None, ...] = (None, None)
            if views:
                marking.view, edges = views[0]
            band = [
                gr.skip() if edge is None else gr.Textbox("", placeholder=f"{edge:.0f}") for edge in edges
            ]
            yield [*answer, FIRST_CORNER, "", "", *band]

    def _read(self, path: str | None, read: Any, hint: str, told: set[str]) -> Iterator[list[Any]]:
        gr = self._updates.gradio
        if path is None:
            # Not the file, because another one may be on its way into the box meanwhile.
            yield [gr.skip(), None, hint]
            return
        name = Path(path).name
        yield [gr.skip(), None, reading(name)]
        try:
            with self._updates.report_errors(), collected() as texts:
                preview, size = read(Path(path))
        except gr.Error as error:
            yield [None, None, refused(error.message, hint)]
            return
        told.update(texts)
        # The file too, because an answer to an earlier event may have emptied its box meanwhile.
        yield [path, preview, accepted(size, [public_text(text) for text in texts])]


def canvas(picture: Picture | None) -> dict[str, Any] | None:
    """Return the value of Gradio's editor for a small picture, with nothing painted."""
    if picture is None:
        return None
    return {"background": Image.fromarray(picture.samples), "layers": [], "composite": None}


def small_picture(picture: Picture) -> Picture:
    """Return a picture from its darkest to its brightest in 8 bits, at a size for the page."""
    samples = picture.samples
    step = max(1, min(samples.shape) // (2 * _PREVIEW_SIDE))
    some = samples[::step, ::step].astype("float32")
    low, high = float(some.min()), float(some.max())
    scaled = (some - low) * (255 / ((high - low) or 1.0))
    image = Image.fromarray(scaled.round().astype("uint8"))
    image.thumbnail((_PREVIEW_SIDE, _PREVIEW_SIDE))
    return replace(picture, samples=np.asarray(image), white=255.0)
