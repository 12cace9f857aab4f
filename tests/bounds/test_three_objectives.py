"""Bounds of three objectives against brute force, the two-objective bounds and autograd."""

import itertools

import numpy as np
import pytest
import torch

from pymoo_moss import FrontAscent, MOSSProblem, certify
from pymoo_moss.bounds.certify_three import _Search
from pymoo_moss.bounds.smooth_relaxation import SmoothRelaxation
from pymoo_moss.errors import MossError, ObjectiveError, OptionError

from ..marks import few
from ..search.conftest import search
from .adversary import challengers, direct_values, random_problem
from .test_branching import HALF, WHITE, all_levels, problem_of

THREE = ["visual_l1", "audio_log_l1", "mask_roughness"]
SHUFFLED = ["mask_roughness", "visual_l1", "audio_log_l1"]


def three_of(problem, objectives=THREE):
    """The same planes with three objectives."""
    return MOSSProblem(encoder=problem.encoder, objectives=objectives, engine=problem.engine, threads=1)


@pytest.fixture(scope="module")
def three(encoder):
    return MOSSProblem(encoder=encoder, objectives=THREE)


@pytest.fixture(scope="module")
def bounds(three):
    return certify(three, n_weights=32, n_passes=1)


def roughness_by_hand(x, grid):
    """Mean squared difference of neighbours, pair by pair."""
    rows, columns = grid
    steps = [
        (x[:, row * columns + column] - x[:, (row + down) * columns + column + right]) ** 2
        for row, column in itertools.product(range(rows), range(columns))
        for down, right in ((1, 0), (0, 1))
        if row + down < rows and column + right < columns
    ]
    return np.mean(steps, axis=0) if steps else np.zeros(len(x))


@pytest.mark.parametrize(
    ("picture", "grid", "count"),
    [(WHITE, (1, 1), 1000), (HALF, (1, 2), 120), (WHITE, (1, 2), 120), (HALF, (2, 2), 9), (WHITE, (2, 2), 9)],
)
def test_no_mask_of_few_variables_is_beyond_the_bounds(picture, grid, count):
    problem = three_of(problem_of(picture, grid))
    masks = np.vstack([all_levels(problem.n_var, count), problem.ends])
    F = problem.evaluate(masks)
    bounds = certify(problem, n_weights=32, n_passes=1)
    assert bounds.weights.shape == (len(bounds.lower_bounds), 3)
    assert (bounds.lower_bounds <= F @ bounds.weights.T).all()
    assert problem.hypervolume(F) <= bounds.hypervolume_upper
    # The points found are those of masks, so that they are within the bounds and do not dominate more.
    assert (bounds.lower_bounds <= bounds.points @ bounds.weights.T).all()
    assert bounds.hypervolume_lower <= bounds.hypervolume_upper


@pytest.mark.parametrize("seed", few(range(60), [0, 1, 2, 3, 5, 8], "contract"))
def test_no_mask_of_any_small_problem_is_beyond_its_bounds(seed):
    pair, rng = random_problem(seed)
    problem = three_of(pair, THREE if seed % 2 else SHUFFLED)
    bounds = certify(problem, n_weights=int(rng.integers(1, 40)), n_passes=int(rng.integers(0, 2)))
    x = challengers(pair, np.geomspace(1e-2, 1e2, 5), rng)
    # Masks between those and constant ones trade the other losses for roughness.
    share = rng.random((len(x), 1))
    x = np.vstack([x, share * x + (1 - share) * x.mean(axis=1, keepdims=True)])
    columns = [problem.objectives.index(o) for o in problem.objectives if o.name != "mask_roughness"]
    exact = np.empty((len(x), 3))
    order = [o.name for o in pair.objectives]
    of_pair = direct_values(pair, x) * pair.scale
    for column in columns:
        exact[:, column] = of_pair[:, order.index(problem.objectives[column].name)]
    rough = [o.name for o in problem.objectives].index("mask_roughness")
    exact[:, rough] = roughness_by_hand(x, problem.encoder.grid)
    for F in (problem.evaluate(x), exact):
        assert (bounds.lower_bounds <= F @ bounds.weights.T).all()
        assert problem.hypervolume(F) <= bounds.hypervolume_upper


def test_nothing_that_a_search_finds_is_below_the_bounds(three, bounds, rng):
    noise = rng.random((200, three.n_var))
    levels = np.repeat(np.linspace(0, 1, 101)[:, None], three.n_var, axis=1)
    found = search(three, FrontAscent(), ("n_eval", 3000)).F
    F = np.vstack([three.evaluate(np.vstack([noise, levels, three.ends])), found])
    assert (bounds.lower_bounds <= F @ bounds.weights.T).all()
    assert three.hypervolume(found) < bounds.hypervolume_upper
    # The points found on the way are about as good as the result of a search.
    assert bounds.hypervolume_lower > 0.998 * three.hypervolume(found)
    assert bounds.looseness < 0.02
    assert bounds.share(found) == pytest.approx(three.hypervolume(found) / bounds.hypervolume_upper)
    assert bounds.gap(found) == pytest.approx(bounds.hypervolume_upper - three.hypervolume(found))


def test_without_roughness_the_bounds_are_those_of_two_objectives(problem, bounds):
    pair = certify(problem, n_weights=12, n_passes=0)
    trade_offs = pair.weights[:, 0] / pair.weights[:, 1]
    relaxation = SmoothRelaxation(problem.encoder)
    y = np.random.default_rng(0).random((12, problem.n_var))
    minorants = relaxation.linear_minorants(y < 0.5)
    none = np.zeros(12)
    found = relaxation.smooth_lower_bounds(trade_offs, none, minorants, y)
    np.testing.assert_allclose(found, relaxation.lower_bounds(trade_offs, minorants, y), rtol=1e-9)
    np.testing.assert_allclose(
        relaxation.allowed(trade_offs, none, found),
        relaxation.allowance.applied(trade_offs, found),
        rtol=1e-9,
    )
    # A third objective only takes volume away.
    assert bounds.hypervolume_upper < certify(problem, n_passes=0).hypervolume_upper + 2e-3


def test_the_bound_of_a_weighted_sum_is_next_to_its_minimum_where_it_is_convex(encoder):
    # A picture that is black but for one point makes nearly every term of the log loss convex.
    picture = np.zeros((20, 20))
    picture[3, 4] = 1.0
    black = MOSSProblem(
        picture,
        (0.1 * np.random.default_rng(1).standard_normal(4000), 16000),
        grid=(3, 4),
        n_fft=128,
        hop_length=64,
        objectives=THREE,
    )
    finder = _Search(black)
    finder.add(np.array([[0.3, 0.0], [1.0, 0.5], [3.0, 0.1], [1.0, 30.0]]))
    weights, lower = finder._planes()
    least = (finder._points @ weights.T).min(axis=0)
    assert (lower <= least).all()
    np.testing.assert_allclose(lower, least, rtol=2e-3, atol=1e-4)


def test_roughness_and_its_slopes_are_those_of_the_objective(three, rng):
    relaxation = SmoothRelaxation(three.encoder)
    y = rng.random((5, three.n_var))
    np.testing.assert_allclose(relaxation.roughness(y), roughness_by_hand(y, three.encoder.grid), rtol=1e-12)
    F, dF = three.evaluate(1 - y, return_values_of=["F", "dF"])
    np.testing.assert_allclose(relaxation.roughness(y), F[:, 2], rtol=1e-5)
    np.testing.assert_allclose(-relaxation.roughness_slopes(y), dF[:, 2], rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("stiffness", [0.0, 0.3, 50.0])
def test_steps_end_at_the_minimum_of_their_function(encoder, rng, stiffness):
    relaxation = SmoothRelaxation(encoder)
    y, pull, cost = rng.random((3, 1, encoder.n_var))
    cost = cost * 4 - 0.5
    y = relaxation.smoothed(y, pull, cost, np.array([stiffness * relaxation.pairs]), 3000)
    variables = torch.tensor(y, requires_grad=True)
    grids = variables.view(-1, *encoder.grid)
    differences = sum(grids.diff(dim=axis).square().sum() for axis in (1, 2))
    function = (torch.tensor(cost) * variables - torch.tensor(pull) * variables.log()).sum()
    (slopes,) = torch.autograd.grad(function + stiffness * differences, variables)
    # Within the bounds the slope is 0, and at the upper bound it leads beyond it.
    assert (y <= 1).all()
    inside = y < 1
    np.testing.assert_allclose(slopes.numpy()[inside], 0.0, atol=1e-6)
    assert (slopes.numpy()[~inside] <= 1e-9).all()


def test_more_weights_tighten_and_passes_too(three, bounds):
    few_weights = certify(three, n_weights=8, n_passes=0)
    assert len(few_weights.weights) == 8
    without_passes = certify(three, n_weights=32, n_passes=0)
    assert few_weights.hypervolume_upper > without_passes.hypervolume_upper > bounds.hypervolume_upper
    assert len(certify(three, n_weights=1, n_passes=1).weights) == 1


def test_bounds_are_those_of_the_problems_order(encoder, three, bounds):
    other = MOSSProblem(encoder=encoder, objectives=SHUFFLED)
    found = certify(other, n_weights=32, n_passes=1)
    assert found.hypervolume_upper == pytest.approx(bounds.hypervolume_upper, abs=1e-9)
    F = other.evaluate(np.random.default_rng(0).random((50, other.n_var)))
    assert (found.lower_bounds <= F @ found.weights.T).all()
    np.testing.assert_allclose(np.sort(found.points[:, 0]), np.sort(bounds.points[:, 2]))


def test_other_third_objectives_are_refused(encoder):
    with pytest.raises(ObjectiveError, match=r"mask_roughness, the three objectives .* got .*visual_ssim"):
        certify(MOSSProblem(encoder=encoder, objectives=["visual_l1", "audio_log_l1", "visual_ssim"]))
    with pytest.raises(OptionError, match="n_weights of 1 or more"):
        certify(MOSSProblem(encoder=encoder, objectives=THREE), n_weights=0)


def test_a_curve_is_of_two_objectives(bounds):
    with pytest.raises(MossError, match="expected two objectives for a curve, got 3"):
        bounds.curve()
