"""The volume above planes against exact volumes, Qhull and Monte Carlo; facets of hulls."""

import itertools

import numpy as np
import pytest
from scipy.spatial import ConvexHull, HalfspaceIntersection

from pymoo_moss import FrontBounds
from pymoo_moss.bounds.facets import facets_below, neighbours_of, open_facets
from pymoo_moss.bounds.volume import volume_above

UNIT_BOX = np.zeros(3), np.ones(3)


def random_planes(rng, count):
    """Planes that touch a convex surface below the diagonal, and some that are upright."""
    weights = rng.dirichlet(np.ones(3), count)
    weights[: count // 4, rng.integers(3)] = 0.0
    weights /= weights.sum(axis=1, keepdims=True)
    return weights, 0.4 * np.prod(np.maximum(weights, 1e-3) ** weights, axis=1)


def volume_by_qhull(weights, lower):
    """The volume within the unit cube by vertices."""
    sides = np.vstack([np.c_[-np.eye(3), np.zeros(3)], np.c_[np.eye(3), -np.ones(3)]])
    planes = np.vstack([np.c_[-weights, lower], sides])
    corners = HalfspaceIntersection(planes, np.full(3, 0.98)).intersections
    return ConvexHull(corners).volume


@pytest.mark.parametrize(
    ("weights", "lower", "volume"),
    [
        (np.empty((0, 3)), np.empty(0), 1.0),
        ([[1.0, 1.0, 1.0]], [1.0], 5 / 6),
        ([[1.0, 1.0, 1.0]], [2.0], 1 / 6),
        ([[1.0, 1.0, 1.0]], [1.5], 0.5),
        ([[1.0, 0.0, 0.0]], [0.25], 0.75),
        ([[0.0, 1.0, 0.0]], [0.25], 0.75),
        ([[0.0, 0.0, 1.0]], [0.25], 0.75),
        ([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], [0.5, 0.5, 0.5], 0.125),
        ([[1.0, 1.0, 0.0]], [1.0], 0.5),
        ([[1.0, 1.0, 1.0]], [-1.0], 1.0),
        ([[1.0, 1.0, 1.0]], [4.0], 0.0),
        ([[1.0, 2.0, 4.0]], [1.0], 1 - 1 / 48),
    ],
)
def test_simple_planes_have_simple_volumes(weights, lower, volume):
    found = volume_above(np.array(weights), np.array(lower))
    assert volume <= found.upper
    assert found.upper == pytest.approx(volume, abs=max(3e-5, 3 * found.error))
    bounds = FrontBounds(np.array(weights), np.array(lower), UNIT_BOX)
    assert bounds.hypervolume_upper == found.upper


@pytest.mark.parametrize("count", [1, 3, 12, 60])
def test_the_volume_is_that_of_the_polytope_rounded_up(rng, count):
    weights, lower = random_planes(rng, count)
    found, exact = volume_above(weights, lower), volume_by_qhull(weights, lower)
    assert exact <= found.upper + 1e-12
    assert found.upper == pytest.approx(exact, abs=found.error + 1e-12)
    assert found.error < 3e-5


def test_the_volume_is_that_of_random_points(rng):
    low, extent = np.array([3.0, -1.0, 0.0]), np.array([2.0, 0.1, 30.0])
    weights, lower = random_planes(rng, 9)
    of_box = FrontBounds(weights / extent, lower + (weights / extent) @ low, (low, low + extent))
    points = low + rng.random((200_000, 3)) * extent
    inside = (points @ of_box.weights.T >= of_box.lower_bounds).all(axis=1).mean()
    # Four standard deviations of the share of so many points.
    assert of_box.hypervolume_upper == pytest.approx(inside, abs=4 * np.sqrt(0.25 / 200_000))


def test_more_planes_never_add_volume(rng):
    weights, lower = random_planes(rng, 40)
    volumes = [volume_above(weights[:count], lower[:count]) for count in (1, 5, 20, 40)]
    for before, after in itertools.pairwise(volumes):
        assert after.upper <= before.upper + after.error


def test_faces_are_the_derivative_of_the_volume(rng):
    weights, lower = random_planes(rng, 12)
    faces = volume_above(weights, lower).faces
    largest, step = int(faces.argmax()), 1e-3
    moved = [volume_by_qhull(weights, lower + side * step * (np.arange(12) == largest)) for side in (-1, 1)]
    assert faces[largest] == pytest.approx((moved[0] - moved[1]) / (2 * step), rel=0.02)


def test_without_a_third_weight_the_volume_is_the_area(rng):
    weights, lower = rng.random((7, 2)), 0.3 * rng.random(7)
    area = FrontBounds(weights, lower, (np.zeros(2), np.ones(2))).hypervolume_upper
    volume = volume_above(np.c_[weights, np.zeros(7)], lower)
    assert area <= volume.upper + 1e-12
    assert volume.upper == pytest.approx(area, abs=volume.error + 1e-12)


def test_facets_are_those_of_the_lower_hull(rng):
    simplex = np.vstack([np.eye(3), [[0.4, 0.4, 0.4]]])
    facets = facets_below(simplex)
    inner = np.flatnonzero((facets.normals > 0.1).all(axis=1))
    # The last point is above the plane through the others, and on no facet.
    np.testing.assert_allclose(facets.normals[inner], np.full((1, 3), 3**-0.5))
    assert facets.areas[inner[0]] == pytest.approx(np.sqrt(3) / 2)
    np.testing.assert_allclose(facets.centres[inner[0]], np.full(3, 1 / 3))
    points = rng.random((40, 3))
    of_points = facets_below(points)
    offsets = (of_points.normals * of_points.centres).sum(axis=1)
    within = (of_points.centres < 1 - 1e-9).all(axis=1)
    assert (points @ of_points.normals[within].T >= offsets[within] - 1e-9).all()


def test_open_facets_are_those_with_most_volume_below(rng):
    simplex = np.eye(3)
    facets = facets_below(simplex)
    nothing = np.array([[1e-3, 1.0, 1e-3]]), np.array([0.0])
    first = open_facets(facets, *nothing, 1, 1)
    np.testing.assert_allclose(first, np.ones((1, 3)))
    # A plane through the facet leaves nothing below it.
    known = np.vstack([nothing[0], first]), np.array([0.0, 1.0])
    assert not any(np.allclose(one, 1.0) for one in open_facets(facets, *known, 1, 9))


def test_neighbours_are_pairs_of_distinct_points(rng):
    points = rng.random((30, 3))
    pairs = neighbours_of(points)
    assert (pairs[:, 0] < pairs[:, 1]).all()
    lengths = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)
    assert (np.diff(lengths) <= 0).all()
    assert set(pairs.ravel()) == set(range(30))
