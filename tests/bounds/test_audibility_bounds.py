"""Bounds of `certify_audibility` against brute force, searches, and the envelope's definition."""

from itertools import product

import numpy as np
import pytest
import torch
from pymoo.optimize import minimize
from pymoo.problems import get_problem as get_zdt

from pymoo_moss import FrontAscent, MOSSProblem
from pymoo_moss.bounds import certify_audibility
from pymoo_moss.bounds.audibility import _Envelope
from pymoo_moss.errors import ObjectiveError

PAIR = ["visual_l1", "audio_audibility"]


@pytest.mark.parametrize("options", [{}, {"preset": "listener", "level_db": -10.0}])
@pytest.mark.parametrize("objectives", [PAIR, PAIR[::-1]])
def test_no_mask_of_a_grid_of_levels_is_below_the_bounds(picture, sound, options, objectives):
    problem = MOSSProblem(picture, sound, grid=(2, 2), objectives=objectives, **options)
    bounds = certify_audibility(problem, n_weights=9)
    X = np.array(list(product(np.linspace(0, 1, 9), repeat=4)))
    sums = problem.evaluate(X) @ bounds.weights.T
    assert (sums.min(axis=0) >= bounds.lower_bounds).all()
    # They are bounds that say something: none is far below the least sum.
    assert (bounds.lower_bounds > 0.8 * sums.min(axis=0)).all()


@pytest.mark.filterwarnings("ignore:the certified bound")
@pytest.mark.parametrize(
    ("options", "least"), [({}, 0.85), ({"preset": "listener", "dynamic_range_db": 30.0}, 0.97)]
)
def test_a_search_comes_near_the_bound_and_not_beyond(picture, sound, options, least):
    for normalize in (False, True):
        options = {"grid": (8, 12), "objectives": PAIR, "normalize": normalize, **options}
        problem = MOSSProblem(picture, sound, **options)
        bounds = certify_audibility(problem)
        F = minimize(problem, FrontAscent(), ("n_eval", 1500), seed=1).F
        assert (bounds.lower_bounds <= F @ bounds.weights.T).all()
        assert least < bounds.share(F) <= 1
        assert bounds.hypervolume_lower <= bounds.hypervolume_upper


def test_the_envelope_is_convex_and_below():
    most = torch.tensor([0.3, 1.0, 1.5, 30.0, 1e6], dtype=torch.float64)[:, None]
    envelope = _Envelope.up_to(most)
    s = most * torch.linspace(0, 1, 2001, dtype=torch.float64)
    value = torch.stack([envelope.value_and_slope(one[:, None])[0][:, 0] for one in s.T], dim=1)
    function = torch.log1p(s**2)
    assert (value <= function + 1e-12).all()
    assert (value.diff(n=2, dim=1) >= -1e-9 * function.max()).all()
    torch.testing.assert_close(value[:, -1], function[:, -1], rtol=1e-9, atol=1e-12)
    slope = torch.stack([envelope.value_and_slope(one[:, None])[1][:, 0] for one in s.T], dim=1) * s
    numeric = (value[:, 2:] - value[:, :-2]) / (s[:, 2:] - s[:, :-2])
    smooth = (s[:, 1:-1] - envelope.touch).abs() > 2 * (s[:, 1:2])
    assert ((slope[:, 1:-1] - numeric).abs()[smooth] <= 1e-3 * (1e-3 + numeric.abs()[smooth])).all()


def test_other_problems_are_refused(problem):
    with pytest.raises(ObjectiveError, match="visual_l1 and audio_audibility, got visual_l1, audio_log_l1"):
        certify_audibility(problem)
    with pytest.raises(
        ObjectiveError, match="expected a problem whose F is that of its objectives, got ZDT1"
    ):
        certify_audibility(get_zdt("zdt1"))
