"""Shapes of fronts that are known in closed form, and what a known bound leaves open."""

import numpy as np
import pytest

from pymoo_moss.bounds import FrontBounds
from pymoo_moss.instances.characterisation import front_shape, looseness
from pymoo_moss.instances.characterisation.front_shape import curvatures, lame_exponent

ANGLES = np.linspace(0, np.pi / 2, 400)
INWARDS = 1 - np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)
"""A quarter of the unit circle around (1, 1), the first value rising."""
OUTWARDS = np.stack([np.sin(ANGLES), np.cos(ANGLES)], axis=1)
"""A quarter of the unit circle around (0, 0)."""
STRAIGHT = np.stack([np.linspace(0, 1, 50), np.linspace(1, 0, 50)], axis=1)


@pytest.mark.parametrize("exponent", [0.3, 0.5, 1.0, 2.0])
def test_the_exponent_of_a_lame_curve_is_found(exponent):
    # Dense near both axes, where the curve is steep.
    first = np.sin(np.linspace(0, np.pi / 2, 2_000)) ** (2 / exponent)
    points = np.stack([first, (1 - first**exponent).clip(min=0) ** (1 / exponent)], axis=1)
    assert front_shape(points).lame_exponent == pytest.approx(exponent, rel=1e-3)


def test_exponents_end_where_areas_do():
    assert lame_exponent(0.0) == 1e-2
    assert lame_exponent(1.0) == 1e2
    # The area under the circle.
    assert lame_exponent(np.pi / 4) == pytest.approx(2.0)


def test_a_circle_has_the_curvature_of_its_radius():
    inwards, outwards = front_shape(INWARDS), front_shape(OUTWARDS)
    assert inwards.curvature_median == pytest.approx(1.0, rel=1e-3)
    assert inwards.curvature_greatest == pytest.approx(1.0, rel=1e-3)
    assert outwards.curvature_median == pytest.approx(-1.0, rel=1e-3)
    assert inwards.knee == pytest.approx(np.sqrt(2) - 1, rel=1e-4)
    assert outwards.knee == pytest.approx(0.0)


def test_a_front_that_bends_outwards_has_no_supported_points_but_its_ends():
    inwards, outwards = front_shape(INWARDS), front_shape(OUTWARDS)
    assert inwards.unsupported == 0
    assert inwards.hull_area == pytest.approx(0.0, abs=1e-12)
    assert outwards.unsupported == pytest.approx(1 - 2 / len(OUTWARDS))
    assert outwards.hull_area == pytest.approx(np.pi / 4 - 0.5, rel=1e-4)


def test_a_line_has_no_curvature_and_the_exponent_1():
    found = front_shape(STRAIGHT)
    assert found.lame_exponent == pytest.approx(1.0, rel=1e-6)
    assert found.knee == pytest.approx(0.0, abs=1e-12)
    np.testing.assert_allclose(curvatures(STRAIGHT), 0.0, atol=1e-9)


def test_dominated_points_and_points_outside_change_nothing():
    more = np.vstack([INWARDS, [[0.9, 0.9], [1.5, -0.2]]])
    assert front_shape(more) == front_shape(INWARDS)


def test_what_a_tight_bound_leaves_open_is_due_to_the_number_of_points():
    low, ref = np.array([1.0, 10.0]), np.array([3.0, 30.0])
    bounds = FrontBounds(np.array([[1 / 2, 1 / 20]]), np.array([2.0]), (low, ref))
    # All points of the line f1 + f2 = 1 in the unit square, and one of them.
    found = looseness(bounds, low + (ref - low) * np.array([[0.5, 0.5]]))
    assert found.upper == pytest.approx(0.5)
    assert found.reached == pytest.approx(0.25)
    assert found.gap == pytest.approx(0.25)
    assert found.of_points == pytest.approx(0.25)
    # A point that is a tenth worse leaves more than that.
    worse = looseness(bounds, low + (ref - low) * np.array([[0.6, 0.6]]))
    assert worse.gap == pytest.approx(0.5 - 0.16)
    assert worse.of_points == pytest.approx(0.6 * 0.4)
