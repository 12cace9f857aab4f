"""Which algorithm is better: tests, effect sizes and a ranking, decided by numbers alone."""

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import mannwhitneyu, rankdata, wilcoxon

from ..errors import OptionError, missing_extra

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.05
"""What a corrected p-value must be below to count."""

_MOST_EXACT = 200
"""Runs of two algorithms together up to which the exact distribution is computed."""

_LESS_IS_BETTER = {"hypervolume": False, "share": False, "igd_plus": True, "epsilon": True}


def probability_of_superiority(a: Sequence[float], b: Sequence[float]) -> float:
    """The chance that a run of ``a`` has a greater value than a run of ``b``, ties counting half.

    The effect size A12 of Vargha and Delaney (2000): 0.5 is no difference, from 0.71 on a large one.
    """
    ranks = rankdata(np.r_[a, b])[: len(a)]
    return float((ranks.sum() - len(a) * (len(a) + 1) / 2) / (len(a) * len(b)))


def holm(p_values: Sequence[float]) -> np.ndarray:
    """p-values corrected for their number by Holm's step-down procedure (1979)."""
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p)
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(raised, 1.0)
    return corrected


def compare(indicators: "pd.DataFrame", budget: int, indicator: str = "hypervolume") -> "pd.DataFrame":
    """Every pair of algorithms on every problem, over the seeds.

    Args:
        indicators: of `StudyResult.indicators`.
        budget: at which.
        indicator: the column to compare by.

    Returns:
        One row a pair: problem, a, b, median_a, median_b, p of the two-sided Mann-Whitney test (exact where
        no two values are equal, else by its normal approximation), p_holm over the problem's pairs, a12 (the
        chance that a is better), and better: ``"a"``, ``"b"`` or ``""`` where p_holm is not below 0.05.

    Raises:
        OptionError: there is no such indicator or budget.
    """
    with missing_extra("study"):
        import pandas as pd
    tables = []
    for problem, values in _quality(indicators, budget, indicator).groupby("problem", sort=False):
        samples = {
            name: group["quality"].to_numpy() for name, group in values.groupby("algorithm", sort=False)
        }
        rows = [
            {
                "problem": problem,
                "a": a,
                "b": b,
                "median_a": _sign(indicator) * np.median(samples[a]),
                "median_b": _sign(indicator) * np.median(samples[b]),
                "p": _mann_whitney(samples[a], samples[b]),
                "a12": probability_of_superiority(samples[a], samples[b]),
            }
            for a, b in combinations(samples, 2)
        ]
        if rows:
            table = pd.DataFrame(rows)
            table["p_holm"] = holm(table["p"])
            winner = np.where(table["a12"] > 0.5, "a", "b")
            table["better"] = np.where(table["p_holm"] < LEVEL, winner, "")
            tables.append(table)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def compare_over_problems(
    indicators: "pd.DataFrame", budget: int, indicator: str = "hypervolume"
) -> "pd.DataFrame":
    """Every pair of algorithms over all problems: Wilcoxon's signed-rank test of their medians.

    Returns:
        One row a pair: a, b, problems on which a has the better median, problems, p (two-sided), p_holm. With
        fewer than six problems no p can be below 0.05.

    Raises:
        OptionError: there is no such indicator or budget.
    """
    with missing_extra("study"):
        import pandas as pd
    medians = _medians(indicators, budget, indicator)
    rows = []
    for a, b in combinations(medians.columns, 2):
        both = medians[[a, b]].dropna()
        difference = both[a].to_numpy() - both[b].to_numpy()
        rows.append(
            {
                "a": a,
                "b": b,
                "a_better": int((difference > 0).sum()),
                "problems": len(both),
                "p": float(wilcoxon(difference).pvalue) if difference.any() else 1.0,
            }
        )
    table = pd.DataFrame(rows)
    if rows:
        table["p_holm"] = holm(table["p"])
    return table


def ranking(indicators: "pd.DataFrame", budget: int, indicator: str = "hypervolume") -> "pd.DataFrame":
    """Algorithms from the best to the worst.

    On each problem algorithms are ranked by their medians over the seeds, ties sharing a rank; the mean of
    these ranks over the problems decides. Only problems on which every algorithm has runs count.

    Returns:
        One row an algorithm: algorithm, mean_rank, median (of the medians), and how many comparisons of
        `compare` it wins and loses.

    Raises:
        OptionError: there is no such indicator or budget, or no problem with runs of all algorithms.
    """
    with missing_extra("study"):
        import pandas as pd
    medians = _medians(indicators, budget, indicator).dropna()
    if medians.empty:
        raise OptionError("no problem has runs of every algorithm yet: finish the study first")
    ranks = pd.DataFrame(rankdata(-medians.to_numpy(), axis=1), index=medians.index, columns=medians.columns)
    counted = indicators[indicators["problem"].isin(medians.index)]
    pairs = compare(counted, budget, indicator)
    rows = []
    for name in medians.columns:
        rows.append(
            {
                "algorithm": name,
                "mean_rank": float(ranks[name].mean()),
                "median": _sign(indicator) * float(medians[name].median()),
                "wins": _count(pairs, name, "a") + _count(pairs, name, "b"),
                "losses": _count(pairs, name, "a", lost=True) + _count(pairs, name, "b", lost=True),
            }
        )
    return pd.DataFrame(rows).sort_values(["mean_rank", "algorithm"], ignore_index=True)


def _mann_whitney(a: np.ndarray, b: np.ndarray) -> float:
    """Two-sided p-value.

    The normal approximation never gets below 8e-5 with eleven runs each, which no correction for many pairs
    survives; the exact one gets to 3e-6, but knows no ties.
    """
    together = np.r_[a, b]
    untied = len(np.unique(together)) == len(together) <= _MOST_EXACT
    return float(mannwhitneyu(a, b, method="exact" if untied else "asymptotic").pvalue)


def _count(pairs: "pd.DataFrame", name: str, side: str, lost: bool = False) -> int:
    if pairs.empty:
        return 0
    winner = {"a": "b", "b": "a"}[side] if lost else side
    return int(((pairs[side] == name) & (pairs["better"] == winner)).sum())


def _medians(indicators: "pd.DataFrame", budget: int, indicator: str) -> "pd.DataFrame":
    """Median quality of each algorithm (columns) on each problem (rows), in the order of the table."""
    values = _quality(indicators, budget, indicator)
    medians = values.groupby(["problem", "algorithm"], sort=False)["quality"].median().unstack()
    # Not by unstack(sort=False), which mixes up the values in pandas 2.
    problems, algorithms = (list(dict.fromkeys(values[key])) for key in ("problem", "algorithm"))
    return medians.reindex(index=problems, columns=algorithms)


def _quality(indicators: "pd.DataFrame", budget: int, indicator: str) -> "pd.DataFrame":
    """The rows at a budget, with the indicator as a quality of which more is better."""
    if indicator not in _LESS_IS_BETTER:
        raise OptionError(f"expected an indicator of {', '.join(_LESS_IS_BETTER)}, got '{indicator}'")
    rows = indicators[indicators["budget"] == budget].dropna(subset=[indicator])
    if rows.empty:
        raise OptionError(f"no values of {indicator} at a budget of {budget}")
    return rows.assign(quality=_sign(indicator) * rows[indicator])


def _sign(indicator: str) -> float:
    return -1.0 if _LESS_IS_BETTER[indicator] else 1.0
