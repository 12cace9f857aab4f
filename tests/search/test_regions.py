import numpy as np

from pymoo_moss.search.regions import differing_regions

GRID = (6, 8)


def test_regions_are_connected_and_largest_first():
    mask, other = np.zeros(GRID), np.zeros(GRID)
    other[0, :2] = 1.0  # two variables
    other[3:5, 3:6] = 0.5  # six
    other[5, 6] = 0.9  # touches the six at a corner
    mask[0, 7] = 1.0  # one
    regions = differing_regions(mask.ravel(), other.ravel(), GRID, most=9)
    assert [int(region.sum()) for region in regions] == [7, 2, 1]
    np.testing.assert_array_equal(regions.sum(axis=0).reshape(GRID), (mask != other).astype(int))
    assert len(differing_regions(mask.ravel(), other.ravel(), GRID, most=2)) == 2


def test_small_differences_are_none():
    mask = np.full(48, 0.5)
    assert differing_regions(mask, mask + 0.01, GRID, most=3).shape == (0, 48)


def test_regions_far_apart_change_the_losses_independently(problem, rng):
    mask = np.full(problem.n_var, 0.3)
    rows, columns = problem.encoder.grid
    other = mask.reshape(rows, columns).copy()
    other[:, :2] = 0.9
    other[:, -2:] = 0.0
    regions = differing_regions(mask, other.ravel(), (rows, columns), most=9)
    assert len(regions) == 2
    mixed = [np.where(region, other.ravel(), mask) for region in [*regions, regions.any(axis=0)]]
    base, first, second, both = problem.evaluate(np.array([mask, *mixed]))
    np.testing.assert_allclose(both - base, (first - base) + (second - base), rtol=1e-4)
