"""Bounds by branching against brute force over the whole box of masks."""

import itertools

import numpy as np
import pytest

from pymoo_moss import MOSSProblem, certify
from pymoo_moss.bounds import Relaxation, non_dominated
from pymoo_moss.bounds.front_masks import FrontMasks

from .adversary import are_above_one

WHITE = np.ones((20, 20))
WHITE[0, 0] = 0.5
HALF = np.repeat([[0.0, 1.0]], 20, axis=0)


def problem_of(picture, grid, smoothing=0.0, **options):
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(1500) / 16000)
    return MOSSProblem(
        picture, (tone, 16000), grid=grid, n_fft=64, hop_length=32, smoothing=smoothing, **options
    )


def all_levels(n_var, count):
    """Masks of all combinations of levels, closer together near 0."""
    levels = np.union1d(np.geomspace(1e-7, 1, count // 2), np.linspace(0, 1, count - count // 2))
    return np.array(list(itertools.product(levels, repeat=n_var)))


@pytest.mark.parametrize(
    ("picture", "grid", "count", "loosest"),
    [
        (WHITE, (1, 1), 2000, 0.006),
        (HALF, (1, 2), 240, 0.01),
        (WHITE, (1, 2), 240, 0.01),
        (HALF, (1, 3), 40, 0.02),
    ],
)
def test_the_bound_of_few_variables_is_next_to_the_front(picture, grid, count, loosest):
    problem = problem_of(picture, grid)
    F = problem.evaluate(all_levels(problem.n_var, count))
    bounds = certify(problem)
    reached = problem.hypervolume(F)
    assert reached <= bounds.hypervolume_upper
    assert bounds.hypervolume_lower > 0.99 * reached
    assert bounds.looseness < loosest
    # Half-planes alone are loose here.
    assert certify(problem, n_boxes=0).looseness > 0.3
    front = F[non_dominated(F)]
    assert are_above_one(front, bounds.corners)


def test_quadrants_are_in_the_problems_own_units_and_order():
    plain = problem_of(HALF, (1, 2))
    options = {"normalize": True, "objectives": ["audio_log_l1", "visual_l1"]}
    other = MOSSProblem(encoder=plain.encoder, **options)
    found, expected = certify(other, n_boxes=2000), certify(plain, n_boxes=2000)
    assert found.hypervolume_upper == pytest.approx(expected.hypervolume_upper, abs=1e-9)
    F = other.evaluate(all_levels(2, 30))
    assert are_above_one(F, found.corners)


def test_box_bounds_hold_for_masks_of_the_box_and_meet_them_where_it_is_a_point(problem, rng):
    relaxation = Relaxation(problem.encoder)
    low = rng.random((6, problem.n_var))
    high = low + (1 - low) * rng.random((6, 1)) * rng.random((6, problem.n_var))
    high[0] = low[0]
    trade_offs = np.geomspace(1e-2, 1e3, 6) * problem.ref_point[1] / problem.ref_point[0]
    bounds = relaxation.box_bounds(low, high, trade_offs)
    for share in (np.zeros(problem.n_var), np.ones(problem.n_var), *rng.random((20, problem.n_var))):
        F = problem.evaluate(low + share * (high - low))
        assert (relaxation.allowance.of_any(trade_offs, bounds) <= F[:, 1] + trade_offs * F[:, 0]).all()
    exact = problem.evaluate(low[:1])[0] @ [trade_offs[0], 1.0]
    assert bounds[0] == pytest.approx(exact, rel=1e-5)


def test_fronts_of_masks_keep_what_nothing_dominates(rng):
    losses = rng.random((60, 2))
    masks = np.arange(60.0)[:, None]
    front = FrontMasks(masks[:30], losses[:30]).joined(masks[30:], losses[30:])
    dominated = (losses[:, None] >= losses).all(axis=2) & (losses[:, None] > losses).any(axis=2)
    kept = np.flatnonzero(~dominated.any(axis=1))
    assert sorted(front.masks[:, 0]) == kept.tolist()
    # Areas by hand: thin strips.
    across = (np.arange(50000) + 0.5) / 50000
    lowest = np.where(losses[:, :1] <= across, losses[:, 1:], 1.0).min(axis=0)
    corner = np.array([[0.01, 0.02]])
    by_hand = np.where(across > 0.01, np.clip(lowest - 0.02, 0, None), 0.0).mean()
    assert front.undominated(corner)[0] == pytest.approx(by_hand, abs=1e-4)
    assert front.hypervolume() == pytest.approx(1 - lowest.mean(), abs=1e-4)
    assert len(FrontMasks(masks, losses, most=3).masks) == 3


def test_the_widest_gaps_are_the_largest_rectangles():
    losses = np.array([[0.0, 1.0], [0.1, 0.9], [0.5, 0.2], [1.0, 0.0]])
    gaps = FrontMasks(np.arange(4.0)[:, None], losses).widest_gaps(2)
    assert gaps.before[:, 0].tolist() == [1.0, 2.0]
    assert gaps.after[:, 0].tolist() == [2.0, 3.0]
    np.testing.assert_allclose(gaps.trade_offs, [0.7 / 0.4, 0.2 / 0.5])
