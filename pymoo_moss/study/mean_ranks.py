"""Friedman's test over problems, and Nemenyi's critical difference of mean ranks."""

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from ..errors import OptionError
from .comparison import LEVEL, medians

if TYPE_CHECKING:
    import pandas as pd

_MOST_ORDERS = 50_000
"""Most orders of the algorithms on the problems that are tried for an exact p-value."""


@dataclass(frozen=True)
class FriedmanTest:
    """Mean ranks of algorithms over problems, and what can be said of their differences.

    Attributes:
        mean_ranks: of each algorithm, 1 being the best on every problem; the best first.
        problems: number of problems.
        p: p-value that all algorithms have the same ranks: exact if there are few of both, otherwise by the F
            distribution of Iman and Davenport (1980).
        critical_difference: mean ranks that differ by less are not significantly different at level 0.05, by
            Nemenyi's test of all pairs (Demšar 2006).
    """

    mean_ranks: "pd.Series"
    problems: int
    p: float
    critical_difference: float

    def groups(self) -> list[list[str]]:
        """Return the longest groups of algorithms whose mean ranks are not significantly different.

        Each is in the order of ranks, and none is a part of another; groups of one are left out.
        """
        names, ranks = list(self.mean_ranks.index), self.mean_ranks.to_numpy()
        # The last algorithm that each one, as the best of a group, is not significantly better than.
        stops = np.searchsorted(ranks, ranks + self.critical_difference, side="left")
        return [
            names[start:stop]
            for start, stop in enumerate(stops)
            if stop > start + 1 and (start == 0 or stop > stops[start - 1])
        ]


def friedman(indicators: "pd.DataFrame", budget: float, indicator: str = "hypervolume") -> FriedmanTest:
    """Test over problems whether algorithms differ, by the ranks of their medians on each problem.

    Problems are the blocks of the test; seeds only make medians more exact. Problems on which an algorithm
    has no runs are left out.

    Args:
        indicators: table of `StudyResult.indicators`.
        budget: budget of the compared fronts.
        indicator: the column to compare by.

    Raises:
        OptionError: there is no such indicator or budget, or fewer than two problems or algorithms.
    """
    values = medians(indicators, budget, indicator).dropna()
    return friedman_test(values)


def friedman_test(values: "pd.DataFrame") -> FriedmanTest:
    """Test values of problems (rows) and algorithms (columns), of which more is better.

    Raises:
        OptionError: there are fewer than two rows or columns.
    """
    problems, algorithms = values.shape
    if problems < 2 or algorithms < 2:
        raise OptionError(
            f"expected two or more algorithms with runs on two or more problems, got {algorithms} and "
            f"{problems}"
        )
    ranks = values.rank(axis=1, ascending=False)
    mean_ranks = ranks.mean().sort_values(kind="stable")
    return FriedmanTest(mean_ranks, problems, _p_value(ranks.to_numpy()), _critical(problems, algorithms))


def in_a_sentence(test: FriedmanTest) -> str:
    """Say what the test shows."""
    return (
        f"Friedman's test over {test.problems} problems: {p_in_words(test.p)}. Mean ranks that differ by "
        f"less than {test.critical_difference:.2f} are not shown to be different (Nemenyi, level {LEVEL})."
    )


def p_in_words(p: float) -> str:
    """Format a p-value to four digits after the point."""
    return "p < 0.0001" if p < 1e-4 else f"p = {p:.4f}"


def _p_value(ranks: np.ndarray) -> float:
    problems, algorithms = ranks.shape
    if math.factorial(algorithms) ** (problems - 1) <= _MOST_ORDERS:
        return _exact_p_value(ranks)
    middle = (algorithms + 1) / 2
    between = problems * ((ranks.mean(axis=0) - middle) ** 2).sum()
    # Ties share their mean rank, which lowers the variance of the ranks.
    within = ((ranks - middle) ** 2).sum() / (problems * (algorithms - 1))
    if within == 0:
        return 1.0
    statistic = between / within
    least = problems * (algorithms - 1) - statistic
    if least <= 0:
        return 0.0
    ratio = (problems - 1) * statistic / least
    return float(stats.f.sf(ratio, algorithms - 1, (algorithms - 1) * (problems - 1)))


def _exact_p_value(ranks: np.ndarray) -> float:
    """Compute the share of all orders of the algorithms, on each problem, with mean ranks as far apart."""
    # The same order on all problems changes nothing, so that the first may keep its own.
    sums = ranks[:1]
    for row in ranks[1:]:
        orders = np.array(list(itertools.permutations(row)))
        sums = (sums[:, None] + orders).reshape(-1, ranks.shape[1])
    apart = sums.var(axis=1)
    return float((apart >= ranks.sum(axis=0).var() - 1e-9).mean())


def _critical(problems: int, algorithms: int) -> float:
    quantile = stats.studentized_range.ppf(1 - LEVEL, algorithms, np.inf) / np.sqrt(2)
    return float(quantile * np.sqrt(algorithms * (algorithms + 1) / (6 * problems)))
