"""The app: choose a picture and a sound, watch the search, look, listen and steer, in a browser."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from PIL import Image
from pymoo.termination.max_gen import MaximumGenerationTermination

from ..errors import AudioError, MossError, PictureError, missing_extra
from ..problem import MOSSProblem
from ..search import ALGORITHMS
from ..spectrogram import save_wav
from .export import write_run
from .figures import axis_label, spectrogram_figure, to_pixels
from .live import LiveSearch, Moment
from .run import RunResult, search_algorithm
from .sound import export_sound
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

_WAITING_JOBS = 8

_SHOWN_BY_SEARCH = (
    "search",
    "result",
    "status",
    "front",
    "blended",
    "explorer",
    "slider",
    "start",
    "stop",
    "download",
)
"""What a search changes on the page."""


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
            show_error=True,
            prevent_thread_lock=True,
            inbrowser=False,
            ssr_mode=False,
            max_file_size=f"{self.most_megabytes}mb",
            footer_links=[],
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
            search, result = gr.State(None), gr.State(None)
            picture_only = {
                "show_label": False,
                "interactive": False,
                "format": "png",
                "buttons": ["fullscreen"],
            }
            with gr.Row():
                with gr.Column(scale=2, min_width=280):
                    picture = gr.Image(
                        self._example("lighthouse.png"),
                        label="Picture",
                        type="filepath",
                        image_mode=None,
                        sources=["upload", "clipboard"],
                        height=220,
                        elem_id="picture",
                    )
                    sound = gr.Audio(
                        self._example("prelude.flac"),
                        label="Sound",
                        type="filepath",
                        sources=["upload"],
                        buttons=[],
                        elem_id="sound",
                    )
                    algorithm = gr.Dropdown(
                        ["hybrid", "tracer", *ALGORITHMS], value="hybrid", label="Algorithm"
                    )
                    effort = gr.Radio(list(EFFORTS), value="normal", label="Effort")
                    options = self._build_options()
                    with gr.Row():
                        start = gr.Button("Search", variant="primary", elem_id="start")
                        stop = gr.Button("Stop and keep", elem_id="stop", interactive=False)
                with gr.Column(scale=5, min_width=320):
                    status = gr.Markdown("Choose a picture and a sound, then search.", elem_id="status")
                    with gr.Row():
                        front = gr.Plot(show_label=False)
                        blended = gr.Image(**picture_only)
                    with gr.Column(visible=False) as explorer:
                        slider = gr.Slider(
                            0,
                            1,
                            step=1,
                            label="Solution, from best picture to best sound",
                            elem_id="solution",
                        )
                        with gr.Row():
                            to_picture = gr.Button("◀ More picture", elem_id="more-picture")
                            balanced = gr.Button("Balanced", elem_id="balanced")
                            to_sound = gr.Button("More sound ▶", elem_id="more-sound")
                        told = gr.Markdown(elem_id="told")
                        shown = gr.Image(elem_id="shown", **picture_only)
                        heard = gr.Audio(
                            label="Sound", interactive=False, elem_id="heard", buttons=["download"]
                        )
                        export = gr.Button("Prepare the run for download", elem_id="export")
                        download = gr.DownloadButton("Download", visible=False, elem_id="download")
            seen = [told, shown, heard]
            searching = start.click(
                self._search,
                [picture, sound, algorithm, effort, *options],
                # In the order of _SHOWN_BY_SEARCH.
                [search, result, status, front, blended, explorer, slider, start, stop, download],
                concurrency_limit=1,
                show_progress="hidden",
            )
            searching.then(self._present, [result, slider], seen)
            stop.click(_stop, search, None, queue=False)
            slider.release(self._present, [result, slider], seen)
            balanced.click(_balanced, result, slider).then(self._present, [result, slider], seen)
            for button, move in (
                (to_picture, _steered(self._slider, "picture")),
                (to_sound, _steered(self._slider, "sound")),
            ):
                moved = button.click(move, [result, slider], [result, slider, front])
                moved.then(self._present, [result, slider], seen)
            export.click(self._export, result, download)
        return blocks

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

    # ---- what happens --------------------------------------------------------------------------------------

    def _search(
        self, picture: str | None, sound: str | None, algorithm: str, effort: str, *options: Any
    ) -> Iterator[list[Any]]:
        gr = self._gradio
        plan = EFFORTS[effort]
        names = {"image": Path(str(picture)).name, "audio": Path(str(sound)).name, "algorithm": algorithm}
        with self._told():
            problem = self._problem(picture, sound, *options)
            search = LiveSearch(
                problem,
                lambda on_step: search_algorithm(
                    algorithm,
                    n_obj=problem.n_obj,
                    population=plan["population"],
                    steps=plan["steps"],
                    on_step=on_step,
                ),
                MaximumGenerationTermination(plan["generations"]),
                seed=1,
                settings={**names, **plan},
            )
        self._searches.add(search)
        idle = {"search": None, "start": gr.Button(interactive=True), "stop": gr.Button(interactive=False)}
        try:
            yield self._changed(
                search=search,
                result=None,
                status="searching",
                front=None,
                blended=None,
                explorer=gr.Column(visible=False),
                start=gr.Button(interactive=False),
                stop=gr.Button(interactive=True),
                download=gr.DownloadButton(visible=False),
            )
            last = 0
            while not search.wait(_PATIENCE):
                moment = search.moment
                seen: dict[str, Any] = {"status": _progress(moment, plan["generations"])}
                if len(moment.F):
                    seen["front"] = _front_figure(problem, moment.F)
                if moment.balanced is not None and moment.generation > last:
                    last = moment.generation
                    seen["blended"] = _spectrogram(problem, moment.balanced)
                yield self._changed(**seen)
            result = search.result
        except MossError as error:
            yield self._changed(status="", **idle)
            raise gr.Error(str(error), print_exception=False) from error
        finally:
            # Also when the browser has gone.
            search.stop()
            self._searches.discard(search)
        chosen = result.pick("balanced")
        yield self._changed(
            result=result,
            status=_summary(result),
            front=_front_figure(problem, result.F, result.sweep),
            blended=_spectrogram(problem, result.X[chosen]),
            explorer=gr.Column(visible=True),
            slider=self._slider(result, chosen),
            **idle,
        )

    def _changed(self, **changes: Any) -> list[Any]:
        """New values for `_SHOWN_BY_SEARCH`; what is not given stays as it is."""
        return [changes.get(name, self._gradio.skip()) for name in _SHOWN_BY_SEARCH]

    def _problem(
        self, picture: str | None, sound: str | None, preset: str, grid: str, axis: str, *numbers: Any
    ) -> MOSSProblem:
        if picture is None or sound is None:
            raise PictureError("choose a picture and a sound first")
        self._check(picture, sound)
        rows, columns = grid.split("x")
        low, high, gamma, dynamic, invert = numbers
        given = {"fmin": low, "fmax": high, "gamma": gamma, "dynamic_range_db": dynamic}
        return MOSSProblem(
            picture,
            sound,
            preset=preset,
            grid=(int(rows), int(columns)),
            frequency_axis=axis,
            invert=invert,
            **{name: value for name, value in given.items() if value},
        )

    def _check(self, picture: str, sound: str) -> None:
        """Refuse what would take too much memory, before it is read."""
        try:
            with Image.open(picture) as image:
                pixels = image.width * image.height
        except Exception as error:
            raise PictureError(f"this is no picture that can be read ({error}): try a PNG or JPEG") from error
        if pixels > MOST_PIXELS:
            raise PictureError(
                f"expected at most {MOST_PIXELS / 1e6:.0f} megapixels, the picture has {pixels / 1e6:.0f}: "
                "scale it down first"
            )
        try:
            seconds = soundfile.info(sound).duration
        except Exception as error:
            raise AudioError(
                f"this is no sound that can be read ({error}): try a WAV, FLAC, OGG or MP3"
            ) from error
        if seconds > self.most_seconds:
            raise AudioError(
                f"expected at most {self.most_seconds:.0f} s of sound, got {seconds:.0f}: cut a piece out"
            )

    def _present(self, result: RunResult | None, index: float) -> tuple[Any, ...]:
        """A solution's figures, spectrogram and sound."""
        if result is None:
            return self._gradio.skip(), self._gradio.skip(), self._gradio.skip()
        chosen = result.pick(int(min(index, len(result.F) - 1)))
        sound = export_sound(result.problem, result.X[chosen])
        values = zip(result.problem.objectives, result.F[chosen], strict=True)
        told = ", ".join(f"{objective.name.replace('_', ' ')} {value:.3f}" for objective, value in values)
        told += (
            f"; SSIM with the picture {sound.view_ssim:.3f} asked for, "
            f"{sound.exported_view_ssim:.3f} in the sound"
        )
        path = self._new_folder() / f"solution-{chosen:03d}.wav"
        save_wav(path, sound.waveform, result.problem.encoder.sample_rate)
        figure = spectrogram_figure(result.problem.encoder, sound.magnitude, f"solution {chosen}")
        return told, to_pixels(figure), str(path)

    def _export(self, result: RunResult | None) -> Any:
        """The run as a zip file."""
        if result is None:
            return self._gradio.skip()
        folder = self._new_folder()
        with self._told():
            write_run(folder / "run", result, count=_EXPORTED_SOUNDS)
        archive = shutil.make_archive(str(folder / "pymoo-moss-run"), "zip", folder / "run")
        shutil.rmtree(folder / "run")
        return self._gradio.DownloadButton(value=archive, visible=True)

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
        """Show the package's errors to the user, who can go on."""
        try:
            yield
        except MossError as error:
            raise self._gradio.Error(str(error), print_exception=False) from error


def _stop(search: LiveSearch | None) -> None:
    if search is not None:
        search.stop()


def _balanced(result: RunResult | None) -> int:
    return 0 if result is None else result.pick("balanced")


def _steered(slider: Any, towards: Direction) -> Any:
    def move(result: RunResult | None, index: float) -> tuple[Any, ...]:
        if result is None:
            return None, 0, None
        result, chosen = steer(result, result.pick(int(min(index, len(result.F) - 1))), towards)
        return result, slider(result, chosen), _front_figure(result.problem, result.F, result.sweep)

    return move


def _progress(moment: Moment, generations: int) -> str:
    if moment.generation == 0:
        return f"seeding by gradient; {moment.seconds:.0f} s"
    return (
        f"generation {moment.generation} of {generations}, {len(moment.F)} solutions; {moment.seconds:.0f} s"
    )


def _summary(result: RunResult) -> str:
    how = "stopped, with what was found until then" if result.stopped else "finished"
    return (
        f"{how}: {len(result.F)} solutions in {result.seconds:.0f} s, hypervolume {result.hypervolume:.3f} "
        f"(constant masks alone {result.sweep_hypervolume:.3f})"
    )


def _front_figure(problem: MOSSProblem, F: np.ndarray, sweep: np.ndarray | None = None) -> Any:
    import plotly.graph_objects as go

    figure = go.Figure()
    if sweep is not None:
        line = {"dash": "dash", "color": "#7a7d82"}
        figure.add_scatter(x=sweep[:, 0], y=sweep[:, 1], mode="lines", line=line, name="constant masks")
    figure.add_scatter(
        x=F[:, 0], y=F[:, 1], mode="markers", marker={"color": "#0072b2", "size": 7}, name="front"
    )
    figure.update_layout(
        xaxis_title=axis_label(problem.objectives[0]),
        yaxis_title=axis_label(problem.objectives[1]),
        margin={"l": 50, "r": 10, "t": 30, "b": 40},
        template="plotly_white",
        legend={"orientation": "h", "y": 1.1},
        height=340,
    )
    return figure


def _spectrogram(problem: MOSSProblem, x: np.ndarray) -> np.ndarray:
    magnitude = problem.encoder.mix(x)[0]
    return to_pixels(spectrogram_figure(problem.encoder, magnitude, "as asked for"))
