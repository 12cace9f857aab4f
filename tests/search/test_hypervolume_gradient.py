import moocore
import numpy as np
import pytest

from pymoo_moss.search.hypervolume_gradient import gained_areas, hypervolume_weights

STEP = 1e-6


def on_a_sphere(rng, count, n_obj):
    points = 0.1 + rng.random((count, n_obj))
    return 1 - 0.9 * points / np.linalg.norm(points, axis=1, keepdims=True)


def by_differences(points):
    """How much the hypervolume grows with each objective of each point, by central differences."""
    slopes = np.empty_like(points)
    for at in np.ndindex(points.shape):
        volumes = []
        for step in (STEP, -STEP):
            moved = points.copy()
            moved[at] -= step
            volumes.append(moocore.hypervolume(moved, ref=np.ones(points.shape[1])))
        slopes[at] = (volumes[0] - volumes[1]) / (2 * STEP)
    return slopes / slopes.max(axis=1, keepdims=True)


@pytest.mark.parametrize("n_obj", [2, 3])
@pytest.mark.parametrize("count", [1, 2, 9])
def test_weights_are_the_gradient_of_moocores_hypervolume(rng, n_obj, count):
    points = on_a_sphere(rng, count, n_obj)
    if n_obj == 2:
        # The corners of the box count as neighbours.
        slopes = by_differences(np.vstack([[[0.0, 1.0], [1.0, 0.0]], points]))[2:]
    else:
        slopes = by_differences(points)
    np.testing.assert_allclose(hypervolume_weights(points), np.maximum(slopes, 1e-5), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("n_obj", [2, 3, 4])
def test_dominated_and_equal_points_have_weights_too(rng, n_obj):
    points = np.vstack([on_a_sphere(rng, 5, n_obj), np.full((2, n_obj), 0.95), np.full((1, n_obj), 1.5)])
    weights = hypervolume_weights(points)
    assert np.isfinite(weights).all()
    assert (weights > 0).all()
    np.testing.assert_array_equal(weights.max(axis=1), 1)


def test_gained_areas_are_differences_of_moocores_hypervolume(rng):
    front = on_a_sphere(rng, 9, 2)
    front = front[np.argsort(front[:, 0])]
    points = rng.random((20, 2))
    before = moocore.hypervolume(front, ref=np.ones(2))
    expected = [moocore.hypervolume(np.vstack([front, point]), ref=np.ones(2)) - before for point in points]
    np.testing.assert_allclose(gained_areas(front, points), expected, atol=1e-12)
