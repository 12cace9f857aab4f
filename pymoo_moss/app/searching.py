"""Handlers of the events around searches: start, show progress and stop."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import PictureError
from ..problem import MOSSProblem
from ..runs import LiveSearch, RunSettings, SearchPlan, blended
from .notices import collected
from .options import EFFORTS, problem_options
from .pictures import front_plot, spectrogram_picture
from .reading import check_pixels, read_upload_as_sound
from .solutions import Selection
from .texts import READY_TO_EXPORT, bar, progress, public_text, summary
from .updates import Updates
from .uploads import Inputs

_INTERVAL = 0.5
"""Seconds between two updates of the page while a search runs."""


def wait_for_turn() -> str:
    """Return the status between the click and the begin of the search."""
    return "waiting until another job has ended"


def stop(search: LiveSearch | None) -> str:
    """Stop a search, and return the new status."""
    if search is None:
        return "no search is running"
    search.stop()
    return "stopping; what was found is kept"


class Searching:
    """The searches of all sessions.

    Args:
        updates: makes what the handlers return.
        folder: the app's folder.
        most_seconds: longest duration of an accepted sound, in seconds.
    """

    def __init__(self, updates: Updates, folder: Path, most_seconds: float) -> None:
        self._updates, self._folder, self._most_seconds = updates, folder, most_seconds
        self._running: set[LiveSearch] = set()

    def stop_all(self) -> None:
        """Stop every search."""
        for search in list(self._running):
            search.stop()

    def search(
        self,
        selection: Selection,
        told: set[str],
        picture: str | None,
        sound: str | None,
        algorithm: str,
        effort: str,
        *options: Any,
    ) -> Iterator[list[Any]]:
        """Search, and show the progress and then what was found."""
        gr, changed = self._updates.gradio, self._updates.changed
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
            with self._updates.report_errors():
                plan = SearchPlan(algorithm, **EFFORTS[effort])
                with collected() as texts:
                    inputs, search, problem = self._begin(picture, sound, plan, *options)
                for text in texts:
                    if text not in told:
                        gr.Info(public_text(text))
                told.update(texts)
                yield from self._watch(search, problem, inputs, plan)
                result = search.result
                selection.index = result.pick("balanced")
                yield changed(
                    result=result,
                    status=summary(result),
                    front=front_plot(problem, result.F, result.sweep, selection.index),
                    explorer=gr.Column(visible=True),
                    slider=self._updates.slider(result, selection.index),
                    **idle,
                )
        except gr.Error as error:
            yield changed(status=error.message, **idle)
            raise

    def _begin(
        self, picture: str | None, sound: str | None, plan: SearchPlan, *options: Any
    ) -> tuple[Inputs, LiveSearch, MOSSProblem]:
        """Start a search."""
        if picture is None or sound is None:
            raise PictureError("expected a picture and a sound: choose both first")
        # Again, because files change, and those who call the app by its API need not upload in the page.
        check_pixels(Path(picture))
        read_upload_as_sound(Path(sound), self._most_seconds)
        chosen = problem_options(*options)
        problem = MOSSProblem(picture, sound, **chosen)
        inputs = Inputs(
            Path(tempfile.mkdtemp(prefix="inputs-", dir=self._folder)), image=picture, audio=sound
        )
        settings = RunSettings.of_files(Path(picture), Path(sound), chosen).with_plan(plan)
        search = LiveSearch(
            problem,
            lambda on_step: plan.make_algorithm(problem.n_obj, on_step),
            plan.termination(),
            seed=plan.seed,
            settings=settings.to_json(),
        )
        return inputs, search, problem

    def _watch(
        self, search: LiveSearch, problem: MOSSProblem, inputs: Inputs, plan: SearchPlan
    ) -> Iterator[list[Any]]:
        """Show a search until it ends; stop it when the session is closed."""
        self._running.add(search)
        try:
            yield self._cleared(search, inputs)
            last = 0
            while not search.wait(_INTERVAL):
                moment = search.moment
                changes = {} if search.stopping else progress(moment, plan)
                if len(moment.F):
                    changes["front"] = front_plot(problem, moment.F)
                if moment.balanced is not None and moment.generation > last:
                    last = moment.generation
                    magnitude = blended(problem.encoder, moment.balanced)[0]
                    changes["target"] = spectrogram_picture(problem.encoder, magnitude)
                yield self._updates.changed(**changes)
        finally:
            search.stop()
            self._running.discard(search)

    def _cleared(self, search: LiveSearch, inputs: Inputs) -> list[Any]:
        """Clear the page for a new search."""
        gr = self._updates.gradio
        return self._updates.changed(
            search=search,
            inputs=inputs,
            result=None,
            status="searching",
            front=None,
            target=None,
            explorer=gr.Column(visible=False),
            stop=gr.Button(interactive=True),
            export=gr.Button(READY_TO_EXPORT, interactive=True),
            download=gr.DownloadButton(visible=False),
        )
