"""Write a report of a study: tables as CSV, Markdown and LaTeX, fronts as text, plots as PNG."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from .._files import remove_matching, writing_to
from ..errors import OptionError, OutputError
from .budgets import in_words
from .comparison import LEVEL, compare, compare_over_problems, deterministic, ranking
from .facts import STUDY_FILE
from .file_names import slugs_of
from .fronts_file import write_fronts
from .mean_ranks import FriedmanTest, friedman, in_a_sentence
from .per_problem import escape_latex, per_problem, per_problem_latex, per_problem_markdown
from .plots import (
    add_legend,
    new_figure,
    plot_anytime,
    plot_attainment,
    plot_attainment_difference,
    save_figure,
)
from .rank_plot import plot_ranks
from .result import StudyResult, explain_failures

if TYPE_CHECKING:
    import pandas as pd

_TABLES = ("generations.csv", "indicators.csv", "comparisons.csv", "over_problems.csv", "per_problem.csv")
_TEXTS = ("ranking.md", "ranking.tex", "per_problem.md", "per_problem.tex")
_FOLDERS = ("fronts", "plots")
_OWN_FILES = (
    "fronts/*.dat",
    *(
        f"plots/{kind}.{suffix}"
        for kind in ("anytime_*", "attainment_*", "ranks")
        for suffix in ("png", "svg", "pdf")
    ),
)
_DETERMINISTIC = "Deterministic: every seed gave the same front, which counts as one run."


def to_markdown(table: "pd.DataFrame") -> str:
    """Format a table in Markdown, with numbers to four digits."""
    rows = [list(table.columns), ["---"] * len(table.columns)]
    rows += [[_text(value).replace("|", r"\|") for value in row] for row in table.itertuples(index=False)]
    return "".join("| " + " | ".join(row) + " |\n" for row in rows)


def to_latex(table: "pd.DataFrame", caption: str) -> str:
    """Format a table for LaTeX with the booktabs package, with numbers to four digits."""
    words = table.rename(columns=lambda name: name.replace("_", " "))
    text: str = (
        words.map(_text)
        .style.hide(axis="index")
        .format(escape="latex")
        .to_latex(hrules=True, caption=caption, position_float="centering")
    )
    return text


def check_report_folder(folder: Path, further: Iterable[str] = ()) -> None:
    """Check, before any run, that a report in a folder will replace nothing but the report of a study.

    Args:
        folder: the folder.
        further: names of what else will be written.

    Raises:
        OutputError: the folder has files of a report's names, and holds no study.
    """
    names = [name for name in (*_TABLES, *_TEXTS, *_FOLDERS, *further) if os.path.lexists(folder / name)]
    if names and not (folder / STUDY_FILE).exists():
        raise OutputError(
            f"'{folder}' holds other things than a study ({', '.join(names[:3])}), which the report would "
            "replace: choose another folder"
        )


def write_report(folder: Path, result: StudyResult, reference: str | None = None) -> list[str]:
    """Write tables, ranking, fronts and plots of the finished runs.

    Args:
        folder: folder to write to; files of an earlier report are replaced or removed.
        result: result of the study, with at least one finished run.
        reference: label of the algorithm that `per_problem` compares others with; by default the first.

    Returns:
        Names of what was written: generations.csv (one row per generation), indicators.csv (one row per run
        and budget), comparisons.csv, over_problems.csv, per_problem.csv, ranking.md and ranking.tex (or why
        there is none), per_problem.md and per_problem.tex (a row per problem), fronts/ (moocore's text
        format, a file for each problem and algorithm), plots/ (each as PNG, SVG and PDF).

    Raises:
        OutputError: the folder cannot be written.
        OptionError: no run of the reference is finished.
    """
    indicators = result.indicators()
    summary = per_problem(indicators, result.budgets[-1], reference=reference)
    with writing_to(folder):
        remove_matching(folder, _OWN_FILES)
        for name in _FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        _write_tables(folder, result, indicators)
        _write_ranking(folder, result, indicators)
        _write_per_problem(folder, result, summary, reference or result.algorithms[0])
        _write_fronts(folder / "fronts", result)
        _write_plots(folder / "plots", result, indicators)
    return [*_TABLES, *_TEXTS, *(f"{name}/" for name in _FOLDERS)]


def with_deterministic(places: "pd.DataFrame", indicators: "pd.DataFrame", budget: float) -> "pd.DataFrame":
    """Add to a `ranking`'s numbers of runs which algorithms are deterministic."""
    known = deterministic(indicators, budget)
    every = indicators["problem"].nunique()
    words = {
        name: ", deterministic" + (f" on {', '.join(problems)}" if len(problems) < every else "")
        for name, problems in known.items()
    }
    runs = [f"{row.runs}{words.get(row.algorithm, '')}" for row in places.itertuples()]
    return places.assign(runs=runs)


def _write_tables(folder: Path, result: StudyResult, indicators: "pd.DataFrame") -> None:
    budget = result.budgets[-1]
    result.generations().to_csv(folder / "generations.csv", index=False)
    indicators.to_csv(folder / "indicators.csv", index=False)
    compare(indicators, budget).to_csv(folder / "comparisons.csv", index=False)
    compare_over_problems(indicators, budget).to_csv(folder / "over_problems.csv", index=False)


def _write_ranking(folder: Path, result: StudyResult, indicators: "pd.DataFrame") -> None:
    budget = result.budgets[-1]
    try:
        places = with_deterministic(ranking(indicators, budget), indicators, budget)
    except OptionError as error:
        markdown, latex = f"No ranking: {error}.\n", f"% No ranking: {error}.\n"
    else:
        markdown = to_markdown(places)
        caption = f"Mean ranks by hypervolume after {in_words(budget, result.unit)}."
        latex = to_latex(places, " ".join([caption, *_on_deterministic(indicators, budget)]))
    markdown += "".join(f"\n{note}\n" for note in _notes(result, indicators))
    (folder / "ranking.md").write_text(markdown, encoding="utf-8")
    (folder / "ranking.tex").write_text(latex, encoding="utf-8")


def _write_per_problem(folder: Path, result: StudyResult, summary: "pd.DataFrame", reference: str) -> None:
    caption = (
        "Median (interquartile range) of the hypervolume after "
        f"{in_words(result.budgets[-1], result.unit)}, the best of each problem in bold."
    )
    tests = (
        f"against {reference} by the Mann-Whitney test with Holm's correction over the algorithms of a "
        f"problem, level {LEVEL}."
    )
    summary.to_csv(folder / "per_problem.csv", index=False)
    marks = "+ better, - worse, = no significant difference,"
    markdown = f"{per_problem_markdown(summary)}\n{caption} {marks} {tests}\n"
    marks = r"$+$ better, $-$ worse, $\approx$ no significant difference,"
    latex = per_problem_latex(summary, f"{caption} {marks} {escape_latex(tests)}")
    (folder / "per_problem.md").write_text(markdown, encoding="utf-8")
    (folder / "per_problem.tex").write_text(latex, encoding="utf-8")


def _notes(result: StudyResult, indicators: "pd.DataFrame") -> list[str]:
    """Collect notes for the reader of the ranking."""
    notes = _on_deterministic(indicators, result.budgets[-1])
    notes += [in_a_sentence(test) for test in _over_problems(result, indicators)]
    counts = indicators.groupby("problem", sort=False)["algorithm"].nunique()
    partial = counts.index[counts < len(result.algorithms)]
    if len(partial):
        notes.append(
            f"Not in the ranking, because runs of some algorithms are missing: {', '.join(partial)}."
        )
    if result.broken:
        failures = explain_failures(result.broken).replace("\n", "\n* ")
        notes.append(f"{len(result.broken)} runs failed, and are missing:\n\n* {failures}")
    return notes


def _over_problems(result: StudyResult, indicators: "pd.DataFrame") -> list[FriedmanTest]:
    """Test over the problems; of none, or of one algorithm, nothing can be said."""
    try:
        return [friedman(indicators, result.budgets[-1])]
    except OptionError:
        return []


def _on_deterministic(indicators: "pd.DataFrame", budget: float) -> list[str]:
    return [_DETERMINISTIC] if deterministic(indicators, budget) else []


def _write_fronts(folder: Path, result: StudyResult) -> None:
    problems, algorithms = slugs_of(result.problems), slugs_of(result.algorithms)
    for problem in result.problems:
        for algorithm in result.algorithms:
            if any((run.problem, run.algorithm) == (problem, algorithm) for run in result.runs):
                path = folder / f"{problems[problem]}_{algorithms[algorithm]}.dat"
                write_fronts(path, result.fronts(problem, algorithm))


def _write_plots(folder: Path, result: StudyResult, indicators: "pd.DataFrame") -> None:
    for test in _over_problems(result, indicators):
        figure, axes = new_figure(9.0, 1.5 + 0.2 * len(test.mean_ranks))
        plot_ranks(axes, test)
        save_figure(figure, folder / "ranks")
    for problem, slug in slugs_of(result.problems).items():
        for against in ("n_eval", "seconds"):
            figure, axes = new_figure()
            plot_anytime(axes, result, problem, against)
            add_legend(axes)
            save_figure(figure, folder / f"anytime_{against}_{slug}")
        if len(result.facts[problem].box[0]) != 2:
            continue
        figure, axes = new_figure(5.2, 5.0)
        plot_attainment(axes, result, problem)
        add_legend(axes)
        save_figure(figure, folder / f"attainment_{slug}")
        best = ranking(indicators[indicators["problem"] == problem], result.budgets[-1])["algorithm"]
        if len(best) > 1:
            figure, axes = new_figure(5.2, 5.0)
            plot_attainment_difference(axes, result, problem, best[0], best[1])
            save_figure(figure, folder / f"attainment_difference_{slug}")


def _text(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
