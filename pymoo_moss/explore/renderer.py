"""`Renderer`: draws the pictures, the animation and the page of a run to files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from ..runs import ExportedSound, SearchResult
from ..search import FrontBounds
from ..spectrogram import MaskEncoder
from .animation import save_evolution
from .figures import front_figure, save_figure, save_pixels
from .page import explorer_page
from .panels import solution_pixels, spectrogram_pixels


class Renderer:
    """Draws the files of a run that are looked at.

    `write_run` calls each method with the path of one file. Subclasses may draw differently or not at all.
    """

    def spectrogram(self, path: Path, encoder: MaskEncoder, magnitude: Tensor, title: str) -> None:
        """Draw the spectrogram ``(F, T)`` of one exported sound."""
        save_pixels(spectrogram_pixels(encoder, magnitude, title, dpi=100), path, dpi=100)

    def solutions(
        self, path: Path, encoder: MaskEncoder, panels: Sequence[tuple[str, np.ndarray, Tensor]]
    ) -> None:
        """Draw solutions side by side, each with a title, a mask ``(n_var,)`` and magnitudes ``(F, T)``."""
        # A single panel is drawn larger.
        dpi = 100 if len(panels) == 1 else 80
        drawn = [solution_pixels(encoder, x, magnitude, title, dpi) for title, x, magnitude in panels]
        save_pixels(np.hstack(drawn), path, dpi)

    def inputs(self, path: Path, encoder: MaskEncoder) -> None:
        """Draw the sound and the picture that the run was made from."""
        inputs = {"the sound": encoder.audio_magnitude, "the picture as a sound": encoder.image_magnitude}
        drawn = [spectrogram_pixels(encoder, plane, title, dpi=100) for title, plane in inputs.items()]
        save_pixels(np.vstack(drawn), path, dpi=100)

    def front(self, path: Path, result: SearchResult, picks: Mapping[str, int]) -> None:
        """Draw the front with the picks marked."""
        figure = front_figure(
            result.problem, result.F, recorder=result.recorder, sweep=result.sweep, picks=picks
        )
        save_figure(figure, path, dpi=110)

    def evolution(self, path: Path, result: SearchResult) -> None:
        """Draw the evolution of the front as an animation."""
        save_evolution(path, result.problem, result.recorder)

    def page(
        self,
        path: Path,
        result: SearchResult,
        sounds: Mapping[int, ExportedSound],
        bounds: FrontBounds | None,
        facts: Mapping[str, Any],
    ) -> None:
        """Write the explorer page; see `explorer_page`."""
        alone = len(result.F) == 1
        files = {index: "audio.wav" if alone else f"solutions/{index:03d}/audio.wav" for index in sounds}
        page = explorer_page(result, sounds, bounds=bounds, facts=facts, files=files)
        path.write_text(page, encoding="utf-8")
