"""Which event of the page calls what."""

from functools import partial
from typing import Any

from .layout import Page
from .searching import Searching, stop, wait_for_turn
from .solutions import Solutions, Wanted, note
from .words import PICKS

_AT_ONCE: dict[str, Any] = {"queue": False, "show_progress": "hidden"}
_ONE_AT_A_TIME: dict[str, Any] = {
    "concurrency_id": "work",
    "concurrency_limit": 1,
    "show_progress": "hidden",
}


def connect(gradio: Any, page: Page, searching: Searching, solutions: Solutions) -> None:
    """Let the buttons do what they say."""
    parts, buttons, shown = page.parts, page.buttons, list(page.parts.values())
    wanted = gradio.State(Wanted())
    solution = [parts["result"], wanted]

    waiting = parts["start"].click(wait_for_turn, None, parts["status"], **_AT_ONCE)
    searched = waiting.then(searching.search, [wanted, *page.given], shown, **_ONE_AT_A_TIME)
    searched.success(solutions.present, solution, shown, **_ONE_AT_A_TIME)
    parts["stop"].click(stop, parts["search"], parts["status"], **_AT_ONCE)

    moved = parts["slider"].input(note, [wanted, parts["slider"]], None, trigger_mode="multiple", **_AT_ONCE)
    moved.then(solutions.follow, solution, shown, trigger_mode="always_last", **_ONE_AT_A_TIME)
    for name in PICKS:
        buttons[name].click(partial(solutions.pick, name), solution, shown, **_ONE_AT_A_TIME)
    for towards in ("picture", "sound"):
        buttons[towards].click(partial(solutions.steer, towards), solution, shown, **_ONE_AT_A_TIME)
    parts["export"].click(solutions.export, [parts["result"], parts["inputs"]], shown, **_ONE_AT_A_TIME)
