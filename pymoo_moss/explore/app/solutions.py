"""What happens when a solution is looked at, listened to, chosen, steered from or exported."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...spectrogram import save_wav
from ..export import write_run
from ..run import RunResult
from ..steering import Direction, steer
from .answers import Answers
from .folders import new_folder
from .pictures import front_plot, spectrogram_picture
from .uploads import Inputs
from .words import PICKS, READY_TO_EXPORT, table, what_steering_did

_EXPORTED_SOUNDS = 9
_REST = 0.3
"""Seconds that the slider stands still before a sound is made, which may take long."""


@dataclass
class Wanted:
    """The solution that a session looks at: the slider changes it at once, also while the app works.

    Attributes:
        index: the solution's.
        heard: the one whose sound is there; None where there is none.
    """

    index: int = 0
    heard: int | None = None


def note(wanted: Wanted, index: float) -> None:
    """Remember where the slider was moved to."""
    wanted.index = int(index)


class Solutions:
    """Handlers of the events around the solutions of a run.

    Args:
        answers: makes what they give back.
        folder: the app's.
    """

    def __init__(self, answers: Answers, folder: Path) -> None:
        self._answers, self._folder = answers, folder

    def present(self, result: RunResult | None, wanted: Wanted, said: str = "") -> Iterator[list[Any]]:
        """Show the wanted solution as it was asked for; when the slider rests, its sound too."""
        changed = self._answers.changed
        if result is None:
            yield changed()
            return
        index = wanted.heard = None
        with self._answers.told():
            while index != wanted.index:
                index = wanted.index
                yield self._asked_for(result, index, said)
                time.sleep(_REST)
            sound = result.exporter.of_mask(result.X[index])
            path = new_folder(self._folder) / f"solution-{index:03d}.wav"
            save_wav(path, sound.waveform, result.problem.encoder.sample_rate)
            wanted.heard = index
            yield changed(
                told=table(result, index, sound.view_ssim, sound),
                shown=spectrogram_picture(result.problem.encoder, sound.magnitude),
                heard=str(path),
            )

    def _asked_for(self, result: RunResult, index: int, said: str) -> list[Any]:
        """A solution's blended spectrogram and its values, and no sound yet."""
        encoder = result.problem.encoder
        magnitude = encoder.mix(result.X[index])[0]
        return self._answers.changed(
            front=front_plot(result.problem, result.F, result.sweep, index),
            asked=spectrogram_picture(encoder, magnitude),
            said=f"### Solution {index}{said and f': {said}'}",
            told=table(result, index, result.exporter.view_ssim(magnitude[None])[0]),
            shown=None,
            heard=None,
        )

    def follow(self, result: RunResult | None, wanted: Wanted) -> Iterator[list[Any]]:
        """Present the solution that the slider was moved to, unless that has been done."""
        if wanted.index == wanted.heard:
            yield self._answers.changed()
        else:
            yield from self.present(result, wanted)

    def pick(self, name: str, result: RunResult | None, wanted: Wanted) -> Iterator[list[Any]]:
        """Present one of the picks of a front."""
        if result is not None:
            wanted.index = result.pick(name)
            yield self._answers.changed(slider=self._answers.slider(result, wanted.index))
        yield from self.present(result, wanted, PICKS[name].lower())

    def steer(self, towards: Direction, result: RunResult | None, wanted: Wanted) -> Iterator[list[Any]]:
        """Go on from the wanted solution, and present what is found."""
        answers = self._answers
        if result is None:
            yield answers.changed()
            return
        yield answers.changed(
            said=f"### Looking for more {towards}", download=answers.gradio.DownloadButton(visible=False)
        )
        with answers.told():
            steered, index = steer(result, wanted.index, towards)
        wanted.index = index
        yield answers.changed(result=steered, slider=answers.slider(steered, index))
        yield from self.present(steered, wanted, what_steering_did(result, steered))

    def export(self, result: RunResult | None, inputs: Inputs | None) -> Iterator[list[Any]]:
        """The run as a zip file."""
        gr, changed = self._answers.gradio, self._answers.changed
        if result is None or inputs is None:
            yield changed()
            return
        ready = gr.Button(READY_TO_EXPORT, interactive=True)
        yield changed(
            export=gr.Button("Making its sounds and its page", interactive=False),
            download=gr.DownloadButton(visible=False),
        )
        try:
            with self._answers.told():
                archive = self._archive(result, inputs)
        except gr.Error:
            yield changed(export=ready)
            raise
        yield changed(export=ready, download=gr.DownloadButton(value=archive, visible=True))

    def _archive(self, result: RunResult, inputs: Inputs) -> str:
        folder = new_folder(self._folder)
        write_run(folder / "run", result, count=_EXPORTED_SOUNDS, inputs=inputs.files)
        archive = shutil.make_archive(str(folder / "pymoo-moss-run"), "zip", folder / "run")
        shutil.rmtree(folder / "run")
        return archive
