"""The components of the tab "Blend", and their layout."""

from dataclasses import dataclass
from typing import Any

from .._invert import INVERT_WORDS
from ..runs import SearchPlan
from ..search import ALGORITHM_NAMES
from .options import DEFAULT_EFFORT, EFFORTS
from .texts import DIRECTIONS, PICKS, READY_TO_EXPORT, Hints
from .upload_layout import build_file, build_picture


@dataclass(frozen=True)
class Components:
    """Gradio's components of the tab.

    Attributes:
        inputs: what a search is started with, in the order of its arguments.
        uploads: file, preview and note, of the picture and of the sound.
        updated: components that events update, by name.
        buttons: buttons to select a solution and to steer, by the name of a pick or by the direction.
    """

    inputs: list[Any]
    uploads: dict[str, list[Any]]
    updated: dict[str, Any]
    buttons: dict[str, Any]


def build_blending(gr: Any, picture: str, sound: str, hints: Hints) -> Components:
    """Lay the tab out, within it.

    Args:
        gr: the Gradio module.
        picture: path of the picture that is chosen at first.
        sound: path of the sound that is chosen at first.
        hints: what is said beside the uploads.
    """
    with gr.Row():
        with gr.Column(scale=2, min_width=280):
            uploads = {
                "picture": build_picture(gr, "picture", picture, hints.picture),
                "sound": _build_sound(gr, sound, hints.sound),
            }
            files = [file for file, _, _ in uploads.values()]
            inputs = [*files, *_build_plan(gr), *_build_options(gr)]
            start_and_stop = _build_start_and_stop(gr)
        with gr.Column(scale=5, min_width=320):
            running = _build_running(gr)
            with gr.Column(visible=False) as explorer:
                slider = gr.Slider(
                    0,
                    1,
                    step=1,
                    label="Solution, from best picture to best sound",
                    elem_id="solution",
                    buttons=[],
                )
                buttons = _build_choices(gr)
                solution = _build_solution(gr)
    states = {name: gr.State(None) for name in ("search", "result", "inputs")}
    updated = {**start_and_stop, **running, "explorer": explorer, "slider": slider, **solution, **states}
    return Components(inputs, uploads, updated, buttons)


def _build_sound(gr: Any, path: str, hint: str) -> list[Any]:
    """Build a sound's box, its preview and the note beside it."""
    file, note = build_file(gr, "sound", "Sound", path, hint)
    preview = gr.Audio(path, show_label=False, interactive=False, buttons=[], elem_id="sound-preview")
    return [file, preview, note]


def _build_plan(gr: Any) -> list[Any]:
    algorithm = gr.Dropdown(
        list(ALGORITHM_NAMES), value=SearchPlan.algorithm, label="Search method (algorithm)"
    )
    effort = gr.Radio(list(EFFORTS), value=DEFAULT_EFFORT, label="How long to search", elem_id="effort")
    return [algorithm, effort]


def _build_options(gr: Any) -> list[Any]:
    """Build the arguments of `problem_options`, in their order."""
    with gr.Accordion("More options", open=False):
        preset = gr.Radio(
            ["listener", "display", "notebook"],
            value="listener",
            label="What counts as good (preset)",
            info="listener: a quiet picture above the music; display: a picture all over the song; notebook: "
            "the benchmark's formula",
        )
        grid = gr.Dropdown(
            ["16x32", "32x64", "64x128"],
            value="64x128",
            label="How finely picture and sound are mixed",
            info="points of the mask, frequency x time",
        )
        axis = gr.Radio(
            ["linear", "log", "mel"], value="linear", label="Scale of the frequencies in the viewer"
        )
        low = gr.Number(0, label="Lower edge of the picture in Hz", info="leave 0 for the usual one")
        high = gr.Number(0, label="Upper edge of the picture in Hz", info="leave 0 for the usual one")
        gamma = gr.Number(
            0,
            label="Brightness of the picture (gamma)",
            info="above 1 darker, below 1 brighter; leave 0 for the usual 1.3",
        )
        dynamic = gr.Number(
            0,
            label="How much quieter black is than white, in decibels",
            info="more makes dark parts quieter; leave 0 for the usual one",
        )
        invert = gr.Radio(
            list(INVERT_WORDS),
            value="auto",
            label="Swap dark and bright",
            info="auto swaps them for drawings and text on white",
        )
    return [preset, grid, axis, low, high, gamma, dynamic, invert]


def _build_start_and_stop(gr: Any) -> dict[str, Any]:
    small: dict[str, Any] = {"elem_classes": "choice", "min_width": 100}
    with gr.Row():
        return {
            "start": gr.Button("Search", variant="primary", elem_id="start", **small),
            "stop": gr.Button("Stop and keep", elem_id="stop", interactive=False, **small),
        }


def _build_running(gr: Any) -> dict[str, Any]:
    """Build what is shown while a search runs, and after it."""
    status = gr.Markdown("Choose a picture and a sound, then search.", elem_id="status")
    progress = gr.HTML("", elem_id="progress", elem_classes="progress")
    with gr.Row():
        with gr.Column(min_width=360):
            gr.Markdown("### Front")
            front = gr.Plot(show_label=False, elem_id="front")
        with gr.Column(min_width=360):
            gr.Markdown("### Target spectrogram")
            target = _build_spectrogram(gr, "target", "The target spectrogram")
    return {"status": status, "progress": progress, "front": front, "target": target}


def _build_choices(gr: Any) -> dict[str, Any]:
    """Build buttons, by the name of a pick or by the direction to steer."""
    buttons = {}
    with gr.Row():
        for labels, scale, width in ((PICKS, 3, 320), (DIRECTIONS, 2, 260)):
            with gr.Column(scale=scale, min_width=width), gr.Row():
                for name, label in labels.items():
                    elem_id = label.strip("◀▶ ").lower().replace(" ", "-")
                    buttons[name] = gr.Button(label, elem_id=elem_id, elem_classes="choice", min_width=80)
    return buttons


def _build_solution(gr: Any) -> dict[str, Any]:
    """Build what is shown of one solution, and the run's download."""
    with gr.Row():
        with gr.Column(min_width=360):
            parts = {
                "heading": gr.Markdown(elem_id="heading"),
                "values": gr.Markdown(elem_id="values"),
                "sound": gr.Audio(
                    label="Sound", interactive=False, elem_id="exported-sound", buttons=["download"]
                ),
                "export": gr.Button(READY_TO_EXPORT, elem_id="export", elem_classes="choice"),
                "download": gr.DownloadButton(
                    "Download",
                    visible=False,
                    elem_id="download",
                    elem_classes="choice",
                    variant="primary",
                ),
            }
        with gr.Column(min_width=360):
            gr.Markdown("### Spectrogram of the sound")
            parts["exported"] = _build_spectrogram(gr, "exported", "The spectrogram of the exported sound")
    return parts


def _build_spectrogram(gr: Any, elem_id: str, alt_text: str) -> Any:
    return gr.Image(
        elem_id=elem_id,
        alt_text=alt_text,
        show_label=False,
        interactive=False,
        format="png",
        buttons=["fullscreen"],
    )
