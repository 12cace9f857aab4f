"""Attainment against counting runs, and against moocore."""

import moocore
import numpy as np
import pytest

from pymoo_moss.study.attainment import attainment_difference, attainment_surface

EMPTY = np.empty((0, 2))


def random_fronts(rng, runs, fewest=0):
    """Of up to eight points each on a coarse grid, so that runs share coordinates."""
    counts = rng.integers(fewest, 9, runs)
    return [rng.integers(0, 12, (count, 2)) / 12 for count in counts]


def attained_by(fronts, point):
    """How many of the runs attain it."""
    return sum((front <= point).all(axis=1).any() for front in fronts)


def test_surfaces_are_where_enough_runs_attain():
    rng = np.random.default_rng(0)
    for _ in range(60):
        fronts = random_fronts(rng, rng.integers(1, 6))
        for count in range(1, len(fronts) + 1):
            corners = attainment_surface(fronts, count)
            assert (np.diff(corners[:, 0]) > 0).all()
            assert (np.diff(corners[:, 1]) < 0).all()
            for point in rng.integers(-1, 14, (20, 2)) / 12:
                assert (corners <= point).all(axis=1).any() == (attained_by(fronts, point) >= count)


def test_surfaces_are_those_of_moocore():
    rng = np.random.default_rng(1)
    for _ in range(60):
        fronts = random_fronts(rng, rng.integers(1, 6), fewest=1)
        numbers = np.repeat(np.arange(len(fronts)), [len(front) for front in fronts])
        for count in range(1, len(fronts) + 1):
            level = moocore.eaf(np.vstack(fronts), numbers, percentiles=[100 * count / len(fronts)])[:, :2]
            np.testing.assert_array_equal(attainment_surface(fronts, count), level[np.argsort(level[:, 0])])


def test_differences_are_those_of_shares_whatever_the_numbers_of_runs():
    rng = np.random.default_rng(2)
    for _ in range(100):
        a, b = (random_fronts(rng, rng.integers(1, 6)) for _ in range(2))
        rectangles, shares = attainment_difference(a, b)
        assert (shares != 0).all()
        for point in rng.integers(-1, 14, (20, 2)) / 12:
            within = (rectangles[:, :2] <= point).all(axis=1) & (point < rectangles[:, 2:]).all(axis=1)
            assert within.sum() <= 1
            expected = attained_by(a, point) / len(a) - attained_by(b, point) / len(b)
            assert shares[within].sum() == pytest.approx(expected, abs=1e-12)


def test_fronts_without_points_attain_nothing():
    point = np.array([[0.25, 0.5]])
    assert len(attainment_surface([EMPTY, EMPTY], 1)) == 0
    assert len(attainment_surface([EMPTY, point], 2)) == 0
    np.testing.assert_array_equal(attainment_surface([EMPTY, point], 1), point)
    assert len(attainment_difference([EMPTY], [EMPTY, EMPTY])[0]) == 0
    rectangles, shares = attainment_difference([EMPTY, point], [EMPTY])
    assert rectangles.tolist() == [[0.25, 0.5, np.inf, np.inf]]
    assert shares.tolist() == [0.5]


def test_equal_fronts_do_not_differ():
    fronts = random_fronts(np.random.default_rng(3), 3, fewest=1)
    assert len(attainment_difference(fronts, fronts[::-1])[0]) == 0
    assert len(attainment_difference(fronts[:1], fronts[:1] * 4)[0]) == 0
