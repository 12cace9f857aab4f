"""Minorants and bounds against direct formulas in float64, and brute force on tiny grids."""

import itertools

import numpy as np
import pytest
import torch

from pymoo_moss import MaskEncoder, MOSSProblem
from pymoo_moss.bounds import Relaxation
from pymoo_moss.bounds.majorisation import Majorisation
from pymoo_moss.bounds.relaxation import _largest_in_bands
from pymoo_moss.errors import ObjectiveError
from pymoo_moss.objectives import AudioLogL1, VisualSSIM, find_structure, resolve_objectives

from ..reference import mixture, notebook_objectives


def parts_of_log_loss(x, encoder):
    """The loss from bins in which the sound is louder, and from all others: each ``(n,)``, directly."""
    mix, audio, image = mixture(x, encoder)
    terms = (torch.log(mix + 1e-8) - torch.log(audio + 1e-8)).abs()
    concave = image >= audio
    return [torch.where(bins, terms, 0.0).mean(dim=(1, 2)).numpy() for bins in (~concave, concave)]


def masks_of_all_kinds(rng, n_var, count=40):
    """Random masks, nearly constant ones, and corners of the box."""
    return np.vstack(
        [
            rng.random((count, n_var)),
            np.clip(rng.random((count, 1)) + 0.1 * rng.standard_normal((count, n_var)), 0, 1),
            (rng.random((count, n_var)) < rng.random((count, 1))).astype(float),
        ]
    )


@pytest.fixture(scope="module")
def tiny():
    """A problem of 2 x 3 variables, small enough to be searched whole."""
    time = np.arange(3000) / 16000
    waveform = np.sin(2 * np.pi * 800 * time) * np.exp(-12 * time)
    waveform[1800:] = 0
    picture = np.add.outer(np.array([0.2, 1.0]), np.array([0.0, 0.5, 0.3]))

    def make(grid):
        return MOSSProblem(picture, (waveform, 16000), grid=grid, n_fft=128, hop_length=64, smoothing=1.0)

    return make


def test_linear_minorants_lie_below_the_concave_part(exact_encoder, rng):
    relaxation = Relaxation(exact_encoder)
    n_var = exact_encoder.n_var
    block = np.vstack([rng.random((3, n_var)) < 0.5, np.ones((1, n_var), bool), np.zeros((1, n_var), bool)])
    slopes = relaxation.linear_minorants(block)
    slopes = np.vstack([slopes, slopes.mean(axis=0)])
    masks = np.vstack([masks_of_all_kinds(rng, n_var), block, np.zeros((1, n_var))])
    _, concave = parts_of_log_loss(masks, exact_encoder)
    assert (slopes >= 0).all()
    assert (masks @ slopes.T <= concave[:, None] + 1e-12).all()
    # Strictly below between the ends, where a chord is far from a concave function.
    assert (masks[:40] @ slopes.T < 0.9 * concave[:40, None]).all()


def test_linear_minorants_are_exact_where_their_blocks_are_0_or_1(exact_encoder, rng):
    n_var = exact_encoder.n_var
    block = rng.random((4, n_var)) < 0.5
    slopes = Relaxation(exact_encoder).linear_minorants(block)
    _, concave = parts_of_log_loss(np.vstack([block, np.ones((1, n_var))]), exact_encoder)
    np.testing.assert_allclose((slopes * block).sum(axis=1), concave[:4], rtol=1e-9)
    np.testing.assert_allclose(slopes.sum(axis=1), concave[4], rtol=1e-9)


@pytest.mark.parametrize("quality", ["solved", "unsolved", "random"])
def test_bounds_hold_for_any_mask_whatever_the_solver_found(problem, rng, quality):
    solver = Majorisation(problem)
    trade_offs = np.geomspace(1e-3, 1e5, 9) * problem.ref_point[1] / problem.ref_point[0]
    minorants = solver.relaxation.linear_minorants(rng.random((9, problem.n_var)) < 0.5)
    y = rng.random((9, problem.n_var))
    if quality == "random":
        y[:, ::3], y[:, 1::5] = 0.0, 1.0
    else:
        y = solver.descend(y, trade_offs, steps=100 if quality == "solved" else 2, minorants=minorants)
    exact = solver.relaxation.lower_bounds(trade_offs, minorants, y)
    bounds = solver.relaxation.allowance.applied(trade_offs, exact)
    descended = 1 - solver.descend(rng.random((9, problem.n_var)), trade_offs, steps=60)
    masks = np.vstack([masks_of_all_kinds(rng, problem.n_var), descended, np.zeros((1, problem.n_var))])
    for F in (notebook_objectives(masks, problem.encoder), problem.evaluate(masks)):
        assert (F[:, [1]] + trade_offs * F[:, [0]] >= bounds).all()


def test_bounds_are_values_where_nothing_is_concave(picture, rng):
    # A sound that is louder than the picture in every bin.
    waveform = rng.standard_normal(20000)
    encoder = MaskEncoder(picture, (waveform, 16000), grid=(6, 8))
    encoder.image_magnitude.mul_(1e-3 * float(encoder.audio_magnitude.min() / encoder.image_magnitude.max()))
    problem = MOSSProblem(encoder=encoder)
    solver = Majorisation(problem)
    trade_offs = np.geomspace(1e-2, 1e4, 13) * problem.ref_point[1] / problem.ref_point[0]
    nothing = np.zeros((13, problem.n_var))
    np.testing.assert_array_equal(solver.relaxation.linear_minorants(nothing == 1), nothing)
    y = solver.descend(np.full_like(nothing, 0.5), trade_offs, steps=800)
    F = problem.evaluate(1 - y)
    gaps = F[:, 1] + trade_offs * F[:, 0] - solver.relaxation.lower_bounds(trade_offs, nothing, y)
    assert (gaps > -1e-7 * problem.ref_point[1]).all()
    assert gaps.max() < 1e-4 * problem.ref_point[1]


@pytest.mark.parametrize(("grid", "levels"), [((2, 2), 15), ((2, 3), 7), ((3, 3), 3)])
def test_brute_force_on_tiny_grids_finds_nothing_below(tiny, rng, grid, levels):
    problem = tiny(grid)
    values = np.unique(np.r_[np.linspace(0, 1, levels), 1e-4])
    masks = np.array(list(itertools.product(values, repeat=problem.n_var)))
    F = problem.evaluate(masks)
    solver = Majorisation(problem)
    trade_offs = np.geomspace(1e-2, 1e3, 12) * problem.ref_point[1] / problem.ref_point[0]
    best = masks[(F[:, 1] + trade_offs[:, None] * F[:, 0]).argmin(axis=1)]
    minorants = solver.relaxation.linear_minorants(best >= 0.5)
    y = solver.descend(1 - best, trade_offs, steps=200, minorants=minorants)
    bounds = solver.relaxation.lower_bounds(trade_offs, minorants, y)
    least = (F[:, [1]] + trade_offs * F[:, [0]]).min(axis=0)
    assert (least >= bounds).all()
    # The bounds are not trivial.
    assert (bounds > 0.5 * least).all()


def test_the_structure_is_found_in_any_order():
    assert find_structure(resolve_objectives(["visual_l1", "audio_log_l1"])) == (0, 1)
    assert find_structure(resolve_objectives(["audio_log_l1", "visual_l1"])) == (1, 0)


@pytest.mark.parametrize(
    "objectives",
    [
        [VisualSSIM(), AudioLogL1()],
        ["visual_l1", AudioLogL1(floor_db=60)],
        ["visual_l1", "audio_log_l1", "mask_roughness"],
    ],
)
def test_other_objectives_are_refused_with_the_reason(objectives):
    with pytest.raises(ObjectiveError, match="for which no such form is known"):
        find_structure(resolve_objectives(objectives))


def test_the_largest_value_of_a_band_is_found_by_brute_force_too(rng):
    values = torch.from_numpy(rng.standard_normal((3, 4, 11)))
    bands = list(itertools.combinations(range(12), 2))
    first, end = (torch.tensor(ends) for ends in zip(*bands, strict=True))
    expected = torch.stack([values[..., one:other].amax(dim=2) for one, other in bands], dim=2)
    torch.testing.assert_close(_largest_in_bands(values, first, end), expected, rtol=0, atol=0)
