import moocore
import numpy as np
import pytest

from pymoo_moss import FrontBounds, MOSSProblem, ParetoTracer, certify
from pymoo_moss.errors import ObjectiveError, OptionError

from ..search.conftest import search

UNIT_BOX = np.zeros(2), np.ones(2)


@pytest.fixture(scope="module")
def bounds(problem):
    return certify(problem)


@pytest.mark.parametrize("low", [0.0, 3.0])
def test_the_area_above_the_bounds_is_the_hypervolume_left(rng, low):
    weights, scale = rng.random((9, 2)), np.array([2.0, 30.0])
    point = rng.random(2) * 0.5
    lower = (weights * point).sum(axis=1) - 0.1 * rng.random(9)
    box = np.full(2, low), low + scale
    found = FrontBounds(weights / scale, lower + (weights / scale * low).sum(axis=1), box)
    across = (np.arange(4000) + 0.5) / 4000
    heights = ((lower[:, None] - weights[:, :1] * across) / weights[:, 1:]).max(axis=0)
    # Every number but the sum is by hand: midpoints of thin strips.
    assert found.hypervolume_upper == pytest.approx(1 - np.clip(heights, 0, 1).mean(), abs=1e-6)


@pytest.mark.parametrize(
    ("weights", "lower", "upper"),
    [
        (np.empty((0, 2)), np.empty(0), 1.0),
        ([[1.0, 1.0]], [1.0], 0.5),
        ([[1.0, 0.0]], [0.25], 0.75),
        ([[0.0, 1.0]], [0.25], 0.75),
        ([[1.0, 0.0], [0.0, 1.0]], [0.5, 0.5], 0.25),
        ([[1.0, 1.0]], [-1.0], 1.0),
        ([[1.0, 1.0]], [3.0], 0.0),
    ],
)
def test_simple_bounds_have_simple_areas(weights, lower, upper):
    found = FrontBounds(np.array(weights), np.array(lower), UNIT_BOX)
    assert found.hypervolume_upper == pytest.approx(upper, abs=1e-15)


@pytest.mark.parametrize(
    ("corners", "upper"),
    [
        ([[0.0, 0.0]], 0.5),
        ([[0.5, 0.0], [0.0, 0.5]], 0.5),
        ([[0.5, 0.5]], 0.25),
        ([[0.75, 0.0], [0.25, 0.75]], 0.21875 + 0.125),
        ([[2.0, 0.0]], 0.0),
    ],
)
def test_quadrants_cut_off_what_half_planes_leave(corners, upper):
    found = FrontBounds(np.array([[1.0, 1.0]]), np.array([1.0]), UNIT_BOX, corners=np.array(corners))
    assert found.hypervolume_upper == pytest.approx(upper, abs=1e-15)


def test_the_area_within_quadrants_and_half_planes_is_that_of_thin_strips(rng):
    weights, corners = rng.random((5, 2)), rng.random((12, 2))
    lower = (weights * rng.random(2) * 0.4).sum(axis=1)
    low, scale = np.array([1.0, -2.0]), np.array([3.0, 0.5])
    found = FrontBounds(
        weights / scale,
        lower + (weights / scale * low).sum(axis=1),
        (low, low + scale),
        corners=low + corners * scale,
    )
    across = (np.arange(20000) + 0.5) / 20000
    lines = ((lower[:, None] - weights[:, :1] * across) / weights[:, 1:]).max(axis=0)
    steps = np.where(corners[:, :1] <= across, corners[:, 1:], 1.0).min(axis=0)
    area = np.clip(np.maximum(lines, steps), 0, 1).mean()
    assert found.hypervolume_upper == pytest.approx(1 - area, abs=1e-4)


def test_looseness_is_the_share_that_no_point_reaches():
    line = np.array([[1.0, 1.0]]), np.array([1.0])
    known = FrontBounds(*line, UNIT_BOX, points=np.array([[0.5, 0.5], [0.6, 0.7]]))
    assert known.hypervolume_lower == pytest.approx(0.25)
    assert known.looseness == pytest.approx(0.5)
    with pytest.warns(UserWarning, match="bound 0.500 is loose: the best points known have a share of 0.500"):
        assert known.share(np.array([[0.5, 0.75]])) == pytest.approx(0.25)
    tight = FrontBounds(*line, UNIT_BOX, points=np.array([[x, 1 - x] for x in np.linspace(0, 1, 41)]))
    assert tight.looseness < 0.05
    assert tight.share(np.array([[0.5, 0.5]])) == pytest.approx(0.5)


def test_the_gap_is_the_hypervolume_to_the_bound():
    found = FrontBounds(np.array([[1.0, 1.0]]), np.array([1.0]), UNIT_BOX)
    assert found.gap(np.array([[0.5, 0.5]])) == pytest.approx(0.25)
    assert found.gap(np.array([2.0, 2.0])) == pytest.approx(0.5)
    assert FrontBounds(found.weights, found.lower_bounds, (np.zeros(2), np.zeros(2))).gap(np.zeros(2)) == 0


def test_nothing_that_was_ever_found_is_below_the_bounds(problem, bounds, rng):
    noise = rng.random((200, problem.n_var))
    levels = np.repeat(np.linspace(0, 1, 101)[:, None], problem.n_var, axis=1)
    corners = (rng.random((200, problem.n_var)) < rng.random((200, 1))).astype(float)
    traced = search(problem, ParetoTracer(60), ("n_gen", 20)).pop.get("F")
    F = np.vstack([problem.evaluate(np.vstack([noise, levels, corners])), traced])
    assert (bounds.lower_bounds <= F @ bounds.weights.T).all()
    assert problem.hypervolume(F) < bounds.hypervolume_upper
    assert bounds.gap(F) < 0.03


def test_bounds_are_those_of_the_problems_own_units_and_order(problem, encoder, bounds):
    for options in ({"normalize": True}, {"objectives": ["audio_log_l1", "visual_l1"]}):
        other = MOSSProblem(encoder=encoder, **options)
        found = certify(other)
        assert found.hypervolume_upper == pytest.approx(bounds.hypervolume_upper, abs=1e-9)
        F = other.evaluate(np.random.default_rng(0).random((50, other.n_var)))
        assert (found.lower_bounds <= F @ found.weights.T).all()


def test_more_weights_never_loosen_and_passes_tighten(problem, bounds):
    few = certify(problem, n_weights=4, n_passes=0)
    assert len(few.weights) == 4
    assert len(bounds.weights) == len(bounds.lower_bounds) == 48
    assert few.hypervolume_upper > bounds.hypervolume_upper
    assert certify(problem, n_passes=0).hypervolume_upper > bounds.hypervolume_upper
    assert len(certify(problem, n_weights=1, n_passes=1).weights) == 1


def test_the_share_of_a_front_is_moocores(problem, bounds):
    F = problem.evaluate(np.repeat(np.linspace(0, 1, 11)[:, None], problem.n_var, axis=1))
    share = moocore.hypervolume(F, ref=problem.ref_point) / problem.ref_point.prod()
    assert bounds.gap(F) == pytest.approx(bounds.hypervolume_upper - share, abs=1e-12)


def test_objectives_without_the_structure_are_refused(display_problem, encoder):
    with pytest.raises(ObjectiveError, match="visual_display"):
        certify(display_problem)
    with pytest.raises(ObjectiveError, match="visual_ssim"):
        certify(MOSSProblem(encoder=encoder, objectives=["visual_ssim", "audio_log_l1"]))


def test_points_are_those_of_masks_within_the_bounds(problem, bounds):
    assert (np.diff(bounds.points, axis=0) * [1, -1] > 0).all()
    assert (bounds.lower_bounds <= bounds.points @ bounds.weights.T).all()
    assert bounds.hypervolume_lower <= bounds.hypervolume_upper
    assert bounds.looseness < 0.03
    # The points are as good as the result of a search.
    traced = search(problem, ParetoTracer(60), ("n_gen", 20)).pop.get("F")
    assert bounds.hypervolume_lower > problem.hypervolume(traced)


@pytest.mark.parametrize("options", [{"n_weights": 0}, {"n_passes": -1}, {"n_boxes": -1}])
def test_options_out_of_range_are_refused(problem, options):
    with pytest.raises(OptionError, match="n_weights of 1 or more"):
        certify(problem, **options)
