"""Hide what a user gives in a song, and show how far that is and what became of it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import AudioError, OptionError, PictureError
from ..explore import HidingPlan, Lettering, QRCode, hide
from .edited import prepared
from .editing import Edits, painted_share
from .folders import new_folder
from .job import Job
from .notices import collected
from .place import plan_of
from .reading import check_pixels, read_upload_as_song
from .texts import bar, hiding_progress, public_text, report_on_page
from .updates import Updates

_INTERVAL = 0.5
"""Seconds between two updates of the page while a picture is hidden."""
KINDS = ("Picture", "Text", "QR code")
CLEAR = "Clear picture and song"
"""The version of the song that is chosen."""
DOWNLOAD = "Download the song"
_PHASES = {
    "searching": "reading the song and choosing place and level",
    "writing": "writing the songs, the views and the report",
}


@dataclass(frozen=True)
class HiddenFiles:
    """Files to show and to download.

    Attributes:
        songs: with the picture in them, named after the user's, by what the page calls them; the one that
            was chosen first.
        viewers: picture of how programs show it.
        report: in Markdown.
        archive: zip file of all that was written.
        warnings: of the package.
    """

    songs: dict[str, Path]
    viewers: Path
    report: str
    archive: Path
    warnings: tuple[str, ...]


def hidden_files(
    what: Path | Lettering | QRCode,
    song: Path,
    folder: Path,
    plan: HidingPlan,
    format: str,
    *,
    say: Callable[[str], None] = lambda phase: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> HiddenFiles:
    """Hide a picture, a text or a QR code in a song, and write the files to show and to download.

    Args:
        what: file of a picture, or a text or code.
        song: file of a sound.
        folder: to write to, with nothing in it.
        plan: where and how.
        format: of the song, a name in `FORMATS` of `pymoo_moss.explore`.
        say: called with what is being done, in words.
        should_stop: called after each generation; return True to end the search.

    Raises:
        PictureError: the picture cannot be used.
        AudioError: the song cannot be used.
        OptionError: the place is not in the song, or too small for the picture.
        OutputError: the folder cannot be written.
    """
    run = folder / "run"
    with collected() as warnings:
        hide(
            what,
            song,
            run,
            plan,
            format=format,
            on_phase=lambda name: say(_PHASES[name]),
            after_generation=lambda number: say(f"searching: generation {number}"),
            should_stop=should_stop,
        )
    say("packing the download")
    name = f"{song.stem}-hidden"
    archive = shutil.make_archive(str(folder / name), "zip", run)
    songs = {CLEAR: (run / f"song.{format}").rename(folder / f"{name}.{format}")}
    for path in sorted((run / "more").iterdir()):
        version = path.stem.partition("-")[2]
        label = version.replace("-", " ").capitalize()
        songs[label] = path.rename(folder / f"{name}-{version}.{format}")
    report = (run / "report.md").read_text(encoding="utf-8")
    return HiddenFiles(songs, run / "viewers.png", report, Path(archive), tuple(warnings))


class Hiding:
    """The hiding of all sessions.

    Args:
        updates: makes what the handlers return.
        folder: the app's folder.
        most_seconds: longest duration of an accepted song, in seconds.
    """

    def __init__(self, updates: Updates, folder: Path, most_seconds: float) -> None:
        self._updates, self._folder, self._most_seconds = updates, folder, most_seconds
        self._running: set[Job[HiddenFiles]] = set()

    def stop_all(self) -> None:
        """End all work, whose results nobody waits for."""
        for job in list(self._running):
            job.abandon()

    def hide(
        self,
        told: set[str],
        kind: str,
        picture: str | None,
        text: str,
        code: str,
        song: str | None,
        begin: str,
        seconds: str,
        low: str,
        high: str,
        level: str,
        effort: str,
        format: str,
        invert: str,
        editor: Any,
        *sliders: float,
    ) -> Iterator[list[Any]]:
        """Hide what is chosen, and show the progress and then the song; the sliders are those of `Edits`."""
        gr, changed = self._updates.gradio, self._updates.changed
        yield changed(
            status="reading the song",
            progress=bar(None),
            start=gr.Button(interactive=False),
            results=gr.Column(visible=False),
        )
        idle = {
            "job": None,
            "progress": "",
            "start": gr.Button(interactive=True),
            "stop": gr.Button(interactive=False),
        }
        try:
            with self._updates.report_errors():
                what, path = _chosen(kind, picture, text, code), _song(song)
                # Again, because files change, and those who call the app by its API need not upload in the
                # page.
                if isinstance(what, Path):
                    check_pixels(what)
                _, rate = read_upload_as_song(path, self._most_seconds)
                plan = plan_of((begin, seconds, low, high, level), rate, effort=effort, invert=invert)
                edits, painted = Edits(*sliders), painted_share(editor)
                job = Job(self._work(what, path, plan, format, edits, painted))
                yield from self._watch(job)
                made = job.result
                for warning in made.warnings:
                    if warning not in told:
                        gr.Info(public_text(warning))
                told.update(made.warnings)
                yield changed(
                    status=f"{'stopped early' if job.stopping else 'finished'} in {job.seconds:.0f} s",
                    version=gr.Radio(list(made.songs), value=CLEAR),
                    songs={label: str(song) for label, song in made.songs.items()},
                    song=str(made.songs[CLEAR]),
                    viewers=str(made.viewers),
                    report=report_on_page(made.report),
                    download_song=gr.DownloadButton(DOWNLOAD, value=str(made.songs[CLEAR])),
                    download_all=gr.DownloadButton(value=str(made.archive)),
                    results=gr.Column(visible=True),
                    **idle,
                )
        except gr.Error as error:
            yield changed(status=error.message, **idle)
            raise

    def _work(
        self,
        what: Path | Lettering | QRCode,
        song: Path,
        plan: HidingPlan,
        format: str,
        edits: Edits,
        painted: np.ndarray | None,
    ) -> Callable[[Job[HiddenFiles]], HiddenFiles]:
        folder = new_folder(self._folder)

        def work(job: Job[HiddenFiles]) -> HiddenFiles:
            shown, how = (
                prepared(what, plan, edits, painted, folder) if isinstance(what, Path) else (what, plan)
            )
            return hidden_files(
                shown, song, folder, how, format, say=job.begin, should_stop=lambda: job.stopping
            )

        return work

    def _watch(self, job: Job[HiddenFiles]) -> Iterator[list[Any]]:
        """Show the work until it ends; end it when the session is closed."""
        gr, changed = self._updates.gradio, self._updates.changed
        self._running.add(job)
        ended = False
        try:
            yield changed(job=job, stop=gr.Button(interactive=True))
            while not job.wait(_INTERVAL):
                yield changed(**hiding_progress(job.phase, job.seconds))
            ended = True
        finally:
            if not ended:
                job.abandon()
            self._running.discard(job)


def stop(job: Job[HiddenFiles] | None) -> str:
    """Stop the search of a job, and return the new status."""
    if job is None:
        return "nothing is being hidden"
    job.stop()
    return "stopping; what was found is written"


def _chosen(kind: str, picture: str | None, text: str, code: str) -> Path | Lettering | QRCode:
    """Return what is hidden.

    Raises:
        PictureError: no picture is chosen.
        OptionError: no text is typed.
    """
    if kind == "Picture":
        if picture is None:
            raise PictureError("expected a picture: choose one first")
        return Path(picture)
    typed = (text if kind == "Text" else code).strip()
    if not typed:
        raise OptionError(f"expected {'a text to hide' if kind == 'Text' else 'an address or text'}: type it")
    return Lettering(typed) if kind == "Text" else QRCode(typed)


def _song(path: str | None) -> Path:
    if path is None:
        raise AudioError("expected a song: choose one first")
    return Path(path)
