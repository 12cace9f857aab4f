"""The components of the tab "Hide in a song", and their layout."""

from dataclasses import dataclass
from typing import Any

from .._invert import INVERT_WORDS
from ..explore import FORMATS
from ..release import EFFORTS
from ..spectrogram import free_band
from .choosing import canvas
from .edited import preview_of
from .editing import BRUSH, MOST_CUT, Editing
from .hiding import CLEAR, DOWNLOAD, KINDS
from .marking import FIRST_CORNER
from .song_view import SongView
from .texts import DRAWN, Hints
from .upload_layout import build_file, build_preview


@dataclass(frozen=True)
class HidingComponents:
    """Gradio's components of the tab.

    Attributes:
        picture: its file, preview and note.
        drawn_note: note below the preview.
        edits: the choice to swap dark and bright, the editor, and the sliders, in the order of `Edits`.
        song: its file, spectrogram and note.
        marked: note beside the spectrogram.
        place: fields of begin, seconds, lowest and highest frequency.
        inputs: what the work is started with, in the order of its arguments.
        updated: components that the work updates, by name.
    """

    picture: list[Any]
    drawn_note: Any
    edits: list[Any]
    song: list[Any]
    marked: Any
    place: list[Any]
    inputs: list[Any]
    updated: dict[str, Any]


def build_hiding(
    gr: Any, picture: str, song: str, hints: Hints, view: SongView, editing: Editing
) -> HidingComponents:
    """Lay the tab out, within it.

    Args:
        gr: the Gradio module.
        picture: path of the picture that is chosen at first.
        song: path of the song that is chosen at first.
        hints: what is said beside the uploads.
        view: of that song.
        editing: of that picture.
    """
    with gr.Row():
        with gr.Column(scale=2, min_width=280):
            kind = gr.Radio(list(KINDS), value=KINDS[0], label="What to hide", elem_id="hide-kind")
            # The style sheet shows the one that is chosen: out of the page, the editor would lose its paint.
            with gr.Column(elem_id="kind-picture"):
                picture_parts, drawn_note, edits = _build_picture(gr, picture, hints.picture, editing)
            with gr.Column(elem_id="kind-text"):
                text = gr.Textbox(label="Text", lines=2, placeholder="the words to show", elem_id="hide-text")
            with gr.Column(elem_id="kind-code"):
                code = gr.Textbox(
                    label="Address or text of the QR code", placeholder="https://…", elem_id="hide-qr"
                )
            song_file, song_note = build_file(gr, "song", "Song", song, hints.sound)
        with gr.Column(scale=5, min_width=320):
            shown = gr.Image(
                view.image,
                show_label=False,
                interactive=False,
                format="png",
                buttons=[],
                alt_text="The song's spectrogram; two clicks mark the place for the picture",
                elem_id="song-view",
            )
            marked = gr.Markdown(FIRST_CORNER, elem_id="song-view-note")
            *place, level = _build_place(gr, round(2 * view.highest))
            with gr.Row():
                effort = gr.Radio(
                    list(EFFORTS), value="normal", label="How long to search", scale=2, elem_id="hide-effort"
                )
                format = gr.Radio(list(FORMATS), value="wav", label="Format", scale=3, elem_id="hide-format")
            updated = {**_build_start_and_stop(gr), **_build_results(gr), "job": gr.State(None)}
    return HidingComponents(
        picture_parts,
        drawn_note,
        edits,
        [song_file, shown, song_note],
        marked,
        place,
        [kind, picture_parts[0], text, code, song_file, *place, level, effort, format, *edits],
        updated,
    )


def _build_picture(gr: Any, path: str, hint: str, editing: Editing) -> tuple[list[Any], Any, list[Any]]:
    """Build the picture's box, its preview with the notes beside both, and what edits it."""
    file, note = build_file(gr, "hide-picture", "Picture", path, hint)
    shown = preview_of(editing, "auto")[0]
    drawn = build_preview(gr, "hide-picture", shown, 170, "The picture as it will be in the spectrogram")
    drawn_note = gr.HTML(DRAWN, elem_id="hide-drawn-note", elem_classes="upload-note", padding=False)
    with gr.Accordion("Crop, brightness and contrast", open=False, elem_id="hide-edits"):
        sliders = [
            gr.Slider(least, most, value=0, step=step, label=label, buttons=[], elem_id=elem_id)
            for least, most, step, label, elem_id in (
                (0, MOST_CUT, 1, "Cut off at the left (%)", "cut-left"),
                (0, MOST_CUT, 1, "Cut off at the right (%)", "cut-right"),
                (0, MOST_CUT, 1, "Cut off at the top (%)", "cut-top"),
                (0, MOST_CUT, 1, "Cut off at the bottom (%)", "cut-bottom"),
                (-2, 2, 0.1, "Brightness", "brightness"),
                (0, 2, 0.1, "Contrast", "contrast"),
            )
        ]
        invert = gr.Radio(
            list(INVERT_WORDS),
            value="auto",
            label="Swap dark and bright",
            info="auto swaps them for drawings and text on white",
        )
    with gr.Accordion("Paint where the song stays", open=False, elem_id="hide-paint"):
        gr.Markdown("The picture is left out where you paint, and the song stays as it is there.")
        editor = gr.ImageEditor(
            canvas(editing.picture),
            type="pil",
            sources=(),
            transforms=(),
            brush=gr.Brush(default_size=40, colors=[BRUSH], color_mode="fixed"),
            layers=False,
            buttons=[],
            show_label=False,
            height=320,
            format="png",
            elem_id="hide-canvas",
        )
    return [file, drawn, note], drawn_note, [invert, editor, *sliders]


def _build_place(gr: Any, sample_rate: int) -> list[Any]:
    """Build the fields of begin, seconds, lowest and highest frequency, and level."""
    low, high = free_band(sample_rate)
    with gr.Row(elem_id="place"):
        return [
            gr.Textbox(label=label, placeholder=placeholder, elem_id=elem_id, min_width=140)
            for label, placeholder, elem_id in (
                ("Begin at", "best, or 1:30", "begin"),
                ("Seconds", "by its shape", "seconds"),
                ("Lowest frequency (Hz)", f"{low:.0f}", "lowest"),
                ("Highest frequency (Hz)", f"{high:.0f}", "highest"),
                ("Level (dB)", "hardly heard", "level"),
            )
        ]


def _build_start_and_stop(gr: Any) -> dict[str, Any]:
    small: dict[str, Any] = {"elem_classes": "choice", "min_width": 100}
    with gr.Row():
        buttons = {
            "start": gr.Button("Hide it", variant="primary", elem_id="hide", **small),
            "stop": gr.Button("Stop and keep", elem_id="hide-stop", interactive=False, **small),
        }
    return {
        **buttons,
        "status": gr.Markdown("Choose what to hide and a song.", elem_id="hide-status"),
        "progress": gr.HTML("", elem_id="hide-progress", elem_classes="progress"),
    }


def _build_results(gr: Any) -> dict[str, Any]:
    with gr.Column(visible=False) as results:
        version = gr.Radio([CLEAR], value=CLEAR, label="Version to hear and to download", elem_id="version")
        song = gr.Audio(
            label="The song with the picture", interactive=False, elem_id="hidden-song", buttons=[]
        )
        with gr.Row():
            downloads = [
                gr.DownloadButton(label, variant=variant, elem_id=elem_id, min_width=140)
                for label, variant, elem_id in (
                    (DOWNLOAD, "primary", "download-song"),
                    ("Download everything (zip)", "secondary", "download-all"),
                )
            ]
        viewers = gr.Image(
            show_label=False,
            interactive=False,
            buttons=["fullscreen"],
            alt_text="How programs show the song around the picture",
            elem_id="viewers",
        )
        report = gr.Markdown(elem_id="report")
    return {
        "results": results,
        "version": version,
        "songs": gr.State({}),
        "song": song,
        "download_song": downloads[0],
        "download_all": downloads[1],
        "viewers": viewers,
        "report": report,
    }
