"""Minima of functions that are known, and of weighted sums with one minimum."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from pymoo_moss import MaskEncoder, MOSSProblem
from pymoo_moss.instances.characterisation import local_minima
from pymoo_moss.instances.characterisation.descents import Descents, converged_descents, stationarity
from pymoo_moss.instances.characterisation.minima import clusters, told_apart

STARTS = np.random.default_rng(0).uniform(size=(6, 6))
NO_BOUND = np.array([np.nan])


class Wells(MOSSProblem):
    """Two objectives with the same minima, at levels of 0.2 and 0.7 of each variable, the latter lower."""

    def _evaluate(self, x, out, *args, **kwargs):
        values = ((x - 0.2) * (x - 0.7)) ** 2 - 0.01 * x + 0.1
        slopes = 2 * (x - 0.2) * (x - 0.7) * (2 * x - 0.9) - 0.01
        out["F"] = values.sum(axis=1)[:, None] * [1.0, 2.0]
        out["dF"] = slopes[:, None] * np.array([1.0, 2.0])[:, None]


@pytest.fixture
def wells(picture, sound):
    return Wells(picture, sound, grid=(1, 2), smoothing=0)


def test_descents_end_in_the_minima_of_their_basins(wells):
    starts = np.array([[0.1, 0.1], [0.1, 0.9], [0.9, 0.1], [0.9, 0.9], [0.3, 0.2]])
    found = converged_descents(wells, starts, np.tile([0.5, 0.25], (5, 1)))
    # Of either variable: the two roots of the slope at which it rises.
    roots = np.roots(np.polyadd(2 * np.poly([0.2, 0.7, 0.45]) * 2, [-0.01]))
    low, high = sorted(roots[[0, 2]].real) if roots[1] > roots[2] else sorted(roots)[::2]
    expected = np.array([[low, low], [low, high], [high, low], [high, high], [low, low]])
    np.testing.assert_allclose(found.X, expected, atol=1e-3)
    assert (found.stationarity < 1e-4).all()


def test_minima_are_counted_by_mask_and_by_loss(wells):
    starts = np.array([[0.1, 0.1], [0.1, 0.9], [0.9, 0.1], [0.9, 0.9], [0.3, 0.2], [0.8, 0.6], [0.6, 0.9]])
    (found,) = local_minima(wells, starts, np.array([[1.0, 0.0]]), NO_BOUND)
    # Four masks; two of them have the same loss.
    assert found.by_mask == 4
    assert found.by_loss == 3
    assert found.success == pytest.approx(3 / 7)
    assert found.weights == (1.0, 0.0)
    values = wells.evaluate(np.array([[0.21, 0.21], [0.71, 0.71]]))[:, 0]
    assert found.spread == pytest.approx(values[0] / values[1] - 1, rel=0.05)
    assert np.isnan(found.bound_excess)


def test_figures_of_known_minima():
    sums = np.array([2.0, 2.00001, 2.1, 2.1, 2.4])
    masks = np.array([[0.0, 0.0], [0.0, 0.05], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    found = told_apart(
        Descents(masks, sums, np.array([0.0, 0.0, 1.0, 0.0, 0.0])), masks, np.array([0.5, 0.5]), 1.6
    )
    assert (found.starts, found.by_mask, found.by_loss) == (5, 4, 3)
    assert found.spread == pytest.approx(0.2)
    assert found.median_excess == pytest.approx(0.05)
    assert found.success == pytest.approx(0.4)
    # Four sides of a square and two diagonals.
    assert found.distance == pytest.approx(np.sqrt(0.5))
    assert found.bound_excess == pytest.approx(0.25)
    assert found.unconverged == pytest.approx(0.2)


def test_chains_of_near_masks_are_one_cluster():
    chain = np.linspace(0, 1, 12)[:, None] * np.ones(3)
    assert clusters(chain, 0.1).max() == 0
    assert clusters(chain, 0.08).max() == 11
    assert clusters(chain[:1], 0.1).tolist() == [0]


def test_stationarity_is_the_frank_wolfe_gap(rng):
    X, gradients = rng.uniform(size=(3, 4)), rng.normal(size=(3, 4))
    corners = np.array(np.meshgrid(*[[0.0, 1.0]] * 4)).reshape(4, -1).T
    expected = [max((x - corners) @ g) for x, g in zip(X, gradients, strict=True)]
    np.testing.assert_allclose(stationarity(X, gradients, np.full(3, 2.0)), np.array(expected) / 2.0)
    # At a corner that every slope leads to.
    assert stationarity(np.array([[1.0, 0.0]]), np.array([[-3.0, 2.0]]), np.ones(1)) == 0


def test_a_convex_sum_has_one_minimum_that_another_method_finds(sound):
    """A black picture is nowhere louder than the sound, so that the log loss is convex."""
    encoder = MaskEncoder(np.r_[np.zeros((20, 30)), np.full((20, 30), 1e-9)], sound, grid=(2, 3))
    quieter = torch.minimum(encoder.image_magnitude, encoder.audio_magnitude * 0.5)
    encoder.image_magnitude.copy_(quieter)
    problem = MOSSProblem(encoder=encoder, normalize=True)
    weights = np.array([[0.7, 0.3], [0.4, 0.6]])
    starts = STARTS
    minima = local_minima(problem, starts, weights, np.full(2, np.nan))
    for weight, found in zip(weights, minima, strict=True):
        assert (found.by_mask, found.by_loss, found.success, found.unconverged) == (1, 1, 1.0, 0.0)
        descents = converged_descents(problem, starts, np.tile(weight, (len(starts), 1)))

        def value(x, weight=weight):
            F, dF = problem.evaluate(x, return_values_of=["F", "dF"])
            return float(F @ weight), weight @ dF

        other = minimize(value, np.full(6, 0.5), jac=True, bounds=[(0, 1)] * 6)
        assert descents.sums.min() == pytest.approx(other.fun, rel=1e-5)


def test_descents_of_a_real_sum_end_where_no_small_change_lowers_it(problem, rng):
    weights = np.tile([1.0, 1.0], (4, 1)) / problem.nadir_point()
    starts = rng.uniform(size=(4, problem.n_var))
    found = converged_descents(problem, starts, weights)
    assert (found.stationarity <= 1e-5).all()
    np.testing.assert_allclose((problem.evaluate(found.X) * weights).sum(axis=1), found.sums, rtol=1e-6)
    for x, total in zip(found.X, found.sums, strict=True):
        changed = np.clip(x + 1e-2 * rng.normal(size=(50, problem.n_var)), 0, 1)
        assert (problem.evaluate(changed) @ weights[0] > total * (1 - 1e-5)).all()
