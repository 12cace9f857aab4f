"""Compare algorithms by statistical tests, effect sizes and a ranking."""

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

from ..errors import OptionError, missing_extra
from .rank_tests import mann_whitney, signed_rank

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.05
"""Level of significance of corrected p-values."""

_PAIRS = (
    "problem",
    "a",
    "b",
    "n_a",
    "n_b",
    "median_a",
    "median_b",
    "p",
    "a12",
    "p_holm",
    "better",
)
_PAIRS_OVER_PROBLEMS = ("a", "b", "a_better", "problems", "p", "p_holm")

_LESS_IS_BETTER = {"hypervolume": False, "share": False, "igd_plus": True, "epsilon": True}


def probability_of_superiority(a: Sequence[float], b: Sequence[float]) -> float:
    """Estimate the probability that a run of ``a`` has a greater value than one of ``b``, ties counting half.

    The effect size A12 of Vargha and Delaney (2000): 0.5 is no difference, from 0.71 on a large one.
    """
    ranks = rankdata(np.r_[a, b])[: len(a)]
    return float((ranks.sum() - len(a) * (len(a) + 1) / 2) / (len(a) * len(b)))


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Correct p-values for multiple testing by Holm's step-down procedure (1979)."""
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p)
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(raised, 1.0)
    return corrected


def compare(indicators: "pd.DataFrame", budget: float, indicator: str = "hypervolume") -> "pd.DataFrame":
    """Compare every pair of algorithms on every problem, over independent runs.

    Args:
        indicators: table of `StudyResult.indicators`. Rows that are not ``independent`` are left out; without
            that column none is.
        budget: budget of the compared fronts.
        indicator: the column to compare by.

    Returns:
        One row per pair: problem, a, b, n_a and n_b (independent runs), median_a, median_b, p of the
        two-sided Mann-Whitney test (exact, ties included, up to 200 runs together), a12 (the probability
        that a is better), p_holm over the problem's pairs, and better: ``"a"``, ``"b"`` or ``""`` if p_holm
        is not below 0.05. No p is below 2 over the number of ways to divide the runs: with n_a = 1 that is
        2 / (n_b + 1).

    Raises:
        OptionError: there is no such indicator or budget.
    """
    with missing_extra("study"):
        import pandas as pd
    rows: list[dict[str, object]] = []
    for problem, values in independent_quality(indicators, budget, indicator).groupby("problem", sort=False):
        samples = {
            name: group["quality"].to_numpy() for name, group in values.groupby("algorithm", sort=False)
        }
        pairs = list(combinations(samples, 2))
        p_values = [mann_whitney(samples[a], samples[b]) for a, b in pairs]
        for (a, b), p, p_holm in zip(pairs, p_values, holm(p_values), strict=True):
            a12 = probability_of_superiority(samples[a], samples[b])
            rows.append(
                {
                    "problem": problem,
                    "a": a,
                    "b": b,
                    "n_a": len(samples[a]),
                    "n_b": len(samples[b]),
                    "median_a": quality_sign(indicator) * np.median(samples[a]),
                    "median_b": quality_sign(indicator) * np.median(samples[b]),
                    "p": p,
                    "a12": a12,
                    "p_holm": p_holm,
                    "better": "" if p_holm >= LEVEL else "a" if a12 > 0.5 else "b",
                }
            )
    return pd.DataFrame(rows, columns=_PAIRS)


def compare_over_problems(
    indicators: "pd.DataFrame", budget: float, indicator: str = "hypervolume"
) -> "pd.DataFrame":
    """Compare every pair of algorithms over all problems by Wilcoxon's signed-rank test of their medians.

    Returns:
        One row per pair: a, b, problems on which a has the better median, problems, p (two-sided and exact;
        problems with equal medians are left out of it, as Wilcoxon does), p_holm. With fewer than six
        problems no p can be below 0.05.

    Raises:
        OptionError: there is no such indicator or budget.
    """
    with missing_extra("study"):
        import pandas as pd
    values = medians(indicators, budget, indicator)
    rows = []
    for a, b in combinations(values.columns, 2):
        both = values[[a, b]].dropna()
        # Medians may both be infinite, where neither algorithm has a front.
        differences = [0.0 if x == y else x - y for x, y in both.itertuples(index=False)]
        rows.append(
            {
                "a": a,
                "b": b,
                "a_better": sum(difference > 0 for difference in differences),
                "problems": len(both),
                "p": signed_rank(differences),
            }
        )
    table = pd.DataFrame(rows, columns=_PAIRS_OVER_PROBLEMS)
    table["p_holm"] = holm(table["p"])
    return table


def ranking(indicators: "pd.DataFrame", budget: float, indicator: str = "hypervolume") -> "pd.DataFrame":
    """Rank algorithms from the best to the worst.

    On each problem algorithms are ranked by their medians over the seeds, ties sharing a rank; the mean of
    these ranks over the problems decides. Only problems on which every algorithm has runs count.

    Returns:
        One row per algorithm: algorithm, runs (independent ones, on the problem with the fewest), mean_rank,
        median (of the medians), and how many comparisons of `compare` it wins and loses.

    Raises:
        OptionError: there is no such indicator or budget, or no problem with runs of all algorithms.
    """
    with missing_extra("study"):
        import pandas as pd
    values = medians(indicators, budget, indicator).dropna()
    if values.empty:
        raise OptionError(
            "no problem has runs of every algorithm: finish the study, or leave out algorithms that fail"
        )
    ranks = pd.DataFrame(rankdata(-values.to_numpy(), axis=1), index=values.index, columns=values.columns)
    counted = indicators[indicators["problem"].isin(values.index)]
    runs = independent_quality(counted, budget, indicator).groupby(["algorithm", "problem"]).size()
    pairs = compare(counted, budget, indicator)
    rows = []
    for name in values.columns:
        rows.append(
            {
                "algorithm": name,
                "runs": int(runs[name].min()),
                "mean_rank": float(ranks[name].mean()),
                "median": quality_sign(indicator) * float(values[name].median()),
                "wins": _count(pairs, name, "a") + _count(pairs, name, "b"),
                "losses": _count(pairs, name, "a", lost=True) + _count(pairs, name, "b", lost=True),
            }
        )
    return pd.DataFrame(rows).sort_values(["mean_rank", "algorithm"], ignore_index=True)


def deterministic(indicators: "pd.DataFrame", budget: float) -> dict[str, list[str]]:
    """Find the algorithms of whose runs only one is independent, each with the problems where that is so.

    Args:
        indicators: table of `StudyResult.indicators`.
        budget: budget of the compared fronts.
    """
    copies = indicators[(indicators["budget"] == budget) & ~indicators["independent"]]
    return {
        name: list(dict.fromkeys(group["problem"])) for name, group in copies.groupby("algorithm", sort=False)
    }


def medians(indicators: "pd.DataFrame", budget: float, indicator: str) -> "pd.DataFrame":
    """Compute the median quality of each algorithm (columns) on each problem (rows), in the table's order.

    More is better: indicators of which less is better are negative. NaN where an algorithm has no runs.
    """
    values = independent_quality(indicators, budget, indicator)
    table = values.groupby(["problem", "algorithm"], sort=False)["quality"].median().unstack()
    # unstack(sort=False) mixes up the values in pandas 2.
    problems, algorithms = (list(dict.fromkeys(values[key])) for key in ("problem", "algorithm"))
    return table.reindex(index=problems, columns=algorithms)


def independent_quality(indicators: "pd.DataFrame", budget: float, indicator: str) -> "pd.DataFrame":
    """Select the independent rows at a budget, with the indicator as a quality of which more is better."""
    if indicator not in _LESS_IS_BETTER:
        raise OptionError(f"expected an indicator of {', '.join(_LESS_IS_BETTER)}, got '{indicator}'")
    rows = indicators[indicators["budget"] == budget].dropna(subset=[indicator])
    if "independent" in rows:
        rows = rows[rows["independent"]]
    if rows.empty:
        raise OptionError(f"no values of {indicator} at a budget of {budget}")
    return rows.assign(quality=quality_sign(indicator) * rows[indicator])


def quality_sign(indicator: str) -> float:
    """Return 1 for an indicator of which more is better, and -1 for one of which less is."""
    return -1.0 if _LESS_IS_BETTER[indicator] else 1.0


def _count(pairs: "pd.DataFrame", name: str, side: str, lost: bool = False) -> int:
    winner = {"a": "b", "b": "a"}[side] if lost else side
    return int(((pairs[side] == name) & (pairs["better"] == winner)).sum())
