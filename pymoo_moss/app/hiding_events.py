"""Connect the events of the tab "Hide in a song" to their handlers."""

from typing import Any

from .choosing import Choosing
from .events import AT_ONCE, BESIDE_A_SEARCH, ONE_AT_A_TIME
from .hiding import KINDS, Hiding, stop
from .hiding_layout import HidingComponents
from .marking import Marking, select_handler
from .place import rectangle_of
from .searching import wait_for_turn
from .song_view import SongView


def connect_hiding(
    gradio: Any, components: HidingComponents, choosing: Choosing, hiding: Hiding, view: SongView
) -> None:
    """Connect the components' events to the handlers.

    Args:
        gradio: the Gradio module.
        components: of the tab.
        choosing: handlers of uploads.
        hiding: handler of the work.
        view: of the song that is chosen at first.
    """
    updated, place, (song, shown, _) = components.updated, components.place, components.song
    marking, told = gradio.State(Marking(view)), gradio.State(set())

    def show_kind(kind: str) -> list[Any]:
        return [gradio.Column(visible=kind == name) for name in KINDS]

    def outline(marking: Marking, *fields: str) -> Any:
        if marking.view is None:
            return gradio.skip()
        marking.corner = None
        rectangle = rectangle_of((fields[0], fields[1], fields[2], fields[3]))
        return marking.view.image if rectangle is None else marking.view.with_rectangle(rectangle)

    components.kind.change(show_kind, components.kind, components.kinds, **AT_ONCE)
    picture = components.picture[0]
    for event in (picture.upload, picture.clear):
        event(choosing.picture, [picture, components.inputs[-1], told], components.picture, **BESIDE_A_SEARCH)
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
