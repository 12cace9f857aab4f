"""Connect the events of the tab "Hide in a song" to their handlers."""

from typing import Any

from .choosing import Choosing
from .edited import paint, preview_of
from .editing import Editing
from .events import AT_ONCE, BESIDE_A_SEARCH, ONE_AT_A_TIME
from .hiding import DOWNLOAD, Hiding, stop
from .hiding_layout import HidingComponents
from .marking import Marking, select_handler
from .place import rectangle_of
from .searching import wait_for_turn
from .song_view import SongView


def connect_hiding(
    gradio: Any,
    components: HidingComponents,
    choosing: Choosing,
    hiding: Hiding,
    view: SongView,
    editing: Editing,
) -> None:
    """Connect the components' events to the handlers.

    Args:
        gradio: the Gradio module.
        components: of the tab.
        choosing: handlers of uploads.
        hiding: handler of the work.
        view: of the song that is chosen at first.
        editing: of the picture that is chosen at first.
    """
    updated, place, (song, shown, _) = components.updated, components.place, components.song
    marking, told, edited = gradio.State(Marking(view)), gradio.State(set()), gradio.State(editing)

    def outline(marking: Marking, *fields: str) -> Any:
        if marking.view is None:
            return gradio.skip()
        marking.corner = None
        rectangle = rectangle_of((fields[0], fields[1], fields[2], fields[3]))
        return marking.view.image if rectangle is None else marking.view.with_rectangle(rectangle)

    def show_version(version: str, songs: dict[str, str]) -> tuple[str, Any]:
        return songs[version], gradio.DownloadButton(f"{DOWNLOAD}: {version.lower()}", value=songs[version])

    picture, drawn, note = components.picture
    invert, editor, *sliders = components.edits
    for event in (picture.upload, picture.clear):
        event(
            choosing.picture_to_edit,
            [picture, edited, told],
            [picture, drawn, note, components.drawn_note, editor, invert, *sliders],
            **BESIDE_A_SEARCH,
        )
    preview, last = [drawn, components.drawn_note], {"trigger_mode": "always_last", **AT_ONCE}
    for moved in (invert, *sliders):
        moved.input(preview_of, [edited, invert, *sliders], preview, **last)
    # Apart from the sliders, because the page sends the whole editor each time.
    editor.input(paint, [edited, editor, invert, *sliders], preview, **last)
    for event in (song.upload, song.clear):
        event(
            choosing.song,
            [song, marking, told],
            [*components.song, components.marked, *place],
            **BESIDE_A_SEARCH,
        )
    shown.select(select_handler(gradio), marking, [shown, components.marked, *place], **AT_ONCE)
    for field in place:
        field.input(outline, [marking, *place], shown, trigger_mode="always_last", **AT_ONCE)

    waiting = updated["start"].click(wait_for_turn, None, updated["status"], **AT_ONCE)
    waiting.then(hiding.hide, [told, *components.inputs], list(updated.values()), **ONE_AT_A_TIME)
    updated["stop"].click(stop, updated["job"], updated["status"], **AT_ONCE)
    version, songs = updated["version"], updated["songs"]
    version.input(show_version, [version, songs], [updated["song"], updated["download_song"]], **AT_ONCE)
