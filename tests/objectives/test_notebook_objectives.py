"""The two objectives of the notebook preset against the direct formula, finite differences and autograd."""

import numpy as np
import pytest
import torch

from pymoo_moss import MaskEncoder, MOSSProblem
from pymoo_moss.objectives import AudioLogL1, AutogradKernel, VisualL1

from .. import reference
from ..conftest import GRID

MASKS = reference.challenging_masks(GRID[0] * GRID[1], GRID)


@pytest.mark.parametrize("name", MASKS)
def test_float32_values_equal_the_direct_formula_in_float64(problem, name):
    expected = reference.notebook_objectives(MASKS[name][None], problem.encoder)[0]
    # Level 0 and 1 are exact, where the direct formula leaves its own rounding.
    np.testing.assert_allclose(problem.evaluate(MASKS[name]), expected, rtol=1e-5, atol=1e-13)


@pytest.mark.parametrize("name", ["random 0", "half", "single bin", "both ends", "near 0"])
@pytest.mark.parametrize("sigma", [0.0, 2.0])
def test_other_blurs_and_even_grids(picture, sound, name, sigma):
    encoder = MaskEncoder(picture, sound, grid=GRID, smoothing=sigma)
    expected = reference.notebook_objectives(MASKS[name][None], encoder, sigma)[0]
    np.testing.assert_allclose(MOSSProblem(encoder=encoder).evaluate(MASKS[name]), expected, rtol=1e-5)


def test_the_objects_own_formulas_are_the_direct_ones(encoder):
    x = np.stack(list(MASKS.values()))
    mix, _, _ = reference.mixture(x, encoder)
    values = torch.stack([VisualL1()(mix, encoder), AudioLogL1()(mix, encoder)], dim=1)
    # They take any spectrogram, in float32, so digits are lost where a loss vanishes.
    np.testing.assert_allclose(values, reference.notebook_objectives(x, encoder), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", ["random 0", "half", "level 0.1", "level 0.9"])
def test_gradients_equal_finite_differences_in_float64(exact_encoder, name, rng):
    exact = MOSSProblem(encoder=exact_encoder)
    x = np.clip(MASKS[name], 1e-3, 1 - 1e-3)
    _, gradients = exact.evaluate(x, return_values_of=["F", "dF"])
    for _ in range(3):
        direction, step = rng.standard_normal(exact.n_var), 1e-7
        above, below = (exact.evaluate(x + sign * step * direction) for sign in (1, -1))
        np.testing.assert_allclose(gradients @ direction, (above - below) / (2 * step), rtol=1e-5)


@pytest.mark.parametrize("objective", [VisualL1(), AudioLogL1()])
def test_gradients_equal_autograd_through_the_direct_formula(exact_encoder, objective, rng):
    grids = exact_encoder.grids(rng.random((2, exact_encoder.n_var)))
    value, gradient = objective.kernel(exact_encoder).value_and_gradient(grids)
    expected_value, expected = AutogradKernel(objective, exact_encoder).value_and_gradient(grids)
    torch.testing.assert_close(value, expected_value, rtol=1e-10, atol=0)
    torch.testing.assert_close(gradient, expected, rtol=1e-9, atol=1e-16)


@pytest.mark.parametrize("name", MASKS)
def test_float32_gradients_are_float64s(problem, exact_encoder, name):
    _, single = problem.evaluate(MASKS[name], return_values_of=["F", "dF"])
    _, double = MOSSProblem(encoder=exact_encoder).evaluate(MASKS[name], return_values_of=["F", "dF"])
    np.testing.assert_allclose(single, double, rtol=1e-4, atol=1e-5 * np.abs(double).max())


def test_every_variable_moves_both_losses_its_one_way(problem, rng):
    _, gradients = problem.evaluate(rng.random((4, problem.n_var)), return_values_of=["F", "dF"])
    assert (gradients[:, 0] < 0).all()
    assert (gradients[:, 1] > 0).all()
