"""Plots of a study: anytime curves, empirical attainment and its difference."""

from typing import Literal

import moocore
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .result import StudyResult

# Distinct for the colour-blind (Okabe and Ito 2008); line styles tell the second round apart.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999")
_STYLES = ("-", "--", ":", "-.")
_AXES = {"n_eval": "counted evaluations", "seconds": "seconds"}


def plot_anytime(
    axes: Axes, result: StudyResult, problem: str, against: Literal["n_eval", "seconds"] = "n_eval"
) -> None:
    """Median hypervolume of every algorithm with its quartiles over the seeds, as steps.

    Args:
        axes: to draw on.
        result: of the study.
        problem: label of the problem.
        against: counted evaluations, or wall time in seconds.
    """
    last = max(getattr(run, against)[-1] for run in result.runs if run.problem == problem)
    for number, algorithm in enumerate(result.algorithms):
        runs = [run for run in result.runs if (run.problem, run.algorithm) == (problem, algorithm)]
        if not runs:
            continue
        positions = np.unique(np.concatenate([*(getattr(run, against) for run in runs), [last]]))
        # No run has got anything before its first generation, and keeps what it has after its last.
        curves = [_at(positions, getattr(run, against), run.hypervolume) for run in runs]
        low, median, high = np.quantile(curves, (0.25, 0.5, 0.75), axis=0)
        colour, style = _COLOURS[number % len(_COLOURS)], _STYLES[number // len(_COLOURS) % len(_STYLES)]
        axes.step(positions, median, style, where="post", color=colour, label=algorithm, linewidth=1.6)
        axes.fill_between(positions, low, high, step="post", color=colour, alpha=0.2, linewidth=0)
    upper = result.facts[problem].hypervolume_upper
    if upper is not None:
        axes.axhline(upper, color="black", linewidth=0.8, linestyle=(0, (1, 2)), label="certified bound")
    axes.set(xscale="log", xlabel=_AXES[against], ylabel="hypervolume", title=problem)
    axes.grid(alpha=0.3)


def plot_attainment(axes: Axes, result: StudyResult, problem: str) -> None:
    """What half of the runs attain, and between a quarter and three quarters of them, for each algorithm.

    Source: the empirical attainment function (Grunert da Fonseca et al. 2001), by moocore. Two objectives.
    """
    for number, algorithm in enumerate(result.algorithms):
        points, sets = _stacked(result, problem, algorithm)
        if not len(points):
            continue
        colour = _COLOURS[number % len(_COLOURS)]
        style = _STYLES[number // len(_COLOURS) % len(_STYLES)]
        levels = moocore.eaf(points, sets, percentiles=(25, 50, 75))
        for percentile, width in ((25, 0.5), (50, 1.6), (75, 0.5)):
            line = levels[levels[:, -1] == percentile, :-1]
            line = line[np.argsort(line[:, 0])]
            label = algorithm if percentile == 50 else None
            axes.step(*line.T, style, where="post", color=colour, linewidth=width, label=label)
    axes.set(xlabel="picture, share of its range", ylabel="sound, share of its range", title=problem)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.grid(alpha=0.3)


def plot_attainment_difference(axes: Axes, result: StudyResult, problem: str, a: str, b: str) -> None:
    """Where one algorithm attains in more of its runs than another (López-Ibáñez et al. 2010).

    Blue where ``a`` does, orange where ``b`` does, the darker the more.
    """
    sides = [np.column_stack(_stacked(result, problem, name)) for name in (a, b)]
    count = max(len(result.fronts(problem, name)) for name in (a, b))
    rectangles = moocore.eafdiff(*sides, intervals=count, rectangles=True)
    for sign, colour, name in ((1, _COLOURS[0], a), (-1, _COLOURS[1], b)):
        for strength in np.unique(np.abs(rectangles[:, 4])):
            chosen = rectangles[rectangles[:, 4] == sign * strength, :4]
            patches = [_rectangle(*corners) for corners in np.clip(chosen, 0, 1)]
            shade = {"facecolor": colour, "alpha": strength / count, "linewidth": 0}
            axes.add_collection(PatchCollection(patches, **shade))
        axes.plot([], [], "s", color=colour, label=f"{name} attains more often")
    axes.set(xlabel="picture, share of its range", ylabel="sound, share of its range", title=problem)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.legend(frameon=False)


def new_figure(width: float = 7.0, height: float = 4.6) -> tuple[Figure, Axes]:
    """A figure that belongs to no window, and its axes; sizes in inches."""
    figure = Figure(figsize=(width, height), layout="constrained", dpi=110)
    return figure, figure.add_subplot()


def _at(positions: np.ndarray, known: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.asarray(np.r_[0.0, values][np.searchsorted(known, positions, side="right")])


def _stacked(result: StudyResult, problem: str, algorithm: str) -> tuple[np.ndarray, np.ndarray]:
    """Points of all runs in the unit square, and the number of the run that each is of."""
    fronts = [result.facts[problem].scaled(front) for front in result.fronts(problem, algorithm)]
    numbers = np.repeat(np.arange(1, len(fronts) + 1), [len(front) for front in fronts])
    return np.vstack(fronts), numbers


def _rectangle(left: float, bottom: float, right: float, top: float) -> Rectangle:
    return Rectangle((left, bottom), right - left, top - bottom)
