"""A result's own selections, against the functions of plain arrays."""

import numpy as np
import pytest

from pymoo_moss import ParetoTracer
from pymoo_moss.runs import clear_pick, distances_along, evenly_along, run_search, three_picks


@pytest.fixture(scope="module")
def result(display_problem):
    return run_search(display_problem, ParetoTracer(12), ("n_gen", 2), seed=1)


def test_its_selections_are_those_of_its_front_in_the_problems_box(result):
    box = result.problem.hypervolume_box
    assert result.picks == {"clear": clear_pick(result.F, *box), **three_picks(result.F, *box)}
    assert result.picks["best visual"] == result.F[:, 0].argmin()
    assert result.picks["best audio"] == result.F[:, 1].argmin()
    np.testing.assert_array_equal(result.along, distances_along(result.F, *box))
    for count in (1, 4, 100):
        assert result.evenly(count) == evenly_along(result.F, count, *box)


def test_picks_are_found_in_the_columns_that_are_named():
    F = np.array([[3.0, 0.0, 1.0], [2.0, 0.5, 0.5], [0.0, 1.0, 0.0]])
    assert three_picks(F, np.zeros(3), np.ones(3), picture=2, sound=0) == {
        "best visual": 2,
        "balanced": 1,
        "best audio": 2,
    }
    assert evenly_along(F, 3, np.zeros(3), np.ones(3), picture=2) == [2, 1, 0]
    assert evenly_along(F, 3, np.zeros(3), np.ones(3), picture=1) == [0, 1, 2]
