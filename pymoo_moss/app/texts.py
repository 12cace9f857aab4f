"""Texts of the page."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import MossError, renamed
from ..explore.figures import axis_label
from ..runs import PICK_LABELS, ExportedSound, Moment, SearchPlan, SearchResult

PICKS = {name: label.capitalize() for name, label in PICK_LABELS.items()}
DIRECTIONS = {"picture": "◀ More picture", "sound": "More sound ▶"}
DRAWN = "<p>The picture as it will be in the spectrogram.</p>"
READY_TO_EXPORT = "Prepare the run for download"
_LABELS = {
    "fmin": "the lower edge of the picture",
    "fmax": "the upper edge of the picture",
    "gamma": "the brightness of the picture",
    "dynamic_range_db": "the decibels from white to black",
    "sample_rate": "the sample rate (--sample-rate of the command line)",
    "n_fft": "the window (--n-fft of the command line)",
    "hop_length": "the hop (--hop-length of the command line)",
    "ceiling_quantile": "the loudness of white (--ceiling-quantile of the command line)",
    "grid": "a mixture (mask)",
    "start": "the beginning ('Begin at')",
    "duration": "the duration ('Seconds')",
    "band": "the lowest and highest frequency",
    "level_db": "the level",
}
"""What parameters of errors are on the page."""


def progress(moment: Moment, plan: SearchPlan) -> dict[str, Any]:
    """Describe the progress of a search as status and as a bar."""
    if moment.generation:
        done, total = moment.generation, plan.generations
        status = f"generation {done} of {total}, {len(moment.F)} solutions"
    elif moment.step:
        done, total = moment.step, plan.steps
        status = f"searching, first part (seeding): step {done} of {total}"
    else:
        return {"status": f"starting; {moment.seconds:.0f} s", "progress": bar(None)}
    return {"status": f"{status}; {moment.seconds:.0f} s", "progress": bar(done / total if total else None)}


def hiding_progress(phase: str, seconds: float) -> dict[str, Any]:
    """Describe the progress of hiding as status and as a bar, which shows activity alone."""
    return {"status": f"{phase}; {seconds:.0f} s", "progress": bar(None)}


def report_on_page(report: str) -> str:
    """Return a report in Markdown with headings for the page and with the page's names."""
    return re.sub("^#", "###", report, flags=re.MULTILINE).replace("`--level`", "more decibels under 'Level'")


def bar(share: float | None) -> str:
    """Make a progress bar; without a share it shows activity alone."""
    value = "" if share is None else f' value="{share:.3f}"'
    return f'<progress aria-label="Progress" max="1"{value}></progress>'


def summary(result: SearchResult) -> str:
    """Summarise a finished search."""
    how = "stopped early" if result.stopped else "finished"
    return (
        f"{how}: {len(result.F)} solutions in {result.seconds:.0f} s, from best picture to best sound. For "
        f"researchers: hypervolume {result.hypervolume:.3f}, constant masks alone "
        f"{result.sweep_hypervolume:.3f}"
    )


def steering_outcome(before: SearchResult, after: SearchResult) -> str:
    """Describe the solution that steering led to."""
    if len(after.F) > len(before.F):
        return "a new one"
    if after is before:
        return "the end of the front"
    return "the next one on that side; no better one was found in between"


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
    """Return an error's message in the words of the page.

    Other libraries' messages and the names of folders are left out.
    """
    return public_text(str(error).replace(f" ({error.__cause__})", ""))


def public_text(text: str) -> str:
    """Return an error's or warning's text in the words of the page, without names of folders."""
    keep = r"--invert (\w+) \(invert=\w+ in Python\) keeps them"
    text = re.sub(keep, r"choose \1 under 'Swap dark and bright' to keep them", text)
    text = text.replace("a smaller grid", "fewer points under 'How finely picture and sound are mixed'")
    return re.sub(r"'[^']*[/\\]([^'/\\]+)'", r"'\1'", renamed(text, _LABELS))


@dataclass(frozen=True)
class Hints:
    """What the notes beside the uploads say where no file is chosen: what is taken, and its limits."""

    picture: str
    sound: str

    @classmethod
    def of_limits(cls, most_pixels: int, most_seconds: float, most_megabytes: int) -> "Hints":
        """Say the limits in words."""
        minutes = most_seconds / 60
        long = f"{minutes:g} minutes" if minutes >= 2 else f"{most_seconds:g} seconds"
        return cls(
            _paragraph(
                "PNG, JPEG, HEIC, WebP, TIFF and others: at most "
                f"{most_pixels / 1e6:g} megapixels and {most_megabytes} MB."
            ),
            _paragraph(
                "MP3, M4A, WAV, FLAC, Ogg and others, or a video with sound: at most "
                f"{long} and {most_megabytes} MB."
            ),
        )


def reading(name: str) -> str:
    """Say that an upload is being read."""
    return _paragraph(f"reading '{name}'")


def accepted(size: str, warnings: Sequence[str]) -> str:
    """Say how large an accepted upload is, and what its reader warned of."""
    return _paragraph(size, "accepted") + "".join(_paragraph(text, "warned") for text in warnings)


def refused(message: str, hint: str = "") -> str:
    """Say why an upload is refused, and what is taken."""
    return _paragraph(f"not taken: {message}", "refused") + hint


def _paragraph(text: str, kind: str = "") -> str:
    alert = f' class="{kind}" role="{"status" if kind == "accepted" else "alert"}"' if kind else ""
    return f"<p{alert}>{html.escape(text, quote=False)}</p>"
