"""The page: which components it has, and where they stand."""

from dataclasses import dataclass
from typing import Any

from ...search import ALGORITHMS
from .options import EFFORTS
from .words import PICKS, READY_TO_EXPORT, WAYS


@dataclass(frozen=True)
class Page:
    """Gradio's components.

    Attributes:
        given: what a search is asked with, in the order of its arguments.
        parts: what changes while the page is used, by name.
        buttons: to choose and to steer with, by the name of a pick or by the way to steer.
    """

    given: list[Any]
    parts: dict[str, Any]
    buttons: dict[str, Any]


def build_page(gr: Any, picture: str, sound: str) -> Page:
    """Lay the page out, within Gradio's blocks.

    Args:
        gr: Gradio, which is imported late.
        picture: path of the one that is there at first.
        sound: the same.
    """
    gr.Markdown("# Between picture and sound\nSounds that look like a picture and sound like a song.")
    with gr.Row():
        with gr.Column(scale=2, min_width=280):
            given = [*_build_inputs(gr, picture, sound), *_build_options(gr)]
            begin_and_end = _build_begin_and_end(gr)
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
    parts = {**begin_and_end, **running, "explorer": explorer, "slider": slider, **solution, **states}
    return Page(given, parts, buttons)


def _build_inputs(gr: Any, picture_path: str, sound_path: str) -> list[Any]:
    picture = gr.Image(
        picture_path,
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
        sound_path,
        label="Sound",
        type="filepath",
        sources=["upload"],
        buttons=[],
        elem_id="sound",
    )
    algorithm = gr.Dropdown(["hybrid", "tracer", *ALGORITHMS], value="hybrid", label="Algorithm")
    effort = gr.Radio(list(EFFORTS), value="normal", label="Effort")
    return [picture, sound, algorithm, effort]


def _build_options(gr: Any) -> list[Any]:
    """What `problem_options` is given, in the order of its arguments."""
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


def _build_begin_and_end(gr: Any) -> dict[str, Any]:
    small: dict[str, Any] = {"elem_classes": "choice", "min_width": 100}
    with gr.Row():
        return {
            "start": gr.Button("Search", variant="primary", elem_id="start", **small),
            "stop": gr.Button("Stop and keep", elem_id="stop", interactive=False, **small),
        }


def _build_running(gr: Any) -> dict[str, Any]:
    """What is seen while a search runs, and afterwards too."""
    status = gr.Markdown("Choose a picture and a sound, then search.", elem_id="status")
    progress = gr.HTML("", elem_id="progress")
    with gr.Row():
        with gr.Column(min_width=360):
            gr.Markdown("### Front")
            front = gr.Plot(show_label=False, elem_id="front")
        with gr.Column(min_width=360):
            gr.Markdown("### Spectrogram, as asked for")
            asked = _build_spectrogram(gr, "asked", "The spectrogram that was asked for")
    return {"status": status, "progress": progress, "front": front, "asked": asked}


def _build_choices(gr: Any) -> dict[str, Any]:
    """Buttons by the name of a pick, or by the way to steer."""
    buttons = {}
    with gr.Row():
        for labels, scale, width in ((PICKS, 3, 320), (WAYS, 2, 260)):
            with gr.Column(scale=scale, min_width=width), gr.Row():
                for name, label in labels.items():
                    elem_id = label.strip("◀▶ ").lower().replace(" ", "-")
                    buttons[name] = gr.Button(label, elem_id=elem_id, elem_classes="choice", min_width=80)
    return buttons


def _build_solution(gr: Any) -> dict[str, Any]:
    """What is said and shown of one solution, and the run's download."""
    with gr.Row():
        with gr.Column(min_width=360):
            parts = {
                "said": gr.Markdown(elem_id="said"),
                "told": gr.Markdown(elem_id="told"),
                "heard": gr.Audio(label="Sound", interactive=False, elem_id="heard", buttons=["download"]),
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
            gr.Markdown("### Spectrogram, in the sound")
            parts["shown"] = _build_spectrogram(gr, "shown", "The spectrogram of the exported sound")
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
