"""Two-sided rank tests with exact p-values, ties included."""

import functools
from collections.abc import Sequence

import numpy as np
from scipy.stats import mannwhitneyu, rankdata

MOST_EXACT = 200
"""Largest number of values in both samples for which the Mann-Whitney test is exact; more take seconds."""


def mann_whitney(a: Sequence[float], b: Sequence[float]) -> float:
    """Compute the p-value of the Mann-Whitney test (1947) that neither of two independent samples is greater.

    Twice the smaller tail of the rank sum over all ways to divide the values into samples of these sizes,
    all equally likely; equal values share their mean rank. It is never below 2 over the number of ways:
    2 / (n + 1) for one value against n. Above 200 values together it is the normal approximation with its
    corrections for ties and continuity.

    Args:
        a: values of one sample, at least one; infinite ones are allowed.
        b: values of the other sample, at least one.
    """
    if len(a) + len(b) > MOST_EXACT:
        return float(mannwhitneyu(a, b, method="asymptotic").pvalue)
    ranks = _doubled_ranks(np.r_[a, b])
    # One sample's rank sum determines the other's.
    fewer = min(ranks[: len(a)], ranks[len(a) :], key=len)
    return _two_tails(_rank_sum_chances(tuple(sorted(ranks)), len(fewer)), fewer.sum())


def signed_rank(differences: Sequence[float]) -> float:
    """Compute the p-value of Wilcoxon's signed-rank test (1945) that differences are symmetric about 0.

    Twice the smaller tail of the sum of the positive differences' ranks over all their signs, all equally
    likely. Differences of 0 are left out, and differences of equal size share their mean rank. With n others
    it is never below 2 / 2^n; with none it is 1.
    """
    known = np.asarray(differences, dtype=float)
    known = known[known != 0]
    ranks = _doubled_ranks(np.abs(known))
    chances = np.zeros(ranks.sum() + 1)
    chances[0] = 1.0
    for rank in ranks:
        # The right-hand side is computed from the chances before.
        chances[rank:] = chances[rank:] + chances[: len(chances) - rank]
        chances /= 2
    return _two_tails(chances, ranks[known > 0].sum())


def _doubled_ranks(values: np.ndarray) -> np.ndarray:
    """Compute mean ranks times two, which are integers."""
    return np.asarray(np.rint(2 * rankdata(values)), dtype=int)


@functools.lru_cache(maxsize=64)
def _rank_sum_chances(ranks: tuple[int, ...], size: int) -> np.ndarray:
    """Compute the probability of each sum of ``size`` of the ranks."""
    largest = sum(ranks[len(ranks) - size :])
    # Row k counts the ways to choose k ranks by their sum. Up to 1e59, to rounding: all terms are positive.
    ways = np.zeros((size + 1, largest + 1))
    ways[0, 0] = 1.0
    for rank in ranks:
        ways[1:, rank:] += ways[:-1, : largest + 1 - rank]
    return np.asarray(ways[-1] / ways[-1].sum())


def _two_tails(chances: np.ndarray, reached: int) -> float:
    return min(1.0, 2 * float(min(chances[: reached + 1].sum(), chances[reached:].sum())))
