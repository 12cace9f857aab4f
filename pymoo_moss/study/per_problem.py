"""The table of papers: a row per problem, a column per algorithm, with median, spread and significance."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..errors import missing_extra, unknown_name
from .comparison import LEVEL, holm, independent_quality, probability_of_superiority, quality_sign
from .rank_tests import mann_whitney

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ("problem", "algorithm", "runs", "median", "q25", "q75", "best", "p_holm", "mark")
_SPECIAL = {
    "\\": r"\textbackslash{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_IN_LATEX = {"+": "$^{+}$", "-": "$^{-}$", "=": r"$^{\approx}$", "": ""}


def per_problem(
    indicators: "pd.DataFrame", budget: float, indicator: str = "hypervolume", reference: str | None = None
) -> "pd.DataFrame":
    """Summarise every algorithm on every problem, and compare it with a reference algorithm.

    Args:
        indicators: table of `StudyResult.indicators`. Rows that are not ``independent`` are left out.
        budget: budget of the compared fronts.
        indicator: the column to compare by.
        reference: the algorithm that others are compared with; by default the first of the table.

    Returns:
        One row per problem and algorithm: problem, algorithm, runs (independent ones), median, q25 and q75
        (quartiles), best (whether no other median on the problem is better), p_holm of the two-sided
        Mann-Whitney test against the reference with Holm's correction over the problem's algorithms, and
        mark: ``"+"`` or ``"-"`` if p_holm is below 0.05 and the algorithm better or worse than the reference,
        else ``"="``; ``""`` for the reference and where it has no runs, with NaN as p_holm.

    Raises:
        OptionError: there is no such indicator, budget or algorithm.
    """
    with missing_extra("study"):
        import pandas as pd
    values = independent_quality(indicators, budget, indicator)
    known = list(dict.fromkeys(indicators["algorithm"]))
    reference = known[0] if reference is None else reference
    if reference not in known:
        raise unknown_name("algorithm", reference, known)
    sign = quality_sign(indicator)
    rows: list[dict[str, object]] = []
    for problem, group in values.groupby("problem", sort=False):
        samples = {name: runs["quality"].to_numpy() for name, runs in group.groupby("algorithm", sort=False)}
        best = max(np.median(sample) for sample in samples.values())
        others = [name for name in samples if name != reference and reference in samples]
        p_values = [mann_whitney(samples[name], samples[reference]) for name in others]
        corrected = dict(zip(others, holm(p_values), strict=True))
        for name, sample in samples.items():
            p = float(corrected.get(name, float("nan")))
            quartiles = sorted(sign * np.quantile(sample, (0.25, 0.75)))
            rows.append(
                {
                    "problem": problem,
                    "algorithm": name,
                    "runs": len(sample),
                    "median": sign * float(np.median(sample)),
                    "q25": quartiles[0],
                    "q75": quartiles[1],
                    "best": bool(np.median(sample) == best),
                    "p_holm": p,
                    "mark": _mark(p, sample, samples[reference]) if name in corrected else "",
                }
            )
    return pd.DataFrame(rows, columns=_COLUMNS)


def per_problem_markdown(table: "pd.DataFrame") -> str:
    """Format a table of `per_problem` in Markdown: median (interquartile range) mark, the best in bold."""
    wide = _wide(table, "**{}**", {mark: f" {mark}" if mark else "" for mark in _IN_LATEX})
    rows = [["problem", *wide.columns], ["---"] * (len(wide.columns) + 1)]
    rows += [[str(name), *cells] for name, cells in zip(wide.index, wide.to_numpy().tolist(), strict=True)]
    escaped = [[cell.replace("|", r"\|") for cell in row] for row in rows]
    return "".join("| " + " | ".join(row) + " |\n" for row in escaped)


def per_problem_latex(table: "pd.DataFrame", caption: str) -> str:
    """Format a table of `per_problem` for LaTeX with the booktabs package.

    Args:
        table: the table.
        caption: LaTeX; see `escape_latex`.
    """
    wide = _wide(table, r"\textbf{{{}}}", _IN_LATEX)
    text: str = (
        wide.style.format_index(escape_latex, axis="index")
        .format_index(escape_latex, axis="columns")
        .to_latex(
            hrules=True,
            caption=caption,
            label="tab:per-problem",
            position_float="centering",
            column_format="l" + "r" * len(wide.columns),
        )
    )
    return text


def escape_latex(text: object) -> str:
    """Return text that LaTeX prints as it is, outside formulas."""
    return "".join(_SPECIAL.get(character, character) for character in str(text))


def _wide(table: "pd.DataFrame", bold: str, marks: dict[str, str]) -> "pd.DataFrame":
    """Return the cells as text, a row per problem and a column per algorithm; "-" without runs."""
    cells = {
        (row.problem, row.algorithm): (bold if row.best else "{}").format(f"{row.median:.4f}")
        + f" ({row.q75 - row.q25:.4f}){marks[row.mark]}"
        for row in table.itertuples()
    }
    problems, algorithms = (list(dict.fromkeys(table[key])) for key in ("problem", "algorithm"))
    with missing_extra("study"):
        import pandas as pd
    lines = [[cells.get((problem, name), "-") for name in algorithms] for problem in problems]
    return pd.DataFrame(lines, index=problems, columns=algorithms)


def _mark(p: float, sample: Sequence[float], reference: Sequence[float]) -> str:
    if p >= LEVEL:
        return "="
    return "+" if probability_of_superiority(sample, reference) > 0.5 else "-"
