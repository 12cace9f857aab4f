"""Exact duplicate elimination against pymoo's own."""

import numpy as np
import pytest
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.duplicate import DefaultDuplicateElimination
from pymoo.core.population import Population
from pymoo.optimize import minimize

from pymoo_moss.search import ExactDuplicateElimination, LevelSampling


@pytest.mark.parametrize("seed", range(5))
def test_the_same_masks_are_left_as_by_pymoo(seed):
    rng = np.random.default_rng(seed)
    # Few levels and permutations: equal masks, and unequal ones with equal sums.
    first, second, third = (Population.new(X=rng.integers(0, 3, (n, 4)) / 2) for n in (40, 30, 20))
    for others in ((), (second,), (second, third)):
        expected = DefaultDuplicateElimination().do(first, *others).get("X")
        np.testing.assert_array_equal(ExactDuplicateElimination().do(first, *others).get("X"), expected)


def test_negative_zero_is_zero():
    population = Population.new(X=np.array([[0.0, 1.0], [-0.0, 1.0]]))
    assert len(ExactDuplicateElimination().do(population)) == 1


def test_a_run_is_the_same_as_with_pymoos(problem):
    found = [
        minimize(problem, NSGA2(pop_size=12, sampling=LevelSampling(), **options), ("n_gen", 4), seed=1).X
        for options in ({}, {"eliminate_duplicates": ExactDuplicateElimination()})
    ]
    np.testing.assert_array_equal(found[1], found[0])
