"""Texts of the page."""

import re
from typing import Any

from ..errors import MossError
from ..explore.figures import axis_label
from ..runs import ExportedSound, Moment, SearchPlan, SearchResult

PICKS = {"best visual": "Best picture", "balanced": "Balanced", "best audio": "Best sound"}
DIRECTIONS = {"picture": "◀ More picture", "sound": "More sound ▶"}
READY_TO_EXPORT = "Prepare the run for download"


def progress(moment: Moment, plan: SearchPlan) -> dict[str, Any]:
    """Describe the progress of a search as status and as a bar."""
    if moment.generation:
        done, total = moment.generation, plan.generations
        status = f"generation {done} of {total}, {len(moment.F)} solutions"
    elif moment.step:
        done, total = moment.step, plan.steps
        status = f"seeding by gradient, step {done} of {total}"
    else:
        return {"status": f"starting; {moment.seconds:.0f} s", "progress": bar(None)}
    return {"status": f"{status}; {moment.seconds:.0f} s", "progress": bar(done / total if total else None)}


def bar(share: float | None) -> str:
    """Make a progress bar; without a share it shows activity alone."""
    value = "" if share is None else f' value="{share:.3f}"'
    return f'<progress aria-label="Progress of the search" max="1"{value}></progress>'


def summary(result: SearchResult) -> str:
    """Summarise a finished search."""
    how = "stopped early" if result.stopped else "finished"
    return (
        f"{how}: {len(result.F)} solutions in {result.seconds:.0f} s, hypervolume {result.hypervolume:.3f} "
        f"(constant masks alone {result.sweep_hypervolume:.3f})"
    )


def steering_outcome(before: SearchResult, after: SearchResult) -> str:
    """Describe the solution that steering led to."""
    if len(after.F) > len(before.F):
        return "a new one"
    if after is before:
        return "the end of the front"
    return "the neighbour, because nothing better was found between the two"


def table(result: SearchResult, index: int, target_ssim: float, sound: ExportedSound | None = None) -> str:
    """Tabulate a solution's target values, and those of its sound once it is there."""
    names = [*map(axis_label, result.problem.objectives), "SSIM (more is better)"]
    target = [f"{value:.3f}" for value in (*result.F[index], target_ssim)]
    exported = (
        ["…" for _ in names] if sound is None else [f"{v:.3f}" for v in (*sound.F, sound.exported_view_ssim)]
    )
    rows = [f"| {' | '.join(row)} |" for row in zip(names, target, exported, strict=True)]
    return "\n".join(["| | target | sound |", "|:--|--:|--:|", *rows])


def public_message(error: MossError) -> str:
    """Return an error's message without the text of other libraries' errors and without names of folders."""
    message = str(error).replace(f" ({error.__cause__})", "")
    return re.sub(r"'[^']*[/\\]([^'/\\]+)'", r"'\1'", message)
