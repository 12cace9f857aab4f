"""The app: choose a picture and a sound, watch the search, look, listen and steer, in a browser."""

import contextlib
import io
import logging
import os
import re
import shutil
import tempfile
import time
import warnings
import weakref
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor

from ..errors import AudioError, MossError, PictureError, missing_extra
from ..problem import MOSSProblem
from ..search import ALGORITHMS
from ..spectrogram import MaskEncoder, save_wav
from .export import copy_name, write_run
from .figures import axis_label, spectrogram_figure
from .live import LiveSearch, Moment
from .plan import SearchPlan
from .run import RunResult
from .sound import ExportedSound, export_sound, view_ssim
from .steering import Direction, steer

EFFORTS = {
    "quick": {"generations": 8, "population": 40, "steps": 40},
    "normal": {"generations": 30, "population": 100, "steps": 100},
    "thorough": {"generations": 120, "population": 100, "steps": 200},
}

MOST_SECONDS = 600
MOST_PIXELS = 50_000_000
_EXPORTED_SOUNDS = 9
_PATIENCE = 0.5
"""Seconds between two looks at a running search."""
_REST = 0.3
"""Seconds that the slider stands still before a sound is made, which may take long."""

_WAITING_JOBS = 8
_ONE_AT_A_TIME: dict[str, Any] = {"concurrency_id": "work", "concurrency_limit": 1}
_READY_TO_EXPORT = "Prepare the run for download"

_PICKS = {"best visual": "Best picture", "balanced": "Balanced", "best audio": "Best sound"}

_GREY = "#6f767d"
"""Can be read on white (4.6:1) and on the dark theme."""
_GRID = "rgba(128, 138, 148, 0.25)"
_FRONT_COLOUR, _CHOSEN_COLOUR = "#2f8fd0", "#e0701a"

_STYLE = """
#front svg text { fill: var(--body-text-color) !important; }
#front .modebar { display: none; }
#asked, #shown { aspect-ratio: 5 / 4; max-height: 342px; min-height: 0; }
#progress { min-height: 4px; padding: 0; }
#progress * { padding: 0; }
#progress progress {
  appearance: none; display: block; width: 100%; height: 4px; border: 0;
  background: var(--border-color-primary);
}
#progress progress::-webkit-progress-bar { background: var(--border-color-primary); }
#progress progress::-webkit-progress-value { background: var(--color-accent); }
#progress progress::-moz-progress-bar { background: var(--color-accent); }
#progress progress:indeterminate::-moz-progress-bar { width: 0; }
.choice { padding-inline: 4px; font-size: clamp(12px, 3.4vw, 14px); white-space: nowrap; }
#told table, #told tr, #told th, #told td { border: 0 !important; background: none; }
#told table { width: 100%; margin: 0; font-size: 14px; }
#told tr { border-bottom: 1px solid var(--border-color-primary) !important; }
#told th, #told td { padding: 6px 4px; }
#told th:not(:first-child), #told td:not(:first-child) { text-align: right; white-space: nowrap; }
"""

_log = logging.getLogger(__name__)


@dataclass
class _Wanted:
    """The solution that a session looks at: the slider changes it at once, also while the app works.

    Attributes:
        index: the solution's.
        heard: the one whose sound is there; None where there is none.
    """

    index: int = 0
    heard: int | None = None


class _Inputs:
    """Copies of the files that a run is made from; Gradio removes its own after a while.

    They are removed when the session no longer holds them.
    """

    def __init__(self, folder: Path, **originals: str) -> None:
        self.files = {
            kind: Path(shutil.copy(path, folder / copy_name(kind, Path(path))))
            for kind, path in originals.items()
        }
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)


class App:
    """The app's server, and the folder that all of its files are in.

    Args:
        most_seconds: longest sound that is taken.
        most_megabytes: largest upload that is taken.

    Raises:
        MissingExtraError: Gradio is not installed.
    """

    def __init__(self, most_seconds: float = MOST_SECONDS, most_megabytes: int = 100) -> None:
        self.most_seconds, self.most_megabytes = most_seconds, most_megabytes
        self.folder = Path(tempfile.mkdtemp(prefix="pymoo-moss-app-"))
        # Read by Gradio when it is imported: uploads in our folder, and no word to anybody.
        os.environ["GRADIO_TEMP_DIR"] = str(self.folder / "uploads")
        os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
        with missing_extra("app"):
            import gradio
        self._gradio = gradio
        self._searches: set[LiveSearch] = set()
        self._parts: dict[str, Any] = {}
        self.blocks = self._build()

    def launch(self, host: str = "127.0.0.1", port: int | None = None) -> str:
        """Serve the app, in threads of its own.

        Args:
            host: address to listen at; the default can be reached from this machine only.
            port: to listen at; the first free one from 7860 on by default.

        Returns:
            The app's address.
        """
        system = ["system-ui", "sans-serif"]
        self.blocks.queue(default_concurrency_limit=1, max_size=_WAITING_JOBS)
        _, address, _ = self.blocks.launch(
            server_name=host,
            server_port=port,
            share=False,
            quiet=True,
            # Of errors that are not ours, the user is told in our words.
            show_error=False,
            prevent_thread_lock=True,
            inbrowser=False,
            ssr_mode=False,
            max_file_size=f"{self.most_megabytes}mb",
            footer_links=[],
            css=_STYLE,
            theme=self._gradio.themes.Default(
                primary_hue="blue", font=system, font_mono=["ui-monospace", "monospace"]
            ),
        )
        return str(address)

    def wait(self) -> None:
        """Serve until interrupted."""
        self.blocks.block_thread()

    def close(self) -> None:
        """Stop serving and remove every file of the app."""
        for search in list(self._searches):
            search.stop()
        self.blocks.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- the page -------------------------------------------------------------------------------------

    def _build(self) -> Any:
        gr = self._gradio
        with gr.Blocks(
            title="Between picture and sound", analytics_enabled=False, delete_cache=(600, 3600)
        ) as blocks:
            gr.Markdown("# Between picture and sound\nSounds that look like a picture and sound like a song.")
            with gr.Row():
                with gr.Column(scale=2, min_width=280):
                    given = self._build_inputs()
                with gr.Column(scale=5, min_width=320):
                    buttons = self._build_view()
            self._parts |= {"search": gr.State(None), "result": gr.State(None), "inputs": gr.State(None)}
            self._connect(given, buttons)
        return blocks

    def _build_inputs(self) -> list[Any]:
        """What a search is asked with, and the buttons to begin and end it."""
        gr = self._gradio
        picture = gr.Image(
            self._example("lighthouse.png"),
            label="Picture",
            type="filepath",
            image_mode=None,
            sources=["upload", "clipboard"],
            height=220,
            elem_id="picture",
        )
        # Gradio's own opens the file, and tells of one that is no picture with a traceback.
        picture.preprocess = lambda payload: None if payload is None else payload.path
        sound = gr.Audio(
            self._example("prelude.flac"),
            label="Sound",
            type="filepath",
            sources=["upload"],
            buttons=[],
            elem_id="sound",
        )
        algorithm = gr.Dropdown(["hybrid", "tracer", *ALGORITHMS], value="hybrid", label="Algorithm")
        effort = gr.Radio(list(EFFORTS), value="normal", label="Effort")
        options = self._build_options()
        with gr.Row():
            small: dict[str, Any] = {"elem_classes": "choice", "min_width": 100}
            self._parts["start"] = gr.Button("Search", variant="primary", elem_id="start", **small)
            self._parts["stop"] = gr.Button("Stop and keep", elem_id="stop", interactive=False, **small)
        return [picture, sound, algorithm, effort, *options]

    def _build_options(self) -> list[Any]:
        gr = self._gradio
        with gr.Accordion("More options", open=False):
            preset = gr.Radio(
                ["display", "notebook"],
                value="display",
                label="Preset",
                info="display shows the picture",
            )
            grid = gr.Dropdown(["16x32", "32x64", "64x128"], value="64x128", label="Mask resolution")
            axis = gr.Radio(["linear", "log", "mel"], value="linear", label="Viewer's frequency axis")
            low = gr.Number(0, label="Lowest frequency of the picture, Hz; 0 for all")
            high = gr.Number(0, label="Highest frequency of the picture, Hz; 0 for all")
            gamma = gr.Number(0, label="Gamma, above 1 darkens; 0 for the preset's")
            dynamic = gr.Number(0, label="Decibels from white to black; 0 for the preset's")
            invert = gr.Checkbox(False, label="Swap dark and bright")
        return [preset, grid, axis, low, high, gamma, dynamic, invert]

    def _build_view(self) -> dict[str, Any]:
        """What a search shows; returned are the buttons to choose and to steer with."""
        gr, parts = self._gradio, self._parts
        spectrogram = {
            "show_label": False,
            "interactive": False,
            "format": "png",
            "buttons": ["fullscreen"],
        }
        parts["status"] = gr.Markdown("Choose a picture and a sound, then search.", elem_id="status")
        parts["progress"] = gr.HTML("", elem_id="progress")
        with gr.Row():
            with gr.Column(min_width=360):
                gr.Markdown("### Front")
                parts["front"] = gr.Plot(show_label=False, elem_id="front")
            with gr.Column(min_width=360):
                gr.Markdown("### Spectrogram, as asked for")
                parts["asked"] = gr.Image(
                    elem_id="asked", alt_text="The spectrogram that was asked for", **spectrogram
                )
        with gr.Column(visible=False) as parts["explorer"]:
            parts["slider"] = gr.Slider(
                0,
                1,
                step=1,
                label="Solution, from best picture to best sound",
                elem_id="solution",
                buttons=[],
            )
            buttons = self._build_choices()
            with gr.Row():
                with gr.Column(min_width=360):
                    parts["said"] = gr.Markdown(elem_id="said")
                    parts["told"] = gr.Markdown(elem_id="told")
                    parts["heard"] = gr.Audio(
                        label="Sound", interactive=False, elem_id="heard", buttons=["download"]
                    )
                    parts["export"] = gr.Button(_READY_TO_EXPORT, elem_id="export")
                    parts["download"] = gr.DownloadButton(
                        "Download", visible=False, elem_id="download", variant="primary"
                    )
                with gr.Column(min_width=360):
                    gr.Markdown("### Spectrogram, in the sound")
                    parts["shown"] = gr.Image(
                        elem_id="shown", alt_text="The spectrogram of the exported sound", **spectrogram
                    )
        return buttons

    def _build_choices(self) -> dict[str, Any]:
        """Buttons by the name of a pick, or by the way to steer."""
        gr = self._gradio
        ways = {"picture": "◀ More picture", "sound": "More sound ▶"}
        buttons = {}
        with gr.Row():
            for labels, scale, width in ((_PICKS, 3, 320), (ways, 2, 260)):
                with gr.Column(scale=scale, min_width=width), gr.Row():
                    for name, label in labels.items():
                        elem_id = label.strip("◀▶ ").lower().replace(" ", "-")
                        buttons[name] = gr.Button(label, elem_id=elem_id, elem_classes="choice", min_width=80)
        return buttons

    def _connect(self, given: list[Any], buttons: dict[str, Any]) -> None:
        """Let the buttons do what they say."""
        parts, shown = self._parts, list(self._parts.values())
        wanted = self._gradio.State(_Wanted())
        solution = [parts["result"], wanted]
        at_once: dict[str, Any] = {"queue": False, "show_progress": "hidden"}
        work: dict[str, Any] = {**_ONE_AT_A_TIME, "show_progress": "hidden"}
        waiting = parts["start"].click(_wait_for_turn, None, parts["status"], **at_once)
        searching = waiting.then(self._search, [wanted, *given], shown, **work)
        searching.success(self._present, solution, shown, **work)
        parts["stop"].click(_stop, parts["search"], parts["status"], **at_once)
        moved = parts["slider"].input(
            _note, [wanted, parts["slider"]], None, trigger_mode="multiple", **at_once
        )
        moved.then(self._follow, solution, shown, trigger_mode="always_last", **work)
        for name in _PICKS:
            buttons[name].click(partial(self._pick, name), solution, shown, **work)
        for towards in ("picture", "sound"):
            buttons[towards].click(partial(self._steer, towards), solution, shown, **work)
        parts["export"].click(self._export, [parts["result"], parts["inputs"]], shown, **work)

    # ---- the search -----------------------------------------------------------------------------------

    def _search(
        self,
        wanted: _Wanted,
        picture: str | None,
        sound: str | None,
        algorithm: str,
        effort: str,
        *options: Any,
    ) -> Iterator[list[Any]]:
        gr = self._gradio
        yield self._changed(
            status="reading picture and sound", progress=_bar(None), start=gr.Button(interactive=False)
        )
        idle = {
            "search": None,
            "progress": "",
            "start": gr.Button(interactive=True),
            "stop": gr.Button(interactive=False),
        }
        try:
            with self._told():
                inputs, search, problem = self._begin(picture, sound, algorithm, effort, *options)
                yield from self._watch(search, problem, inputs, EFFORTS[effort])
                result = search.result
                wanted.index = result.pick("balanced")
                yield self._changed(
                    result=result,
                    status=_summary(result),
                    front=_front_figure(problem, result.F, result.sweep, wanted.index),
                    explorer=gr.Column(visible=True),
                    slider=self._slider(result, wanted.index),
                    **idle,
                )
        except gr.Error as error:
            yield self._changed(status=error.message, **idle)
            raise

    def _begin(
        self, picture: str | None, sound: str | None, algorithm: str, effort: str, *options: Any
    ) -> tuple[_Inputs, LiveSearch, MOSSProblem]:
        """Start a search for what was asked."""
        if picture is None or sound is None:
            raise PictureError("expected a picture and a sound: choose both first")
        self._check(Path(picture), Path(sound))
        chosen = _problem_options(*options)
        problem = MOSSProblem(picture, sound, **chosen)
        inputs = _Inputs(
            Path(tempfile.mkdtemp(prefix="inputs-", dir=self.folder)), image=picture, audio=sound
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
        self, search: LiveSearch, problem: MOSSProblem, inputs: _Inputs, plan: dict[str, int]
    ) -> Iterator[list[Any]]:
        """Show a search until it ends; without anybody who looks it is stopped."""
        gr = self._gradio
        self._searches.add(search)
        try:
            yield self._changed(
                search=search,
                inputs=inputs,
                result=None,
                status="searching",
                front=None,
                asked=None,
                explorer=gr.Column(visible=False),
                stop=gr.Button(interactive=True),
                export=gr.Button(_READY_TO_EXPORT, interactive=True),
                download=gr.DownloadButton(visible=False),
            )
            last = 0
            while not search.wait(_PATIENCE):
                moment = search.moment
                seen = {} if search.stopping else _progress(moment, plan)
                if len(moment.F):
                    seen["front"] = _front_figure(problem, moment.F)
                if moment.balanced is not None and moment.generation > last:
                    last = moment.generation
                    seen["asked"] = _picture(problem.encoder, problem.encoder.mix(moment.balanced)[0])
                yield self._changed(**seen)
        finally:
            search.stop()
            self._searches.discard(search)

    def _check(self, picture: Path, sound: Path) -> None:
        """Refuse what would take too much memory, before it is read."""
        pixels = _pixels(picture)
        if pixels > MOST_PIXELS:
            raise PictureError(
                f"expected at most {MOST_PIXELS / 1e6:.0f} megapixels, '{picture.name}' has "
                f"{pixels / 1e6:.0f}: scale it down first"
            )
        try:
            seconds = soundfile.info(sound).duration
        except Exception as error:
            raise AudioError(
                f"'{sound.name}' is no sound that can be read: try a WAV, FLAC, OGG or MP3"
            ) from error
        if seconds > self.most_seconds:
            raise AudioError(
                f"expected at most {self.most_seconds:.0f} s of sound, '{sound.name}' has {seconds:.0f}: "
                "cut a piece out"
            )

    # ---- its solutions ---------------------------------------------------------------------------------

    def _present(self, result: RunResult | None, wanted: _Wanted, said: str = "") -> Iterator[list[Any]]:
        """Show the wanted solution as it was asked for; when the slider rests, its sound too."""
        if result is None:
            yield self._changed()
            return
        index = wanted.heard = None
        with self._told():
            while index != wanted.index:
                index = wanted.index
                yield self._asked_for(result, index, said)
                time.sleep(_REST)
            sound = export_sound(result.problem, result.X[index])
            path = self._new_folder() / f"solution-{index:03d}.wav"
            save_wav(path, sound.waveform, result.problem.encoder.sample_rate)
            wanted.heard = index
            yield self._changed(
                told=_table(result, index, sound.view_ssim, sound),
                shown=_picture(result.problem.encoder, sound.magnitude),
                heard=str(path),
            )

    def _asked_for(self, result: RunResult, index: int, said: str) -> list[Any]:
        """A solution's blended spectrogram and its values, and no sound yet."""
        encoder = result.problem.encoder
        magnitude = encoder.mix(result.X[index])[0]
        return self._changed(
            front=_front_figure(result.problem, result.F, result.sweep, index),
            asked=_picture(encoder, magnitude),
            said=f"### Solution {index}{said and f': {said}'}",
            told=_table(result, index, view_ssim(encoder, magnitude[None])[0]),
            shown=None,
            heard=None,
        )

    def _follow(self, result: RunResult | None, wanted: _Wanted) -> Iterator[list[Any]]:
        """Present the solution that the slider was moved to, unless that has been done."""
        if wanted.index == wanted.heard:
            yield self._changed()
        else:
            yield from self._present(result, wanted)

    def _pick(self, name: str, result: RunResult | None, wanted: _Wanted) -> Iterator[list[Any]]:
        if result is not None:
            wanted.index = result.pick(name)
            yield self._changed(slider=self._slider(result, wanted.index))
        yield from self._present(result, wanted, _PICKS[name].lower())

    def _steer(self, towards: Direction, result: RunResult | None, wanted: _Wanted) -> Iterator[list[Any]]:
        if result is None:
            yield self._changed()
            return
        yield self._changed(
            said=f"### Looking for more {towards}", download=self._gradio.DownloadButton(visible=False)
        )
        with self._told():
            steered, index = steer(result, wanted.index, towards)
        wanted.index = index
        yield self._changed(result=steered, slider=self._slider(steered, index))
        yield from self._present(steered, wanted, _what_steering_did(result, steered))

    def _export(self, result: RunResult | None, inputs: _Inputs | None) -> Iterator[list[Any]]:
        """The run as a zip file."""
        gr = self._gradio
        if result is None or inputs is None:
            yield self._changed()
            return
        ready = gr.Button(_READY_TO_EXPORT, interactive=True)
        yield self._changed(
            export=gr.Button("Making its sounds and its page", interactive=False),
            download=gr.DownloadButton(visible=False),
        )
        try:
            with self._told():
                archive = self._archive(result, inputs)
        except gr.Error:
            yield self._changed(export=ready)
            raise
        yield self._changed(export=ready, download=gr.DownloadButton(value=archive, visible=True))

    def _archive(self, result: RunResult, inputs: _Inputs) -> str:
        folder = self._new_folder()
        write_run(folder / "run", result, count=_EXPORTED_SOUNDS, inputs=inputs.files)
        archive = shutil.make_archive(str(folder / "pymoo-moss-run"), "zip", folder / "run")
        shutil.rmtree(folder / "run")
        return archive

    # ---- for all of them ------------------------------------------------------------------------------

    def _changed(self, **changes: Any) -> list[Any]:
        """New values for the parts of the page; what is not given stays as it is."""
        return [changes.get(name, self._gradio.skip()) for name in self._parts]

    def _slider(self, result: RunResult, chosen: int) -> Any:
        return self._gradio.Slider(minimum=0, maximum=max(1, len(result.F) - 1), value=chosen, step=1)

    def _new_folder(self) -> Path:
        """A folder for files that are handed out; Gradio copies them, so those of an hour ago can go."""
        parent = self.folder / "made"
        parent.mkdir(parents=True, exist_ok=True)
        for old in parent.iterdir():
            if time.time() - old.stat().st_mtime > 3600:
                shutil.rmtree(old, ignore_errors=True)
        return Path(tempfile.mkdtemp(dir=parent))

    def _example(self, name: str) -> str:
        """A file of the package, in the app's own folder."""
        folder = self.folder / "examples"
        folder.mkdir(exist_ok=True)
        with as_file(files("pymoo_moss.instances") / "data" / name) as path:
            return str(shutil.copy(path, folder / name))

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Tell errors to the user, who can go on; what nobody expected is for the log."""
        try:
            yield
        except MossError as error:
            raise self._gradio.Error(_without_the_server(error), print_exception=False) from error
        except Exception as error:
            _log.exception("the app failed")
            message = "this failed for a reason that nobody expected: the app's log has it"
            raise self._gradio.Error(message, print_exception=False) from error


def _without_the_server(error: MossError) -> str:
    """A message without other libraries' words and without folders."""
    message = str(error).replace(f" ({error.__cause__})", "")
    return re.sub(r"'[^']*[/\\]([^'/\\]+)'", r"'\1'", message)


def _wait_for_turn() -> str:
    return "waiting until another job has ended"


def _stop(search: LiveSearch | None) -> str:
    if search is None:
        return "nothing is being searched"
    search.stop()
    return "stopping, and keeping what was found"


def _note(wanted: _Wanted, index: float) -> None:
    wanted.index = int(index)


def _problem_options(
    preset: str, grid: str, axis: str, low: float, high: float, gamma: float, dynamic: float, invert: bool
) -> dict[str, Any]:
    """Options of `MOSSProblem`, as a run's record has them; zeros are left to the preset."""
    given = {"fmin": low, "fmax": high, "gamma": gamma, "dynamic_range_db": dynamic}
    return {
        "preset": preset,
        "grid": [int(count) for count in grid.split("x")],
        "frequency_axis": axis,
        "invert": invert,
        **{name: value for name, value in given.items() if value},
    }


def _pixels(picture: Path) -> int:
    try:
        with warnings.catch_warnings():
            # Our own limit is lower.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(picture) as image:
                return image.width * image.height
    except Image.DecompressionBombError as error:
        raise PictureError(
            f"expected at most {MOST_PIXELS / 1e6:.0f} megapixels, '{picture.name}' has far more: scale it "
            "down first"
        ) from error
    except Exception as error:
        raise PictureError(f"'{picture.name}' is no picture that can be read: try a PNG or JPEG") from error


def _progress(moment: Moment, plan: dict[str, int]) -> dict[str, Any]:
    """How far a search is, in words and as a bar."""
    if moment.generation:
        done, total = moment.generation, plan["generations"]
        words = f"generation {done} of {total}, {len(moment.F)} solutions"
    elif moment.step:
        done, total = moment.step, plan["steps"]
        words = f"seeding by gradient, step {done} of {total}"
    else:
        return {"status": f"beginning; {moment.seconds:.0f} s", "progress": _bar(None)}
    return {"status": f"{words}; {moment.seconds:.0f} s", "progress": _bar(done / total)}


def _bar(share: float | None) -> str:
    """A progress bar; without a share it only says that there is work."""
    value = "" if share is None else f' value="{share:.3f}"'
    return f'<progress aria-label="Progress of the search" max="1"{value}></progress>'


def _summary(result: RunResult) -> str:
    how = "stopped, with what was found until then" if result.stopped else "finished"
    return (
        f"{how}: {len(result.F)} solutions in {result.seconds:.0f} s, hypervolume {result.hypervolume:.3f} "
        f"(constant masks alone {result.sweep_hypervolume:.3f})"
    )


def _what_steering_did(before: RunResult, after: RunResult) -> str:
    if len(after.F) > len(before.F):
        return "a new one"
    if after is before:
        return "the end of the front"
    return "the neighbour, because nothing better was found between the two"


def _table(result: RunResult, index: int, asked_ssim: float, sound: ExportedSound | None = None) -> str:
    """A solution's values as they were asked for, and those of its sound when that is there."""
    names = [*map(axis_label, result.problem.objectives), "SSIM (more is better)"]
    asked = [f"{value:.3f}" for value in (*result.F[index], asked_ssim)]
    heard = (
        ["…" for _ in names] if sound is None else [f"{v:.3f}" for v in (*sound.F, sound.exported_view_ssim)]
    )
    rows = [f"| {' | '.join(row)} |" for row in zip(names, asked, heard, strict=True)]
    return "\n".join(["| | asked for | in the sound |", "|:--|--:|--:|", *rows])


def _front_figure(
    problem: MOSSProblem, F: np.ndarray, sweep: np.ndarray | None = None, chosen: int | None = None
) -> Any:
    """The front on no ground of its own, so that it suits a light and a dark page."""
    import plotly.graph_objects as go

    figure = go.Figure()
    if sweep is not None:
        line = {"dash": "dash", "color": _GREY}
        figure.add_scatter(x=sweep[:, 0], y=sweep[:, 1], mode="lines", line=line, name="constant masks")
    figure.add_scatter(
        x=F[:, 0], y=F[:, 1], mode="markers", marker={"color": _FRONT_COLOUR, "size": 7}, name="front"
    )
    if chosen is not None:
        ring = {"symbol": "circle-open", "color": _CHOSEN_COLOUR, "size": 16, "line": {"width": 3}}
        figure.add_scatter(
            x=F[[chosen], 0], y=F[[chosen], 1], mode="markers", marker=ring, name="this solution"
        )
    axis = {"gridcolor": _GRID, "zeroline": False, "ticks": "", "automargin": True}
    titles = [{"text": axis_label(objective), "standoff": 12} for objective in problem.objectives]
    figure.update_layout(
        xaxis={**axis, "title": titles[0]},
        yaxis={**axis, "title": titles[1]},
        margin={"l": 30, "r": 10, "t": 30, "b": 40},
        template="none",
        paper_bgcolor="rgba(0, 0, 0, 0)",
        plot_bgcolor="rgba(0, 0, 0, 0)",
        font={"color": _GREY},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom"},
        height=340,
    )
    return figure


def _picture(encoder: MaskEncoder, magnitude: Tensor) -> Image.Image:
    """A spectrogram on no ground of its own; the page has its title."""
    figure = spectrogram_figure(encoder, magnitude, "")
    _soften(figure)
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=150, transparent=True)
    return Image.open(file)


def _soften(figure: Figure) -> None:
    """Make a figure small, so that its text is large on a page, and its text grey."""
    figure.set_size_inches(5.5, 4.4)
    # Room at the top for the page's button.
    figure.set_layout_engine("constrained", rect=(0.0, 0.0, 1.0, 0.92))
    for axes in figure.axes:
        axes.tick_params(colors=_GREY)
        for text in (axes.title, axes.xaxis.label, axes.yaxis.label):
            text.set_color(_GREY)
        for spine in axes.spines.values():
            spine.set_color(_GREY)
