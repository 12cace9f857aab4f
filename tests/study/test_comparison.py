"""Statistics against counting by hand and against published examples."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import mannwhitneyu

from pymoo_moss.errors import OptionError
from pymoo_moss.study import compare, compare_over_problems, ranking
from pymoo_moss.study.comparison import deterministic, holm, probability_of_superiority


def table(samples, budget=100, copies=()):
    """Indicators of ``samples[problem][algorithm]``, a list of hypervolumes each.

    Runs of the algorithms in ``copies`` are marked as copies of their first.
    """
    return pd.DataFrame(
        [
            {
                "problem": problem,
                "algorithm": algorithm,
                "seed": seed,
                "budget": budget,
                "independent": seed == 0 or algorithm not in copies,
                "hypervolume": value,
                "igd_plus": 1 - value,
                "share": np.nan,
            }
            for problem, algorithms in samples.items()
            for algorithm, values in algorithms.items()
            for seed, value in enumerate(values)
        ]
    )


def test_probability_of_superiority_counts_pairs():
    rng = np.random.default_rng(0)
    for _ in range(20):
        a, b = (rng.integers(0, 6, size) for size in rng.integers(1, 9, 2))
        pairs = [1.0 if x > y else 0.5 if x == y else 0.0 for x, y in product(a, b)]
        assert probability_of_superiority(a, b) == pytest.approx(np.mean(pairs), abs=1e-12)


def test_holm_steps_down():
    # 3 * 0.01, 2 * 0.02, 1 * 0.03 raised to the one before; capped at 1; order kept.
    np.testing.assert_allclose(holm([0.03, 0.01, 0.02]), [0.04, 0.03, 0.04], rtol=0, atol=1e-12)
    np.testing.assert_allclose(holm([0.9, 0.8]), [1.0, 1.0])
    assert holm([0.04]) == [0.04]
    assert len(holm([])) == 0


def test_holm_rejects_what_its_definition_rejects():
    rng = np.random.default_rng(6)
    for _ in range(50):
        p = np.round(rng.uniform(0, 0.2, rng.integers(1, 9)), 2)
        for corrected, own in zip(holm(p), p, strict=True):
            # The greatest of all smaller p-values, each by the number of those that are not before it.
            before = sorted(p)[: int((p <= own).sum())]
            expected = min(1.0, max((len(p) - place) * value for place, value in enumerate(before)))
            assert corrected == pytest.approx(expected, abs=1e-12)


def test_comparisons_find_what_is_different_and_nothing_else():
    rng = np.random.default_rng(1)
    same = rng.normal(0.8, 0.01, (2, 15))
    samples = {"p": {"x": same[0], "y": same[1], "worse": rng.normal(0.5, 0.01, 15)}}
    found = compare(table(samples), 100).set_index(["a", "b"])
    assert found.loc[("x", "y"), "better"] == ""
    assert found.loc[("x", "worse"), "better"] == "a"
    assert found.loc[("x", "worse"), "a12"] == 1.0
    expected = mannwhitneyu(same[0], samples["p"]["worse"], method="exact").pvalue
    assert found.loc[("x", "worse"), "p"] == pytest.approx(expected, abs=1e-12)
    np.testing.assert_allclose(found["p_holm"], holm(found["p"]))
    assert (found[["n_a", "n_b"]] == 15).all(axis=None)
    assert found.loc[("x", "worse"), "median_b"] == np.median(samples["p"]["worse"])


def test_copies_are_one_run():
    samples = {"p": {"same": [0.9] * 5, "drawn": [0.5, 0.6, 0.7, 0.8, 0.85]}}
    found = compare(table(samples, copies=["same"]), 100).iloc[0]
    assert found[["n_a", "n_b"]].tolist() == [1, 5]
    # Two of the six places that one run can take among five others.
    assert found["p"] == pytest.approx(2 / 6, abs=1e-12)
    assert found["better"] == ""
    places = ranking(table(samples, copies=["same"]), 100).set_index("algorithm")
    assert places["runs"].to_dict() == {"same": 1, "drawn": 5}
    assert places["wins"].tolist() == [0, 0]


def test_every_run_counts_where_nothing_is_said_of_copies():
    values = table({"p": {"x": [0.9] * 5, "y": [0.8] * 5}}).drop(columns="independent")
    assert compare(values, 100).iloc[0][["n_a", "n_b"]].tolist() == [5, 5]


def test_equal_values_have_exact_p_values():
    found = compare(table({"p": {"x": [0.9] * 5, "y": [0.8] * 5}}), 100).iloc[0]
    assert found["p"] == pytest.approx(2 / 252, abs=1e-12)


def test_the_fewest_runs_over_the_problems_are_given():
    samples = {"p": {"x": [0.9] * 3, "y": [0.5] * 2}, "q": {"x": [0.9], "y": [0.5] * 4}}
    assert ranking(table(samples), 100).set_index("algorithm")["runs"].to_dict() == {"x": 1, "y": 2}


def test_deterministic_algorithms_are_named_with_their_problems():
    samples = {problem: {"x": [0.9, 0.9], "y": [0.7, 0.8]} for problem in ("p", "q")}
    values = table(samples, copies=["x"])
    assert deterministic(values, 100) == {"x": ["p", "q"]}
    assert deterministic(values, 50) == {}


def test_one_algorithm_alone_leaves_tables_with_heads():
    values = table({"p": {"x": [0.9, 0.8]}})
    assert {"problem", "p_holm", "better"} <= set(compare(values, 100))
    assert {"a", "p_holm"} <= set(compare_over_problems(values, 100))
    assert len(compare(values, 100)) == len(compare_over_problems(values, 100)) == 0
    assert ranking(values, 100)["algorithm"].tolist() == ["x"]


def test_eleven_seeds_tell_sixty_algorithms_apart():
    samples = {"p": {f"{number}": number + np.linspace(0, 0.5, 11) for number in range(60)}}
    assert (compare(table(samples), 100)["better"] == "b").all()


def test_equal_values_are_allowed_for():
    samples = {"p": {"x": [0.9] * 11, "y": [0.8] * 11, "z": [0.8] * 11}}
    found = compare(table(samples), 100).set_index(["a", "b"])
    assert found.loc[("x", "y"), "better"] == "a"
    assert found.loc[("y", "z"), "p"] == 1.0
    assert found.loc[("y", "z"), "better"] == ""


def test_less_is_better_where_it_is():
    samples = {"p": {"good": np.linspace(0.8, 0.9, 12), "bad": np.linspace(0.1, 0.2, 12)}}
    found = compare(table(samples), 100, "igd_plus").iloc[0]
    assert found["better"] == "a"
    assert found["median_a"] < found["median_b"]
    places = ranking(table(samples), 100, "igd_plus")
    assert places["algorithm"].tolist() == ["good", "bad"]
    assert places["median"].iloc[0] == pytest.approx(0.15)


def test_the_ranking_is_that_of_mean_ranks_whatever_the_order_of_rows():
    samples = {
        "p": {"x": [0.9, 0.9], "y": [0.8, 0.8], "z": [0.7, 0.7]},
        "q": {"x": [0.3, 0.3], "y": [0.6, 0.6], "z": [0.6, 0.6]},
        "unfinished": {"z": [0.99]},
    }
    places = ranking(table(samples), 100)
    # x: 1 and 3; y: 2 and 1.5; z: 3 and 1.5.
    assert places["algorithm"].tolist() == ["y", "x", "z"]
    assert places["mean_rank"].tolist() == [1.75, 2.0, 2.25]
    shuffled = table(samples).sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(ranking(shuffled, 100), places)


def test_wins_and_losses_are_those_of_the_comparisons():
    rng = np.random.default_rng(2)
    samples = {
        problem: {name: rng.normal(mean, 0.01, 11) for name, mean in means.items()}
        for problem, means in {"p": {"x": 0.9, "y": 0.5}, "q": {"x": 0.7, "y": 0.7}}.items()
    }
    places = ranking(table(samples), 100).set_index("algorithm")
    assert places.loc["x", ["wins", "losses"]].tolist() == [1, 0]
    assert places.loc["y", ["wins", "losses"]].tolist() == [0, 1]


def test_over_problems_medians_are_compared_in_pairs():
    rng = np.random.default_rng(4)
    base = rng.uniform(0.2, 0.8, 8)
    samples = {
        str(number): {"x": [value + 0.01, 0.0, 1.0], "y": [value, 0.0, 1.0]}
        for number, value in enumerate(base)
    }
    found = compare_over_problems(table(samples), 100).iloc[0]
    assert found["a_better"] == found["problems"] == 8
    # All eight signs agree: two of 2^8 cases.
    assert found["p"] == pytest.approx(2 / 256, abs=1e-12)


def test_over_problems_equal_medians_are_left_out():
    medians = {"x": [0.5, 0.6, 0.7, 0.8], "y": [0.5, 0.5, 0.5, 0.5]}
    samples = {
        str(number): {name: [values[number]] for name, values in medians.items()} for number in range(4)
    }
    found = compare_over_problems(table(samples), 100).iloc[0]
    assert found["a_better"] == 3
    assert found["problems"] == 4
    assert found["p"] == pytest.approx(2 / 8, abs=1e-12)


def test_over_problems_infinite_medians_are_compared_too():
    values = table({"p": {"x": [0.9], "y": [0.0]}, "q": {"x": [0.0], "y": [0.0]}})
    values.loc[values["hypervolume"] == 0, "igd_plus"] = np.inf
    found = compare_over_problems(values, 100, "igd_plus").iloc[0]
    assert found["a_better"] == 1
    assert found["p"] == 1


def test_wrong_budgets_and_indicators_are_named():
    values = table({"p": {"x": [0.5]}})
    with pytest.raises(OptionError, match="budget of 7"):
        ranking(values, 7)
    with pytest.raises(OptionError, match="expected an indicator of hypervolume"):
        ranking(values, 100, "hv")
    with pytest.raises(OptionError, match="no values of share"):
        compare(values, 100, "share")


def test_nothing_in_common_is_named():
    with pytest.raises(OptionError, match="no problem has runs of every algorithm"):
        ranking(table({"p": {"x": [0.5]}, "q": {"y": [0.5]}}), 100)
