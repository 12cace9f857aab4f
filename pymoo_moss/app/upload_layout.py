"""The box of an upload, and what is beside it."""

from typing import Any


def build_file(gr: Any, elem_id: str, label: str, path: str, hint: str) -> tuple[Any, Any]:
    """Build a file's box and the note beside it.

    Args:
        gr: the Gradio module.
        elem_id: of the box; that of the note is this and ``-note``.
        label: of the box.
        path: of the file that is chosen at first.
        hint: what the note says at first.
    """
    # Neither Gradio's image nor its audio takes every file that is read here, and previews them.
    file = gr.File(path, label=label, height=124, elem_id=elem_id, elem_classes="upload")
    # Gradio's own method writes a temporary file each time.
    file.preprocess = lambda payload: None if payload is None else payload.path
    return file, gr.HTML(hint, elem_id=f"{elem_id}-note", elem_classes="upload-note", padding=False)


def build_picture(gr: Any, elem_id: str, path: str, hint: str) -> list[Any]:
    """Build a picture's box, its preview and the note beside it; see `build_file`."""
    file, note = build_file(gr, elem_id, "Picture", path, hint)
    return [file, build_preview(gr, elem_id, path, 200, "The picture, in greys as it is read"), note]


def build_preview(gr: Any, elem_id: str, value: Any, height: int, alt_text: str) -> Any:
    """Build the preview of a picture's box, ``height`` pixels high."""
    return gr.Image(
        value,
        show_label=False,
        interactive=False,
        height=height,
        format="png",
        buttons=["fullscreen"],
        alt_text=alt_text,
        elem_id=f"{elem_id}-preview",
        elem_classes="upload-preview",
    )
