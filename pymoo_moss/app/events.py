"""Connect the events of the page to their handlers."""

from functools import partial
from typing import Any, get_args

from ..runs import Direction
from .choosing import Choosing
from .layout import Components
from .searching import Searching, stop, wait_for_turn
from .solutions import Selection, Solutions, select
from .texts import PICKS

AT_ONCE: dict[str, Any] = {"queue": False, "show_progress": "hidden"}
ONE_AT_A_TIME: dict[str, Any] = {
    "concurrency_id": "work",
    "concurrency_limit": 1,
    "show_progress": "hidden",
}
BESIDE_A_SEARCH: dict[str, Any] = {**ONE_AT_A_TIME, "concurrency_id": "reading", "trigger_mode": "multiple"}


def connect(
    gradio: Any, components: Components, choosing: Choosing, searching: Searching, solutions: Solutions
) -> None:
    """Connect the components' events to the handlers."""
    updated, buttons, outputs = components.updated, components.buttons, list(components.updated.values())
    selection = gradio.State(Selection())
    solution = [updated["result"], selection]
    told = gradio.State(set())

    invert = components.inputs[-1]
    for outputs_of_file, options, read in (
        (components.uploads["picture"], [invert], choosing.picture),
        (components.uploads["sound"], [], choosing.sound),
    ):
        file, arguments = outputs_of_file[0], [outputs_of_file[0], *options, told]
        for event in (file.upload, file.clear):
            event(read, arguments, outputs_of_file, **BESIDE_A_SEARCH)

    waiting = updated["start"].click(wait_for_turn, None, updated["status"], **AT_ONCE)
    searched = waiting.then(searching.search, [selection, told, *components.inputs], outputs, **ONE_AT_A_TIME)
    searched.success(solutions.present, solution, outputs, **ONE_AT_A_TIME)
    updated["stop"].click(stop, updated["search"], updated["status"], **AT_ONCE)

    moved = updated["slider"].input(
        select, [selection, updated["slider"]], None, trigger_mode="multiple", **AT_ONCE
    )
    moved.then(solutions.follow, solution, outputs, trigger_mode="always_last", **ONE_AT_A_TIME)
    for name in PICKS:
        buttons[name].click(partial(solutions.pick, name), solution, outputs, **ONE_AT_A_TIME)
    for towards in get_args(Direction):
        buttons[towards].click(partial(solutions.steer, towards), solution, outputs, **ONE_AT_A_TIME)
    updated["export"].click(
        solutions.export, [updated["result"], updated["inputs"]], outputs, **ONE_AT_A_TIME
    )
