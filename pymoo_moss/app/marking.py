"""The place of a picture in a song, marked by two clicks on the song's spectrogram."""

from dataclasses import dataclass
from typing import Any

from PIL import Image

from .song_view import Rectangle, SongView

_LEAST_PIXELS = 4
"""Sides of a rectangle; smaller ones are clicks twice on one point."""

FIRST_CORNER = (
    "Click one corner of the place for the picture, then the opposite one. Without a place, the one where "
    "the song covers it best is chosen."
)
SECOND_CORNER = "Click the opposite corner."
MARKED = "The picture will be in this rectangle. Click once more to begin anew."


@dataclass
class Marking:
    """What a session has marked in its song. Clicks change it at once, also while another handler runs.

    Attributes:
        view: of the song; None without one.
        corner: pixel of the first of two clicks; None before it and after the second.
    """

    view: SongView | None = None
    corner: tuple[int, int] | None = None


def click(marking: Marking, pixel: tuple[int, int]) -> tuple[Image.Image | None, str, list[str] | None]:
    """Take a click on the song's spectrogram.

    Args:
        marking: of the session, which is changed.
        pixel: column and row of the click.

    Returns:
        The spectrogram with what is marked, what to do next, and the texts of the four fields of the place;
        None leaves the spectrogram or the fields as they are.
    """
    view = marking.view
    if view is None:
        return None, FIRST_CORNER, None
    if marking.corner is None:
        marking.corner = view.inside(pixel)
        return view.with_corner(marking.corner), SECOND_CORNER, [""] * 4
    other = view.inside(pixel)
    if min(abs(a - b) for a, b in zip(marking.corner, other, strict=True)) < _LEAST_PIXELS:
        return None, SECOND_CORNER, None
    rectangle = view.rectangle(marking.corner, other)
    marking.corner = None
    return view.with_rectangle(rectangle), MARKED, fields_of(rectangle)


def fields_of(rectangle: Rectangle) -> list[str]:
    """Return the texts of the fields: begin, seconds, lowest and highest frequency."""
    start, duration, low, high = rectangle
    return [f"{start:.2f}", f"{duration:.2f}", f"{low:.0f}", f"{high:.0f}"]


def select_handler(gradio: Any) -> Any:
    """Make the handler of clicks on the spectrogram, which returns its picture, the note and the fields."""

    def handle(marking: Marking, event: Any) -> list[Any]:
        column, row = event.index
        image, note, fields = click(marking, (int(column), int(row)))
        skip = gradio.skip()
        return [skip if image is None else image, note, *([skip] * 4 if fields is None else fields)]

    # Gradio hands an event to the parameter that has this annotation, and is not there when this is read.
    handle.__annotations__["event"] = gradio.SelectData
    return handle
