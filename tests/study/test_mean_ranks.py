"""Friedman's test against scipy's and published values."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from scipy import stats

from pymoo_moss.errors import OptionError
from pymoo_moss.study import StudyResult, friedman
from pymoo_moss.study.facts import ProblemFacts
from pymoo_moss.study.mean_ranks import FriedmanTest, friedman_test, in_a_sentence
from pymoo_moss.study.rank_plot import plot_ranks
from pymoo_moss.study.report import write_report
from pymoo_moss.study.task import Run


def table(values):
    columns = [f"a{number}" for number in range(values.shape[1])]
    return pd.DataFrame(values, columns=columns)


@pytest.mark.parametrize("digits", [9, 1])
def test_p_value_is_that_of_scipys_statistic(digits):
    rng = np.random.default_rng(2)
    values = np.round(rng.random((12, 5)) + 0.15 * np.arange(5), digits)
    found = friedman_test(table(values))
    statistic, _ = stats.friedmanchisquare(*values.T)
    problems, algorithms = values.shape
    ratio = (problems - 1) * statistic / (problems * (algorithms - 1) - statistic)
    degrees = algorithms - 1, (algorithms - 1) * (problems - 1)
    assert found.p == pytest.approx(stats.f.sf(ratio, *degrees), rel=1e-9)


def test_ranks_and_critical_difference_are_demsars():
    # Demšar (2006), table 6 and section 3.2.2: four algorithms on 14 data sets.
    values = np.array(
        [
            [0.763, 0.768, 0.771, 0.798],
            [0.599, 0.591, 0.590, 0.569],
            [0.954, 0.971, 0.968, 0.967],
            [0.628, 0.661, 0.654, 0.657],
            [0.882, 0.888, 0.886, 0.898],
            [0.936, 0.931, 0.916, 0.931],
            [0.661, 0.668, 0.609, 0.685],
            [0.583, 0.583, 0.563, 0.625],
            [0.775, 0.838, 0.866, 0.875],
            [1.000, 1.000, 1.000, 1.000],
            [0.940, 0.962, 0.965, 0.962],
            [0.619, 0.666, 0.614, 0.669],
            [0.972, 0.981, 0.9751, 0.975],
            [0.957, 0.978, 0.946, 0.970],
        ]
    )
    found = friedman_test(table(values))
    np.testing.assert_allclose(
        found.mean_ranks[["a0", "a1", "a2", "a3"]], [3.143, 2.000, 2.893, 1.964], atol=5e-4
    )
    assert found.critical_difference == pytest.approx(2.569 * np.sqrt(4 * 5 / (6 * 14)), rel=1e-3)


def test_groups_join_what_is_not_different():
    ranks = pd.Series([1.0, 1.8, 2.6, 4.6], index=list("abcd"))
    assert FriedmanTest(ranks, 9, 0.01, 1.0).groups() == [["a", "b"], ["b", "c"]]
    assert FriedmanTest(ranks, 9, 0.01, 2.1).groups() == [["a", "b", "c"], ["c", "d"]]
    assert FriedmanTest(ranks, 9, 0.01, 0.1).groups() == []
    assert FriedmanTest(ranks, 9, 0.01, 9.0).groups() == [["a", "b", "c", "d"]]


def test_equal_algorithms_are_not_different():
    assert friedman_test(table(np.ones((5, 3)))).p == 1.0


def test_a_perfect_order_has_the_least_p_that_there_is():
    for problems, algorithms in ((3, 2), (5, 3), (2, 4)):
        found = friedman_test(table(np.tile(np.arange(algorithms), (problems, 1))))
        assert found.p == pytest.approx(math.factorial(algorithms) ** (1.0 - problems))


@pytest.mark.parametrize("ties", [False, True])
def test_few_problems_have_an_exact_p_value(ties):
    rng = np.random.default_rng(6)
    values = rng.integers(0, 3, (4, 3)).astype(float) if ties else rng.random((4, 3))
    ranks = np.array([stats.rankdata(-row) for row in values])
    apart = []
    for orders in itertools.product(*(itertools.permutations(row) for row in ranks)):
        apart.append(np.sum(orders, axis=0).var())
    expected = np.mean(np.array(apart) >= ranks.sum(axis=0).var() - 1e-9)
    assert friedman_test(table(values)).p == pytest.approx(expected)


def test_exact_and_approximate_p_values_are_near():
    rng = np.random.default_rng(7)
    values = rng.random((9, 3)) + 0.08 * np.arange(3)
    approximate = friedman_test(table(values)).p
    ranks = np.array([stats.rankdata(-row) for row in values])
    sums = np.array([np.sum([rng.permutation(row) for row in ranks], axis=0).var() for _ in range(20_000)])
    assert approximate == pytest.approx((sums >= ranks.sum(axis=0).var() - 1e-9).mean(), abs=0.02)


def test_the_test_takes_medians_of_independent_runs_and_whole_problems():
    rows = [
        {"problem": p, "algorithm": a, "seed": s, "budget": 10, "independent": True, "hypervolume": value}
        for p in ("p", "q", "r")
        for a, quality in (("x", 0.5), ("y", 0.4))
        for s, value in ((1, quality), (2, quality), (3, 0.9 - quality))
        if (p, a) != ("r", "x")
    ]
    found = friedman(pd.DataFrame(rows), 10)
    assert found.problems == 2
    assert found.mean_ranks.to_dict() == {"x": 1.0, "y": 2.0}


def test_one_algorithm_or_problem_is_refused():
    with pytest.raises(OptionError, match="two or more algorithms"):
        friedman_test(table(np.ones((5, 1))))


def test_the_plot_names_every_algorithm_and_joins_groups():
    ranks = pd.Series([1.2, 1.8, 2.6, 4.4], index=["a", "$b", "c_d", "e"])
    test = FriedmanTest(ranks, 9, 0.01, 1.0)
    axes = Figure().add_subplot()
    plot_ranks(axes, test)
    words = [text.get_text().strip() for text in axes.texts]
    assert {"a (1.2)", "$b (1.8)", "c_d (2.6)", "e (4.4)"} <= set(words)
    thick = [line.get_xdata() for line in axes.lines if line.get_linewidth() == 2.5]
    assert len(thick) == len(test.groups()) == 2
    assert thick[0][0] < 1.2 < 1.8 < thick[0][1]


def test_a_report_has_the_test_over_problems(tmp_path):
    rng = np.random.default_rng(8)
    facts, runs = {}, []
    for number in range(3):
        facts[f"p{number}"] = ProblemFacts((np.zeros(2), np.ones(2)), None, None)
        for algorithm, best in (("good", 0.2), ("bad", 0.5)):
            for seed in (1, 2):
                front = np.array([[best, best]]) + 0.01 * rng.random((1, 2))
                one = np.array([1.0])
                runs.append(Run(f"p{number}", algorithm, seed, one, one, one, one, one, {9: front}, {9: 9}))
    result = StudyResult(runs, facts, (9,))
    write_report(tmp_path, result)
    test = friedman(result.indicators(), 9)
    assert test.problems == 3
    assert in_a_sentence(test) in (tmp_path / "ranking.md").read_text()
    assert (tmp_path / "plots" / "ranks.svg").is_file()
