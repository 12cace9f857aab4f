"""What the page says."""

import re
from typing import Any

from ...errors import MossError
from ..figures import axis_label
from ..live import Moment
from ..run import RunResult
from ..sound import ExportedSound

PICKS = {"best visual": "Best picture", "balanced": "Balanced", "best audio": "Best sound"}
WAYS = {"picture": "◀ More picture", "sound": "More sound ▶"}
READY_TO_EXPORT = "Prepare the run for download"


def progress(moment: Moment, plan: dict[str, int]) -> dict[str, Any]:
    """How far a search is, in words and as a bar."""
    if moment.generation:
        done, total = moment.generation, plan["generations"]
        words = f"generation {done} of {total}, {len(moment.F)} solutions"
    elif moment.step:
        done, total = moment.step, plan["steps"]
        words = f"seeding by gradient, step {done} of {total}"
    else:
        return {"status": f"beginning; {moment.seconds:.0f} s", "progress": bar(None)}
    return {"status": f"{words}; {moment.seconds:.0f} s", "progress": bar(done / total)}


def bar(share: float | None) -> str:
    """A progress bar; without a share it only says that there is work."""
    value = "" if share is None else f' value="{share:.3f}"'
    return f'<progress aria-label="Progress of the search" max="1"{value}></progress>'


def summary(result: RunResult) -> str:
    """What a search that has ended found."""
    how = "stopped, with what was found until then" if result.stopped else "finished"
    return (
        f"{how}: {len(result.F)} solutions in {result.seconds:.0f} s, hypervolume {result.hypervolume:.3f} "
        f"(constant masks alone {result.sweep_hypervolume:.3f})"
    )


def what_steering_did(before: RunResult, after: RunResult) -> str:
    """Which kind of solution steering led to."""
    if len(after.F) > len(before.F):
        return "a new one"
    if after is before:
        return "the end of the front"
    return "the neighbour, because nothing better was found between the two"


def table(result: RunResult, index: int, asked_ssim: float, sound: ExportedSound | None = None) -> str:
    """A solution's values as they were asked for, and those of its sound when that is there."""
    names = [*map(axis_label, result.problem.objectives), "SSIM (more is better)"]
    asked = [f"{value:.3f}" for value in (*result.F[index], asked_ssim)]
    heard = (
        ["…" for _ in names] if sound is None else [f"{v:.3f}" for v in (*sound.F, sound.exported_view_ssim)]
    )
    rows = [f"| {' | '.join(row)} |" for row in zip(names, asked, heard, strict=True)]
    return "\n".join(["| | asked for | in the sound |", "|:--|--:|--:|", *rows])


def without_the_server(error: MossError) -> str:
    """A message without other libraries' words and without folders."""
    message = str(error).replace(f" ({error.__cause__})", "")
    return re.sub(r"'[^']*[/\\]([^'/\\]+)'", r"'\1'", message)
