"""Autograd through the encoder against closed forms and finite differences, at X = 0 and X = 1."""

import numpy as np
import pytest
import torch

from pymoo_moss import MOSSProblem
from pymoo_moss.objectives import AudioLogL1, VisualL1

OBJECTIVES = [VisualL1(), AudioLogL1(), AudioLogL1(floor_db=60)]


def autograd(objective, encoder, x):
    levels = torch.from_numpy(x).to(encoder.picture).requires_grad_()
    loss = objective(encoder.mix(levels), encoder).sum()
    return loss.item(), torch.autograd.grad(loss, levels)[0].double().numpy()


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("objective", OBJECTIVES, ids=["visual", "audio", "audio with a floor"])
def test_autograd_agrees_with_the_closed_forms(problem, objective, level):
    x = np.full(problem.n_var, level)
    kernels = MOSSProblem(encoder=problem.encoder, objectives=[objective, objective], engine="torch")
    values, gradients = kernels.evaluate(x[None], return_values_of=["F", "dF"])
    value, gradient = autograd(objective, problem.encoder, x)
    assert value == pytest.approx(values[0, 0], rel=2e-7, abs=2e-7)  # two last digits of float32
    np.testing.assert_allclose(gradient, gradients[0, 0], rtol=1e-4, atol=1e-6 * np.abs(gradients).max())


@pytest.mark.parametrize(
    ("objective", "step"), [(OBJECTIVES[0], 1e-4), (OBJECTIVES[1], 1e-12)], ids=["visual", "audio"]
)
def test_gradients_at_the_ends_are_one_sided_derivatives(exact_encoder, objective, step, rng):
    for end, inward in ((0.0, step), (1.0, -step)):
        x = np.full(exact_encoder.n_var, end)
        value, gradient = autograd(objective, exact_encoder, x)
        for variable in rng.integers(0, exact_encoder.n_var, 4):
            moved = x.copy()
            moved[variable] += inward
            slope = (autograd(objective, exact_encoder, moved)[0] - value) / inward
            assert gradient[variable] == pytest.approx(slope, rel=1e-3)


def test_magnitudes_beyond_both_ends_have_the_usual_gradient(encoder):
    louder = (3 * torch.maximum(encoder.audio_magnitude, encoder.image_magnitude))[None].requires_grad_()
    for objective in OBJECTIVES[:2]:
        slope = torch.autograd.grad(objective(louder, encoder).sum(), louder)[0]
        assert (slope > 0).all()
