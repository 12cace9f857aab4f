import numpy as np
import pytest
from scipy.ndimage import label

from pymoo_moss.search.regions import labelled_regions

GRID = (6, 8)


def test_regions_are_connected_also_at_corners():
    mask, other = np.zeros(GRID), np.zeros(GRID)
    other[0, :2] = 1.0  # two variables
    other[3:5, 3:6] = 0.5  # six
    other[5, 6] = 0.9  # touches the six at a corner
    mask[0, 7] = 1.0  # one
    labels, count = labelled_regions(mask.ravel(), other.ravel(), GRID)
    assert count == 3
    assert sorted(np.bincount(labels)[1:]) == [1, 2, 7]
    np.testing.assert_array_equal(labels.reshape(GRID) > 0, mask != other)


@pytest.mark.parametrize("grid", [(1, 9), (9, 1), (2, 2), (16, 32), (31, 17)])
@pytest.mark.parametrize("share", [0.1, 0.4, 0.6, 0.9])
def test_regions_are_those_of_scipy(grid, share, rng):
    for _ in range(20):
        other = (rng.random(grid) < share).astype(float)
        labels, count = labelled_regions(np.zeros(other.size), other.ravel(), grid)
        expected, expected_count = label(other, structure=np.ones((3, 3)))
        assert count == expected_count
        np.testing.assert_array_equal(labels, expected.ravel())


def test_small_differences_are_none():
    mask = np.full(48, 0.5)
    labels, count = labelled_regions(mask, mask + 0.01, GRID)
    assert count == 0
    assert not labels.any()


def test_variables_on_no_grid_are_regions_of_one():
    labels, count = labelled_regions(np.zeros(5), np.array([1, 0, 0.01, 0.5, 1]), None)
    np.testing.assert_array_equal(labels, [1, 0, 0, 2, 3])
    assert count == 3


def test_regions_far_apart_change_the_losses_independently(problem):
    mask = np.full(problem.n_var, 0.3)
    rows, columns = problem.encoder.grid
    other = mask.reshape(rows, columns).copy()
    other[:, :2] = 0.9
    other[:, -2:] = 0.0
    labels, count = labelled_regions(mask, other.ravel(), (rows, columns))
    assert count == labels.max() == 2
    mixed = [np.where(labels == number, other.ravel(), mask) for number in (1, 2)]
    base, first, second, both = problem.evaluate(np.array([mask, *mixed, other.ravel()]))
    np.testing.assert_allclose(both - base, (first - base) + (second - base), rtol=1e-4)
