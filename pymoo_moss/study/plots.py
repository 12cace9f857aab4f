"""Plots of a study: anytime curves, empirical attainment and its difference."""

import math
from pathlib import Path
from typing import Literal

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from .attainment import attainment_difference, attainment_surface
from .result import StudyResult

# Distinct for the colour-blind (Okabe and Ito 2008); line styles distinguish repeated colours.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999")
_STYLES = ("-", "--", ":", "-.")
_LONGEST_LABEL = 60
_AXES = {"n_eval": "counted evaluations", "seconds": "seconds"}


def plot_anytime(
    axes: Axes, result: StudyResult, problem: str, against: Literal["n_eval", "seconds"] = "n_eval"
) -> None:
    """Plot the median hypervolume of every algorithm with its quartiles over the seeds, as steps.

    A curve begins where every run of the algorithm has a front.

    Args:
        axes: axes to draw on.
        result: result of the study.
        problem: label of the problem.
        against: counted evaluations, or wall time in seconds.
    """
    known = [run for run in result.runs if run.problem == problem and len(run.n_eval)]
    for number, algorithm in enumerate(result.algorithms):
        runs = [run for run in known if run.algorithm == algorithm]
        if not runs:
            continue
        last = max(getattr(run, against)[-1] for run in known)
        first = max(getattr(run, against)[0] for run in runs)
        positions = np.unique(np.concatenate([*(getattr(run, against) for run in runs), [last]]))
        positions = positions[positions >= first]
        # A run keeps its value until its next record, and after its last.
        curves = [
            run.hypervolume[np.searchsorted(getattr(run, against), positions, side="right") - 1]
            for run in runs
        ]
        low, median, high = np.quantile(curves, (0.25, 0.5, 0.75), axis=0)
        colour, style = curve_style(number)
        label = _label(algorithm)
        axes.step(positions, median, style, where="post", color=colour, label=label, linewidth=1.6)
        axes.fill_between(positions, low, high, step="post", color=colour, alpha=0.2, linewidth=0)
    upper = result.facts[problem].hypervolume_upper
    if upper is not None:
        axes.axhline(upper, color="black", linewidth=0.8, linestyle=(0, (1, 2)), label="certified bound")
    axes.set(xscale="log", xlabel=_AXES[against], ylabel="hypervolume")
    axes.set_title(_label(problem), parse_math=False)
    axes.grid(alpha=0.3)


def plot_attainment(axes: Axes, result: StudyResult, problem: str) -> None:
    """Plot what a quarter, half and three quarters of the runs attain, for each algorithm.

    For two objectives, at the last budget. See `attainment_surface`.
    """
    for number, algorithm in enumerate(result.algorithms):
        fronts = _fronts(result, problem, algorithm)
        if not fronts:
            continue
        colour, style = curve_style(number)
        for share, width in ((0.25, 0.5), (0.5, 1.6), (0.75, 0.5)):
            corners = attainment_surface(fronts, math.ceil(share * len(fronts)))
            label = _label(algorithm) if share == 0.5 else None
            axes.step(*_border(corners).T, style, where="post", color=colour, linewidth=width, label=label)
    _frame(axes, problem)
    axes.grid(alpha=0.3)


def plot_attainment_difference(axes: Axes, result: StudyResult, problem: str, a: str, b: str) -> None:
    """Plot where one algorithm attains in a greater share of its runs than another.

    Blue where ``a`` does, orange where ``b`` does, the darker the greater the difference. For two objectives,
    at the last budget. See `attainment_difference`.
    """
    rectangles, shares = attainment_difference(*(_fronts(result, problem, name) for name in (a, b)))
    left, bottom, right, top = np.clip(rectangles, 0, 1).T
    corners = np.stack([left, bottom, right, bottom, right, top, left, top], axis=1).reshape(-1, 4, 2)
    for share in np.unique(shares):
        shade = {"facecolor": _COLOURS[0] if share > 0 else _COLOURS[1], "alpha": abs(share)}
        # Smoothed edges would show as lines between rectangles.
        shade |= {"linewidth": 0, "antialiased": False}
        axes.add_collection(PolyCollection(corners[shares == share], **shade))
    for colour, name in ((_COLOURS[0], a), (_COLOURS[1], b)):
        axes.plot([], [], "s", color=colour, label=_label(f"{name} attains more often"))
    _frame(axes, problem)
    add_legend(axes)


def add_legend(axes: Axes) -> None:
    """Add a legend with the labels as they are, without formulas."""
    legend = axes.legend(frameon=False, fontsize="small")
    # The axes keep their size, however many labels there are.
    legend.set_in_layout(False)
    for text in legend.get_texts():
        text.set_parse_math(False)


def new_figure(width: float = 7.0, height: float = 4.6) -> tuple[Figure, Axes]:
    """Make a figure without a window, and its axes; sizes in inches."""
    figure = Figure(figsize=(width, height), layout="constrained", dpi=110)
    return figure, figure.add_subplot()


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, SVG and PDF, whose names are the path with these suffixes.

    The same figure gives the same files. Text stays text, so that it can be searched and edited: SVG names
    fonts, and PDF embeds them.

    Raises:
        OSError: a file cannot be written.
    """
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": path.name, "pdf.fonttype": 42}):
        figure.savefig(f"{path}.png")
        # The layout is computed once, which takes as long as drawing.
        figure.set_layout_engine("none")
        figure.savefig(f"{path}.svg", metadata={"Date": None})
        figure.savefig(f"{path}.pdf", metadata={"CreationDate": None})


def curve_style(number: int) -> tuple[str, str]:
    """Choose colour and line style of an algorithm."""
    return _COLOURS[number % len(_COLOURS)], _STYLES[number // len(_COLOURS) % len(_STYLES)]


def _label(label: str) -> str:
    """Shorten a label for a legend, and keep matplotlib from hiding it if it begins with an underscore."""
    label = label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1]}…"
    return f" {label}" if label.startswith("_") else label


def _fronts(result: StudyResult, problem: str, algorithm: str) -> list[np.ndarray]:
    """Collect the fronts of all runs in the unit square; none if the algorithm has no runs on the problem."""
    runs = [run for run in result.runs if (run.problem, run.algorithm) == (problem, algorithm)]
    return [result.facts[problem].scaled(run.fronts[result.budgets[-1]]) for run in runs]


def _border(corners: np.ndarray) -> np.ndarray:
    """Extend the border of the attained region to the upper and the right edge of the plot."""
    if not len(corners):
        return corners
    top, right = [corners[0, 0], max(1.0, corners[0, 1])], [max(1.0, corners[-1, 0]), corners[-1, 1]]
    return np.vstack([top, corners, right])


def _frame(axes: Axes, problem: str) -> None:
    axes.set(xlabel="picture, share of its range", ylabel="sound, share of its range")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_title(_label(problem), parse_math=False)
