import numpy as np

from pymoo_moss.search.regions import labelled_regions

GRID = (6, 8)


def test_regions_are_connected_also_at_corners():
    mask, other = np.zeros(GRID), np.zeros(GRID)
    other[0, :2] = 1.0  # two variables
    other[3:5, 3:6] = 0.5  # six
    other[5, 6] = 0.9  # touches the six at a corner
    mask[0, 7] = 1.0  # one
    labels = labelled_regions(mask.ravel(), other.ravel(), GRID)
    assert sorted(np.bincount(labels)[1:]) == [1, 2, 7]
    np.testing.assert_array_equal(labels.reshape(GRID) > 0, mask != other)


def test_small_differences_are_none():
    mask = np.full(48, 0.5)
    assert not labelled_regions(mask, mask + 0.01, GRID).any()


def test_variables_on_no_grid_are_regions_of_one():
    labels = labelled_regions(np.zeros(5), np.array([1, 0, 0.01, 0.5, 1]), None)
    np.testing.assert_array_equal(labels, [1, 0, 0, 2, 3])


def test_regions_far_apart_change_the_losses_independently(problem):
    mask = np.full(problem.n_var, 0.3)
    rows, columns = problem.encoder.grid
    other = mask.reshape(rows, columns).copy()
    other[:, :2] = 0.9
    other[:, -2:] = 0.0
    labels = labelled_regions(mask, other.ravel(), (rows, columns))
    assert labels.max() == 2
    mixed = [np.where(labels == number, other.ravel(), mask) for number in (1, 2)]
    base, first, second, both = problem.evaluate(np.array([mask, *mixed, other.ravel()]))
    np.testing.assert_allclose(both - base, (first - base) + (second - base), rtol=1e-4)
