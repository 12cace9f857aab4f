"""Plots of the comparison, as PNG for the page."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pymoo_moss.study.mean_ranks import FriedmanTest
from pymoo_moss.study.plots import curve_style
from pymoo_moss.study.rank_plot import plot_ranks

from .results import GAPS, Results
from .stages import Stage
from .tables import running_times, runs_of, variables

IMAGES = Path(__file__).parents[2] / "docs" / "images"
_FACTORS = np.geomspace(1, 100, 200)


def draw_ranks(test: FriedmanTest, path: Path) -> None:
    """Draw mean ranks with the critical difference."""
    figure = Figure(figsize=(9.0, 1.4 + 0.16 * len(test.mean_ranks)), layout="constrained")
    plot_ranks(figure.add_subplot(), test)
    figure.savefig(path, dpi=110)


def draw_runtimes(results: Results, stage: Stage, methods: list[str], path: Path) -> None:
    """Draw the shares of reached targets against evaluations, of fronts and of archives, and the profiles."""
    figure = Figure(figsize=(11.5, 6.4), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for axes, column, title in (
        (left, "n_eval", "fronts"),
        (right, "archive_n_eval", "everything evaluated"),
    ):
        for number, method in enumerate(methods):
            _plot_reached(axes, results, stage, method, column, number)
        axes.set(xscale="log", xlabel="counted evaluations / variables", title=title)
        axes.grid(alpha=0.3)
    left.set(ylabel="share of problems, seeds and targets", ylim=(0, None))
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    figure.savefig(path, dpi=110)


def _plot_reached(axes: Axes, results: Results, stage: Stage, method: str, column: str, number: int) -> None:
    runs, hits = (runs_of(results, stage, table) for table in ("runs", "hits"))
    total = (runs["algorithm"] == method).sum() * len(GAPS)
    if not total:
        return
    of_method = hits[hits["algorithm"] == method]
    scale = np.array([variables(problem) for problem in of_method["problem"]], dtype=float)
    reached = np.sort(of_method[column].to_numpy(dtype=float) / scale)
    reached = reached[np.isfinite(reached)]
    end = stage.budgets[-1] / variables(stage.problems[0])
    colour, line = curve_style(number)
    positions, counts = np.r_[reached, end], np.r_[np.arange(1, len(reached) + 1), len(reached)]
    axes.step(positions, counts / total, line, where="post", color=colour, label=method, linewidth=1.6)


def draw_profiles(results: Results, stage: Stage, methods: list[str], gaps: list[float], path: Path) -> None:
    """Draw for each gap the share of problems that each method solves within a factor of the fastest."""
    times = running_times(results, stage, gaps)
    figure = Figure(figsize=(11.5, 5.6), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(gaps), sharey=True))
    for axes, gap in zip(panels, gaps, strict=True):
        here = times[times["gap"] == gap].pivot(index="problem", columns="algorithm", values="ert")
        for number, method in enumerate(methods):
            if method in here:
                _plot_profile(axes, here, method, number)
        axes.set(xscale="log", xlabel="factor of the fastest", title=f"gap {gap:.2g}", ylim=(0, 1.02))
        axes.grid(alpha=0.3)
    panels[0].set(ylabel="share of problems")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    figure.savefig(path, dpi=110)


def _plot_profile(axes: Axes, times: pd.DataFrame, method: str, number: int) -> None:
    fastest = times.min(axis=1)
    solved = np.isfinite(times[method])
    ratios = (times[method] / fastest)[solved].to_numpy()
    colour, line = curve_style(number)
    shares = [(ratios <= factor + 1e-9).sum() / len(times) for factor in _FACTORS]
    axes.step(_FACTORS, shares, line, where="post", color=colour, label=method, linewidth=1.6)
