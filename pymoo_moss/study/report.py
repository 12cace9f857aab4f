"""Writes what a study found: tables as CSV, Markdown and LaTeX, fronts as text, plots as PNG."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import OutputError
from .comparison import compare, compare_over_problems, ranking
from .fronts_file import write_fronts
from .plots import new_figure, plot_anytime, plot_attainment, plot_attainment_difference
from .result import StudyResult

if TYPE_CHECKING:
    import pandas as pd


def to_markdown(table: "pd.DataFrame") -> str:
    """A table in Markdown, numbers to four digits."""
    rows = [list(table.columns), ["---"] * len(table.columns)]
    rows += [[_text(value) for value in row] for row in table.itertuples(index=False)]
    return "".join("| " + " | ".join(row) + " |\n" for row in rows)


def to_latex(table: "pd.DataFrame", caption: str) -> str:
    """A table for LaTeX with the booktabs package, numbers to four digits."""
    words = table.rename(columns=lambda name: name.replace("_", " "))
    text: str = (
        words.map(_text)
        .style.hide(axis="index")
        .format(escape="latex")
        .to_latex(hrules=True, caption=caption, position_float="centering")
    )
    return text


def write_report(folder: Path, result: StudyResult) -> list[str]:
    """Write everything about finished runs.

    Args:
        folder: to write to; files of an earlier report are replaced.
        result: of the study, with at least one finished run.

    Returns:
        Names of what was written: generations.csv (one row a generation), indicators.csv (one row a run
        and budget), comparisons.csv, over_problems.csv, ranking.md and ranking.tex, fronts/ (moocore's text
        format, a file for each problem and algorithm), plots/.

    Raises:
        OutputError: the folder cannot be written.
    """
    try:
        for name in ("fronts", "plots"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        _write_tables(folder, result)
        _write_fronts(folder / "fronts", result)
        _write_plots(folder / "plots", result)
    except OSError as error:
        raise OutputError(f"cannot write to '{folder}' ({error.strerror}): choose another folder") from error
    tables = ("generations.csv", "indicators.csv", "comparisons.csv", "over_problems.csv")
    return [*tables, "ranking.md", "ranking.tex", "fronts/", "plots/"]


def _write_tables(folder: Path, result: StudyResult) -> None:
    budget = result.budgets[-1]
    indicators = result.indicators()
    result.generations().to_csv(folder / "generations.csv", index=False)
    indicators.to_csv(folder / "indicators.csv", index=False)
    compare(indicators, budget).to_csv(folder / "comparisons.csv", index=False)
    compare_over_problems(indicators, budget).to_csv(folder / "over_problems.csv", index=False)
    places = ranking(indicators, budget)
    (folder / "ranking.md").write_text(to_markdown(places), encoding="utf-8")
    caption = f"Mean ranks by hypervolume after {budget} evaluations."
    (folder / "ranking.tex").write_text(to_latex(places, caption), encoding="utf-8")


def _write_fronts(folder: Path, result: StudyResult) -> None:
    for problem in result.problems:
        for algorithm in result.algorithms:
            if any((run.problem, run.algorithm) == (problem, algorithm) for run in result.runs):
                path = folder / f"{_slug(problem)}_{_slug(algorithm)}.dat"
                write_fronts(path, result.fronts(problem, algorithm))


def _write_plots(folder: Path, result: StudyResult) -> None:
    best = ranking(result.indicators(), result.budgets[-1])["algorithm"].tolist()
    for problem in result.problems:
        for against in ("n_eval", "seconds"):
            figure, axes = new_figure()
            plot_anytime(axes, result, problem, against)
            axes.legend(frameon=False, fontsize="small")
            figure.savefig(folder / f"anytime_{against}_{_slug(problem)}.png")
        if len(result.facts[problem].box[0]) != 2:
            continue
        figure, axes = new_figure(5.2, 5.0)
        plot_attainment(axes, result, problem)
        axes.legend(frameon=False, fontsize="small")
        figure.savefig(folder / f"attainment_{_slug(problem)}.png")
        if len(best) > 1:
            figure, axes = new_figure(5.2, 5.0)
            plot_attainment_difference(axes, result, problem, best[0], best[1])
            figure.savefig(folder / f"attainment_difference_{_slug(problem)}.png")


def _slug(label: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", label).strip("-")


def _text(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
