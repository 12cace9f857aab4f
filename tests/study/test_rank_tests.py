"""Exact p-values against all divisions and all signs, and against scipy where it is exact too."""

from itertools import combinations, product
from math import comb

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, rankdata, wilcoxon

from pymoo_moss.study.rank_tests import MOST_EXACT, mann_whitney, signed_rank


def two_tails(all_sums, reached):
    """Twice the share of the smaller tail; sums of mean ranks are exact in floating point."""
    tails = np.mean(all_sums <= reached), np.mean(all_sums >= reached)
    return min(1.0, 2 * min(tails))


def by_all_divisions(a, b):
    ranks = rankdata([*a, *b])
    sums = np.array([ranks[list(chosen)].sum() for chosen in combinations(range(len(ranks)), len(a))])
    return two_tails(sums, ranks[: len(a)].sum())


def by_all_signs(differences):
    others = [difference for difference in differences if difference != 0]
    ranks = rankdata(np.abs(others))
    sums = np.array([np.dot(signs, ranks) for signs in product((0, 1), repeat=len(others))])
    return two_tails(sums, ranks[np.array(others) > 0].sum() if others else 0)


def test_with_equal_values_p_is_that_of_all_divisions():
    rng = np.random.default_rng(0)
    for a_size, b_size in product(range(1, 7), repeat=2):
        for greatest in (2, 4, 9):
            a, b = rng.integers(0, greatest, a_size), rng.integers(0, greatest, b_size) + rng.integers(0, 2)
            assert mann_whitney(a, b) == pytest.approx(by_all_divisions(a, b), abs=1e-12)


def test_without_equal_values_p_is_that_of_scipy():
    rng = np.random.default_rng(1)
    for a_size, b_size in ((1, 1), (1, 11), (5, 5), (11, 11), (7, 30), (40, 3), (100, 100)):
        a, b = rng.normal(0, 1, a_size), rng.normal(0.5, 1, b_size)
        expected = mannwhitneyu(a, b, method="exact").pvalue
        assert mann_whitney(a, b) == pytest.approx(expected, rel=1e-12, abs=0)
        assert mann_whitney(b, a) == pytest.approx(expected, rel=1e-12, abs=0)


def test_p_is_never_below_what_the_number_of_divisions_allows():
    assert mann_whitney([0.9] * 5, [0.8] * 5) == pytest.approx(2 / comb(10, 5), abs=1e-15)
    for size in (1, 2, 10, 38):
        assert mann_whitney([1.0], [0.5] * size) == pytest.approx(2 / (size + 1), abs=1e-12)


def test_samples_that_cannot_be_told_apart_have_p_1():
    assert mann_whitney([0.5] * 11, [0.5] * 11) == 1
    assert mann_whitney([np.inf] * 3, [np.inf] * 3) == 1
    assert mann_whitney([0.5] * MOST_EXACT, [0.5]) == 1


def test_large_samples_use_the_normal_approximation():
    rng = np.random.default_rng(2)
    a, b = rng.integers(0, 50, MOST_EXACT), rng.integers(5, 50, 30)
    assert mann_whitney(a, b) == mannwhitneyu(a, b, method="asymptotic").pvalue


def test_p_of_signed_ranks_is_that_of_all_signs():
    rng = np.random.default_rng(3)
    for size in range(11):
        for greatest in (1, 3, 100):
            differences = rng.integers(-greatest, greatest + 1, size)
            assert signed_rank(differences) == pytest.approx(by_all_signs(differences), abs=1e-12)


def test_p_of_signed_ranks_is_that_of_scipy_where_no_two_are_equal():
    differences = np.random.default_rng(4).normal(0.3, 1, 36)
    expected = wilcoxon(differences, method="exact").pvalue
    assert signed_rank(differences) == pytest.approx(expected, rel=1e-12, abs=0)


def test_zeros_are_left_out_of_signed_ranks():
    assert signed_rank([0.0, 0.0]) == signed_rank([]) == 1
    assert signed_rank([0.0, 1.0, 2.0, 0.0, 3.0]) == signed_rank([1.0, 2.0, 3.0]) == 2 / 8
