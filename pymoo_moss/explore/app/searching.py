"""What happens when a search is asked for, watched and stopped."""

import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...errors import PictureError
from ...problem import MOSSProblem
from ..live import LiveSearch
from ..plan import SearchPlan
from .answers import Answers
from .options import EFFORTS, problem_options
from .pictures import front_plot, spectrogram_picture
from .solutions import Wanted
from .uploads import Inputs, check_uploads
from .words import READY_TO_EXPORT, bar, progress, summary

_PATIENCE = 0.5
"""Seconds between two looks at a running search."""


def wait_for_turn() -> str:
    """What is said from the click until the search begins."""
    return "waiting until another job has ended"


def stop(search: LiveSearch | None) -> str:
    """Call for the end of a search, and say so."""
    if search is None:
        return "nothing is being searched"
    search.stop()
    return "stopping, and keeping what was found"


class Searching:
    """Searches of every session.

    Args:
        answers: makes what is given back to the page.
        folder: the app's.
        most_seconds: longest sound that is taken.
    """

    def __init__(self, answers: Answers, folder: Path, most_seconds: float) -> None:
        self._answers, self._folder, self._most_seconds = answers, folder, most_seconds
        self._running: set[LiveSearch] = set()

    def stop_all(self) -> None:
        """Call for the end of every search."""
        for search in list(self._running):
            search.stop()

    def search(
        self,
        wanted: Wanted,
        picture: str | None,
        sound: str | None,
        algorithm: str,
        effort: str,
        *options: Any,
    ) -> Iterator[list[Any]]:
        """Search, show how far that is, and then what was found."""
        gr, changed = self._answers.gradio, self._answers.changed
        yield changed(
            status="reading picture and sound", progress=bar(None), start=gr.Button(interactive=False)
        )
        idle = {
            "search": None,
            "progress": "",
            "start": gr.Button(interactive=True),
            "stop": gr.Button(interactive=False),
        }
        try:
            with self._answers.told():
                inputs, search, problem = self._begin(picture, sound, algorithm, effort, *options)
                yield from self._watch(search, problem, inputs, EFFORTS[effort])
                result = search.result
                wanted.index = result.pick("balanced")
                yield changed(
                    result=result,
                    status=summary(result),
                    front=front_plot(problem, result.F, result.sweep, wanted.index),
                    explorer=gr.Column(visible=True),
                    slider=self._answers.slider(result, wanted.index),
                    **idle,
                )
        except gr.Error as error:
            yield changed(status=error.message, **idle)
            raise

    def _begin(
        self, picture: str | None, sound: str | None, algorithm: str, effort: str, *options: Any
    ) -> tuple[Inputs, LiveSearch, MOSSProblem]:
        """Start a search for what was asked."""
        if picture is None or sound is None:
            raise PictureError("expected a picture and a sound: choose both first")
        check_uploads(Path(picture), Path(sound), self._most_seconds)
        chosen = problem_options(*options)
        problem = MOSSProblem(picture, sound, **chosen)
        inputs = Inputs(
            Path(tempfile.mkdtemp(prefix="inputs-", dir=self._folder)), image=picture, audio=sound
        )
        plan = SearchPlan(algorithm, **EFFORTS[effort])
        search = LiveSearch(
            problem,
            lambda on_step: plan.make_algorithm(problem.n_obj, on_step),
            plan.termination(),
            seed=plan.seed,
            settings={
                "image": Path(picture).name,
                "audio": Path(sound).name,
                "options": chosen,
                **asdict(plan),
            },
        )
        return inputs, search, problem

    def _watch(
        self, search: LiveSearch, problem: MOSSProblem, inputs: Inputs, plan: dict[str, int]
    ) -> Iterator[list[Any]]:
        """Show a search until it ends; without anybody who looks it is stopped."""
        self._running.add(search)
        try:
            yield self._emptied(search, inputs)
            last = 0
            while not search.wait(_PATIENCE):
                moment = search.moment
                seen = {} if search.stopping else progress(moment, plan)
                if len(moment.F):
                    seen["front"] = front_plot(problem, moment.F)
                if moment.balanced is not None and moment.generation > last:
                    last = moment.generation
                    magnitude = problem.encoder.mix(moment.balanced)[0]
                    seen["asked"] = spectrogram_picture(problem.encoder, magnitude)
                yield self._answers.changed(**seen)
        finally:
            search.stop()
            self._running.discard(search)

    def _emptied(self, search: LiveSearch, inputs: Inputs) -> list[Any]:
        """The page for a search that has found nothing yet."""
        gr = self._answers.gradio
        return self._answers.changed(
            search=search,
            inputs=inputs,
            result=None,
            status="searching",
            front=None,
            asked=None,
            explorer=gr.Column(visible=False),
            stop=gr.Button(interactive=True),
            export=gr.Button(READY_TO_EXPORT, interactive=True),
            download=gr.DownloadButton(visible=False),
        )
