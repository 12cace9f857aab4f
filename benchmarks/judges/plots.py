"""Plots of what the judges said."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from .descriptions import JUDGES
from .folder import PICTURE, PICTURE_ITSELF, SONG_ITSELF, UNCODED, view_of
from .results import JudgedPair

_COLOURS = ("#2c6fbb", "#b0185e", "#12805c", "#c8571b", "#8e5bd0")
_EAR, _EYE = "zimtohrli", "ms_ssim"
_VIEW_PIXELS = 160


def colours(names: Sequence[str]) -> dict[str, str]:
    """Give each run a colour."""
    return {name: _COLOURS[index % len(_COLOURS)] for index, name in enumerate(names)}


def draw_fronts(pairs: Sequence[JudgedPair], path: Path) -> None:
    """Draw every front as one listener and one eye judge it, with what codecs make of it and both ends."""
    names = list(dict.fromkeys(name for pair in pairs for name in pair.runs))
    columns = min(4, len(pairs))
    rows = -(-len(pairs) // columns)
    figure = Figure(figsize=(3.3 * columns, 2.9 * rows + 0.5), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for axes, pair in zip(grid, pairs, strict=False):
        _draw_pair(axes, pair, colours(names))
    for axes in grid[len(pairs) :]:
        axes.set_axis_off()
    handles = {}
    for axes in grid:
        handles |= dict(zip(*axes.get_legend_handles_labels()[::-1], strict=True))
    figure.legend(
        handles.values(), handles.keys(), loc="outside upper center", ncols=2 * columns, fontsize="small"
    )
    figure.supxlabel(f"{JUDGES[_EAR].title} (1 to 5)", fontsize="medium")
    figure.supylabel(JUDGES[_EYE].title, fontsize="medium")
    figure.savefig(path, dpi=90)


def _draw_pair(axes: Axes, pair: JudgedPair, colour: Mapping[str, str]) -> None:
    for name, run in pair.runs.items():
        codecs = list(dict.fromkeys(codec for point in run.said.values() for codec in point))
        for codec in codecs:
            said = [run.opinions(point.name, codec) for point in run.points]
            known = [one for one in said if one.get(_EAR) is not None and one.get(_EYE) is not None]
            where = [one[_EAR] for one in known], [one[_EYE] for one in known]
            if codec == UNCODED:
                marker = "o-" if len(run.points) > 1 else "*"
                axes.plot(
                    *where, marker, color=colour[name], ms=9 if marker == "*" else 4, lw=1.2, label=name
                )
            else:
                label = "after codecs" if name == next(iter(pair.runs)) and codec == codecs[-1] else None
                axes.plot(*where, "x", color=colour[name], ms=4, alpha=0.6, label=label)
    song = pair.ends.opinions(SONG_ITSELF).get(_EYE)
    if song is not None:
        axes.axhline(song, color="#888888", lw=0.8, ls=":", label="picture in the song itself")
    axes.set_title(pair.pair.name, fontsize="small")
    axes.set(xlim=(0.9, 5.1), ylim=(-0.03, 1.03))


def draw_views(pairs: Sequence[JudgedPair], picks: Mapping[str, str], path: Path) -> None:
    """Draw what is seen: the picture itself, a pick of every run, and the song itself.

    Args:
        pairs: one a row.
        picks: run by run the pick that is shown; see `JudgedRun.picked`.
        path: of the image.
    """
    names = [PICTURE_ITSELF, *picks, SONG_ITSELF]
    figure = Figure(figsize=(1.75 * len(names), 1.9 * len(pairs)), layout="constrained")
    grid = figure.subplots(len(pairs), len(names), squeeze=False)
    for row, (line, pair) in enumerate(zip(grid, pairs, strict=True)):
        files: dict[str, Path] = {
            PICTURE_ITSELF: pair.folder / PICTURE,
            SONG_ITSELF: view_of(pair.ends.folder, SONG_ITSELF, UNCODED),
        }
        for name, pick in picks.items():
            point = pair.runs[name].picked(pick) if name in pair.runs else None
            if point is not None:
                files[name] = view_of(pair.runs[name].folder, point.name, UNCODED)
        for axes, name in zip(line, names, strict=True):
            axes.set_axis_off()
            if name in files and files[name].is_file():
                axes.imshow(_small(files[name]), cmap="gray", vmin=0, vmax=255)
            if row == 0:
                axes.set_title(f"{name}, {picks[name]}" if name in picks else name, fontsize="small")
        line[0].set_title(pair.pair.name, fontsize="small")
    figure.savefig(path, dpi=70)


def _small(path: Path) -> np.ndarray:
    image = Image.open(path).convert("L")
    image.thumbnail((_VIEW_PIXELS, _VIEW_PIXELS), Image.Resampling.BOX)
    return np.asarray(image)


def draw_agreement(
    table: Mapping[tuple[str, str], float | None], losses: Sequence[str], judges: Sequence[str], path: Path
) -> None:
    """Draw agreements of losses with judges as a map of colours."""
    values = np.array([[table[loss, judge] for judge in judges] for loss in losses], dtype=float)
    figure = Figure(figsize=(1.1 + 0.85 * len(judges) + 1.6, 0.9 + 0.38 * len(losses)), layout="constrained")
    axes = figure.subplots()
    shown = axes.imshow(values, cmap="RdBu", vmin=-1, vmax=1, aspect="auto")
    axes.set_xticks(range(len(judges)), [JUDGES[judge].title for judge in judges], rotation=30, ha="right")
    axes.set_yticks(range(len(losses)), losses)
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            colour = "white" if abs(value) > 0.6 else "black"
            axes.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=7, color=colour)
    figure.colorbar(shown, ax=axes, label="agreement")
    figure.savefig(path, dpi=90)
