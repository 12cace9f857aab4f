"""Which objectives are the picture's, and what follows for gradient seeds."""

from itertools import combinations

import numpy as np
import pytest

from pymoo_moss import GradientSeedSampling, MOSSProblem
from pymoo_moss.objectives import OBJECTIVES, Objective, find_sides
from pymoo_moss.search.seed_weights import notebook_weights, simplex_weights
from pymoo_moss.testing.common import small_encoder

from ..marks import few

PAIRS = list(combinations(OBJECTIVES, 2))
DECLARED = dict.fromkeys(("visual_l1", "visual_ssim", "visual_display", "visual_multiscale"), "picture")
DECLARED |= dict.fromkeys(("audio_log_l1", "audio_mel", "audio_audibility"), "sound")
DECLARED |= {"mask_roughness": None}


@pytest.fixture(scope="module")
def encoder():
    return small_encoder()


def test_every_shipped_objective_says_its_side():
    assert {name: kind.side for name, kind in OBJECTIVES.items()} == DECLARED


def test_what_is_not_declared_is_seen_from_the_ends():
    at_sound, at_picture = np.array([3.0, 1.0, 2.0, np.nan, 0.0]), np.array([1.0, 3.0, 2.0, 1.0, 1.0])
    declared = [None, None, None, None, "picture"]
    assert find_sides(declared, at_sound, at_picture) == ("picture", "sound", None, None, "picture")


class Loudness(Objective):
    name = "loudness"

    def __call__(self, mix, encoder):
        return mix.mean(dim=(1, 2))


def test_a_problem_knows_the_sides_of_objectives_that_do_not_say(encoder):
    ends = [encoder.audio_magnitude.mean(), encoder.image_magnitude.mean()]
    expected = "picture" if ends[1] < ends[0] else "sound"
    problem = MOSSProblem(encoder=encoder, objectives=["audio_mel", Loudness(), "visual_ssim"])
    assert problem.sides == ("sound", expected, "picture")


@pytest.mark.parametrize("schedule", ["notebook", "spread"])
@pytest.mark.parametrize(
    "pair", few(PAIRS, [("visual_ssim", "audio_log_l1"), ("visual_l1", "audio_mel")], "contract")
)
def test_seeds_span_the_front_of_every_pair(encoder, pair, schedule):
    # Each schedule has one order of a pair, and over all pairs both.
    turned = PAIRS.index(pair) % 2 == ["notebook", "spread"].index(schedule)
    problem = MOSSProblem(encoder=encoder, objectives=pair[::-1] if turned else pair)
    between = np.ptp(problem.evaluate(problem.ends), axis=0)
    sampling = GradientSeedSampling(n_seeds=8, steps=60, lr=0.2, schedule=schedule)
    F = sampling(problem, 8, random_state=np.random.default_rng(1)).get("F")
    assert (np.ptp(F, axis=0) > 0.5 * between).all()
    if set(problem.sides) == {"picture", "sound"}:
        # Between the two ends, which are exact, there are seeds everywhere and not in one place.
        assert (np.ptp(F[1:-1], axis=0) > 0.2 * between).all()
        assert len(np.unique(F[1:-1].round(3), axis=0)) > 3


def test_free_seeds_of_the_notebooks_other_picture_loss_do_not_land_on_one_point(encoder):
    problem = MOSSProblem(encoder=encoder, objectives=["visual_ssim", "audio_log_l1"])
    between = np.ptp(problem.evaluate(problem.ends), axis=0)
    sampling = GradientSeedSampling(n_seeds=8, steps=60, lr=0.2, anchors=False)
    F = sampling(problem, 8, random_state=np.random.default_rng(1)).get("F")
    assert (np.ptp(F, axis=0) > 0.5 * between).all()


def test_weights_of_one_side_alone_are_spread_over_the_simplex():
    extent = np.array([2.0, 4.0, 1.0])
    weights = notebook_weights(["picture"] * 3, extent, 10, 4.0, 20.0)
    np.testing.assert_array_equal(weights, simplex_weights(10, extent))
    shares = weights * extent
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert len(np.unique(shares.round(9), axis=0)) == 10
    # The corners are among them.
    assert {tuple(row) for row in shares.round(9) if row.max() == 1} == {(1, 0, 0), (0, 1, 0), (0, 0, 1)}


def test_objectives_of_neither_side_are_weighed_with_the_sounds():
    weights = notebook_weights(["picture", "sound", None], np.ones(3), 3, 1.0, 10.0)
    np.testing.assert_allclose(weights, [[10, 0, 0], [5, 0.25, 0.25], [0, 0.5, 0.5]])
