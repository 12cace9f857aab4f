"""Handlers of the events around solutions: select, look, listen, steer and export."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..explore import write_run
from ..runs import Direction, SearchResult, blended, steer
from ..spectrogram import save_wav
from .folders import new_folder
from .pictures import front_plot, spectrogram_picture
from .texts import PICKS, READY_TO_EXPORT, steering_outcome, table
from .updates import Updates
from .uploads import Inputs

_EXPORTED_SOUNDS = 9
_REST = 0.3
"""Seconds that the slider has to rest before a sound is made, which may take long."""


@dataclass
class Selection:
    """The selected solution of a session. The slider changes it at once, also while a handler runs.

    Attributes:
        index: index of the solution.
        presented: index of the solution whose sound is shown; None if there is none.
    """

    index: int = 0
    presented: int | None = None


def select(selection: Selection, index: float) -> None:
    """Select the solution that the slider was moved to."""
    selection.index = int(index)


class Solutions:
    """Handlers of the events around the solutions of a run.

    Args:
        updates: makes what they return.
        folder: the app's folder.
    """

    def __init__(self, updates: Updates, folder: Path) -> None:
        self._updates, self._folder = updates, folder

    def present(
        self, result: SearchResult | None, selection: Selection, description: str = ""
    ) -> Iterator[list[Any]]:
        """Show the selected solution's target at once, and its sound when the slider rests."""
        changed = self._updates.changed
        if result is None:
            yield changed()
            return
        index = selection.presented = None
        with self._updates.report_errors():
            while index != selection.index:
                index = selection.index
                yield self._target(result, index, description)
                time.sleep(_REST)
            encoder, sound = result.problem.encoder, result.exporter.of_mask(result.X[index])
            path = new_folder(self._folder) / f"solution-{index:03d}.wav"
            save_wav(path, sound.waveform, encoder.sample_rate, encoder.tags)
            selection.presented = index
            yield changed(
                values=table(result, index, sound.view_ssim, sound),
                exported=spectrogram_picture(encoder, sound.magnitude),
                sound=str(path),
            )

    def _target(self, result: SearchResult, index: int, description: str) -> list[Any]:
        """Show a solution's target spectrogram and its values, and no sound yet."""
        encoder = result.problem.encoder
        magnitude = blended(encoder, result.X[index])[0]
        return self._updates.changed(
            front=front_plot(result.problem, result.F, result.sweep, index),
            target=spectrogram_picture(encoder, magnitude),
            heading=f"### Solution {index}{description and f': {description}'}",
            values=table(result, index, result.exporter.view_ssim(magnitude[None])[0]),
            exported=None,
            sound=None,
        )

    def follow(self, result: SearchResult | None, selection: Selection) -> Iterator[list[Any]]:
        """Present the solution that the slider was moved to, unless it is presented already."""
        if selection.index == selection.presented:
            yield self._updates.changed()
        else:
            yield from self.present(result, selection)

    def pick(self, name: str, result: SearchResult | None, selection: Selection) -> Iterator[list[Any]]:
        """Present one of the picks of a front."""
        if result is not None:
            selection.index = result.pick(name)
            yield self._updates.changed(slider=self._updates.slider(result, selection.index))
        yield from self.present(result, selection, PICKS[name].lower())

    def steer(
        self, towards: Direction, result: SearchResult | None, selection: Selection
    ) -> Iterator[list[Any]]:
        """Steer from the selected solution, and present what is found."""
        updates = self._updates
        if result is None:
            yield updates.changed()
            return
        yield updates.changed(
            heading=f"### Searching for more {towards}", download=updates.gradio.DownloadButton(visible=False)
        )
        with updates.report_errors():
            steered, index = steer(result, selection.index, towards)
        selection.index = index
        yield updates.changed(result=steered, slider=updates.slider(steered, index))
        yield from self.present(steered, selection, steering_outcome(result, steered))

    def export(self, result: SearchResult | None, inputs: Inputs | None) -> Iterator[list[Any]]:
        """Export the run as a zip file."""
        gr, changed = self._updates.gradio, self._updates.changed
        if result is None or inputs is None:
            yield changed()
            return
        ready = gr.Button(READY_TO_EXPORT, interactive=True)
        yield changed(
            export=gr.Button("Writing its sounds and its page", interactive=False),
            download=gr.DownloadButton(visible=False),
        )
        try:
            with self._updates.report_errors():
                archive = self._archive(result, inputs)
        except gr.Error:
            yield changed(export=ready)
            raise
        yield changed(export=ready, download=gr.DownloadButton(value=archive, visible=True))

    def _archive(self, result: SearchResult, inputs: Inputs) -> str:
        folder = new_folder(self._folder)
        write_run(folder / "run", result, count=_EXPORTED_SOUNDS, inputs=inputs.files)
        archive = shutil.make_archive(str(folder / "pymoo-moss-run"), "zip", folder / "run")
        shutil.rmtree(folder / "run")
        return archive
