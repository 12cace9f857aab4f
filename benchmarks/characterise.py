"""Characterise frozen problems: ``python -m benchmarks.characterise [NAME ...]``, or ``make characterise``.

It adds the problems that are missing to ``docs/instances/characteristics.csv``, each as soon as it is
measured, and writes the tables of ``docs/instances.md`` between their markers. To measure a problem again,
remove its row.
"""

import argparse
import csv
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from scipy.stats import spearmanr

from pymoo_moss import get_problem, list_problems
from pymoo_moss.instances import characterise
from pymoo_moss.objectives import PRESETS

from .marked import between

DOCS = Path(__file__).parents[1] / "docs"
TABLE = DOCS / "instances" / "characteristics.csv"
PAGE = DOCS / "instances.md"
BEGIN, END = "<!-- characteristics: written by make characterise -->", "<!-- end of characteristics -->"
STARTS = {"notebook": 32, "display": 0, "listener": 0}
"""Descents for each weighted sum; none where they do not converge within minutes."""

Row = dict[str, str]


def measured(name: str, preset: str) -> Row:
    """Characterise one problem."""
    problem = get_problem(name, preset=preset)
    figures = characterise(problem, starts=STARTS[preset]).row()
    return {
        "problem": name,
        "preset": preset,
        "reference_version": str(problem.reference.version),
        "n_var": str(problem.n_var),
        **{key: f"{value:.6g}" for key, value in figures.items()},
    }


def read(path: Path = TABLE) -> list[Row]:
    """Read the rows that have been measured; empty cells are left out."""
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [{key: value for key, value in row.items() if value} for row in csv.DictReader(file)]


def write(rows: Iterable[Row], path: Path = TABLE) -> None:
    """Write rows, in the order of presets and problems."""
    order = {key: number for number, key in enumerate((p, n) for p in PRESETS for n in list_problems())}
    rows = sorted(rows, key=lambda row: order[row["preset"], row["problem"]])
    path.parent.mkdir(parents=True, exist_ok=True)
    header = dict.fromkeys(key for row in rows for key in row)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def number(row: Row, key: str, scale: float = 1.0, digits: int = 2) -> str:
    """Return a figure to so many digits after the point, and a hyphen where there is none.

    A negative number of digits is that of significant ones, in scientific notation.
    """
    value = float(row.get(key, "nan")) * scale
    if value == float("inf"):
        return "not reached"
    if value != value:
        return "-"
    # Powers of ten where the order of magnitude is what counts.
    return f"{value:.{digits}f}" if digits >= 0 else f"{value:.{-digits - 1}e}".replace("e+0", "e")


def joined(row: Row, keys: Sequence[str], scale: float = 1.0, digits: int = 0) -> str:
    return ", ".join(number(row, key, scale, digits) for key in keys)


def evaluations(row: Row) -> str:
    """Return the median of the runs' evaluations to their target."""
    runs = [float(value) for key, value in row.items() if key.startswith("difficulty_evaluations_")]
    return number({"median": str(statistics.median(runs))} if runs else {}, "median", digits=0)


def _places(figure: str) -> list[str]:
    return [f"minima_{place}_{figure}" for place in (1, 2, 3)]


Column = tuple[str, Callable[[Row], str]]

FRONT: list[Column] = [
    ("concave bins, %", lambda row: number(row, "concave_share", 100, 1)),
    ("Lamé exponent", lambda row: number(row, "front_lame_exponent", digits=3)),
    (
        "curvature, median and greatest",
        lambda row: joined(row, ["front_curvature_median", "front_curvature_greatest"], digits=2),
    ),
    ("unsupported points, %", lambda row: number(row, "front_unsupported", 100, 0)),
    ("gap to the bound", lambda row: number(row, "looseness_gap", digits=5)),
    ("of it, finite points", lambda row: number(row, "looseness_of_points", digits=5)),
    ("evaluations to 99 %", evaluations),
]
LANDSCAPE: list[Column] = [
    ("minima", lambda row: joined(row, _places("by_mask"))),
    ("distinct losses", lambda row: joined(row, _places("by_loss"))),
    ("spread, %", lambda row: joined(row, _places("spread"), 100, 1)),
    ("success, %", lambda row: joined(row, _places("success"), 100)),
    (
        "gradient range",
        lambda row: joined(row, [f"gradients_of_variables_{k}" for k in (1, 2)], digits=-2),
    ),
    ("balance range", lambda row: number(row, "gradients_balance_range", digits=0)),
    ("coupling", lambda row: joined(row, ["interaction_1_coupling", "interaction_2_coupling"], digits=2)),
    (
        "reach, rows x columns",
        lambda row: (
            f"{number(row, 'interaction_2_reach_rows', digits=0)} x "
            f"{number(row, 'interaction_2_reach_columns', digits=0)}"
        ),
    ),
    ("random walk", lambda row: joined(row, [f"random_walk_{k}_correlation" for k in (1, 2)], digits=3)),
    ("smooth walk", lambda row: joined(row, [f"smooth_walk_{k}_correlation" for k in (1, 2)], digits=3)),
]


CORRELATED = {
    "gap to the bound": ["looseness_gap"],
    "Lamé exponent": ["front_lame_exponent"],
    "median curvature": ["front_curvature_median"],
    "minima, mean of the three places": _places("by_mask"),
    "unsupported points": ["front_unsupported"],
    "concave bins": ["concave_share"],
    "success, mean of the three places": _places("success"),
    "gradient range of the picture's loss": ["gradients_of_variables_1"],
    "coupling of the sound's loss": ["interaction_2_coupling"],
    "spread, mean of the three places": _places("spread"),
}
"""Figures whose rank correlation with the difficulty is listed, by title: the sum of these columns."""


def tables(rows: Sequence[Row]) -> str:
    """Return the tables of the page, of the presets that were measured."""
    parts = []
    for preset in PRESETS:
        own = [row for row in rows if row["preset"] == preset]
        if own:
            parts += [f"### Measured: preset `{preset}`", _table(own, FRONT), _table(own, LANDSCAPE)]
        if preset == "notebook":
            parts.append(_rank_correlations(own))
    return "\n\n".join(parts)


def _table(rows: Sequence[Row], columns: Sequence[Column]) -> str:
    columns = [(title, cell) for title, cell in columns if any(set(cell(row)) - set("-, ") for row in rows)]
    lines = [f"| problem | {' | '.join(title for title, _ in columns)} |", "|---" * (len(columns) + 1) + "|"]
    lines += [f"| {row['problem']} | {' | '.join(cell(row) for _, cell in columns)} |" for row in rows]
    return "\n".join(lines)


def rank_correlation(rows: Sequence[Row], columns: Sequence[str]) -> float:
    """Return Spearman's correlation of the mean of some columns with the evaluations to 99 %."""
    needed = [float(evaluations(row)) for row in rows]
    return float(spearmanr([sum(float(row[key]) for key in columns) for row in rows], needed).statistic)


def _rank_correlations(rows: Sequence[Row]) -> str:
    lines = [f"| figure | rank correlation with the evaluations to 99 %, {len(rows)} problems |", "|---|---|"]
    lines += [f"| {title} | {rank_correlation(rows, columns):.2f} |" for title, columns in CORRELATED.items()]
    return "\n".join(lines)


def with_tables(page: str, rows: Sequence[Row]) -> str:
    """Return a page with new tables between the markers."""
    return between(page, BEGIN, END, tables(rows))


def main() -> None:
    """Measure what is missing, and write the tables."""
    parser = argparse.ArgumentParser(description="Characterise the frozen problems.")
    parser.add_argument("names", nargs="*", default=list_problems())
    parser.add_argument("--presets", nargs="+", default=list(PRESETS), choices=PRESETS)
    arguments = parser.parse_args()
    jobs = [(preset, name) for preset in arguments.presets for name in arguments.names]
    for preset, name in jobs:
        rows = read()
        known = {(row["preset"], row["problem"]) for row in rows}
        if (preset, name) in known:
            continue
        started = time.perf_counter()
        write([*rows, measured(name, preset)])
        print(f"{name} {preset}: {time.perf_counter() - started:.0f} s", flush=True)
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8"), read()), encoding="utf-8")


if __name__ == "__main__":
    main()
