"""Characterise frozen problems: ``python -m benchmarks.characterise [NAME ...]``, or ``make characterise``.

It adds the problems that are missing to ``docs/instances/characteristics.csv``, each as soon as it is
measured, and writes the tables of ``docs/instances.md`` between their markers. To measure a problem again,
remove its row.
"""

import argparse
import csv
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pymoo_moss import get_problem, list_problems
from pymoo_moss.instances import characterise
from pymoo_moss.objectives import PRESETS

DOCS = Path(__file__).parents[1] / "docs"
TABLE = DOCS / "instances" / "characteristics.csv"
PAGE = DOCS / "instances.md"
BEGIN, END = "<!-- characteristics: written by make characterise -->", "<!-- end of characteristics -->"
STARTS = {"notebook": 32, "display": 8, "listener": 8}
"""Descents for each weighted sum: fewer where each mask descends alone."""

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
    """Return a figure to so many digits after the point, and a hyphen where there is none."""
    value = float(row.get(key, "nan")) * scale
    if value == float("inf"):
        return "not reached"
    return "-" if value != value else f"{value:.{digits}f}"


def joined(row: Row, keys: Sequence[str], scale: float = 1.0, digits: int = 0) -> str:
    return ", ".join(number(row, key, scale, digits) for key in keys)


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
    ("evaluations to 99 %", lambda row: number(row, "difficulty_median", digits=0)),
]
LANDSCAPE: list[Column] = [
    ("minima", lambda row: joined(row, _places("by_mask"))),
    ("spread, %", lambda row: joined(row, _places("spread"), 100, 1)),
    ("success, %", lambda row: joined(row, _places("success"), 100)),
    (
        "gradient range",
        lambda row: ", ".join(f"{float(row[f'gradients_of_variables_{k}']):.0e}" for k in (1, 2)),
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


def tables(rows: Sequence[Row]) -> str:
    """Return the tables of the page, of the presets that were measured."""
    parts = []
    for preset in PRESETS:
        own = [row for row in rows if row["preset"] == preset]
        if own:
            parts += [f"### Measured: preset `{preset}`", _table(own, FRONT), _table(own, LANDSCAPE)]
    return "\n\n".join(parts)


def _table(rows: Sequence[Row], columns: Sequence[Column]) -> str:
    lines = [f"| problem | {' | '.join(title for title, _ in columns)} |", "|---" * (len(columns) + 1) + "|"]
    lines += [f"| {row['problem']} | {' | '.join(cell(row) for _, cell in columns)} |" for row in rows]
    return "\n".join(lines)


def with_tables(page: str, rows: Sequence[Row]) -> str:
    """Return a page with new tables between the markers."""
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n{tables(rows)}\n{END}{after}"


def main() -> None:
    """Measure what is missing, and write the tables."""
    parser = argparse.ArgumentParser(description="Characterise the frozen problems.")
    parser.add_argument("names", nargs="*", default=list_problems())
    parser.add_argument("--presets", nargs="+", default=["notebook"], choices=PRESETS)
    arguments = parser.parse_args()
    for preset in arguments.presets:
        for name in arguments.names:
            rows = read()
            if any((row["problem"], row["preset"]) == (name, preset) for row in rows):
                continue
            started = time.perf_counter()
            write([*rows, measured(name, preset)])
            print(f"{name} {preset}: {time.perf_counter() - started:.0f} s", flush=True)
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8"), read()), encoding="utf-8")


if __name__ == "__main__":
    main()
