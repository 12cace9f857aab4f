"""The two objectives of the display preset against the direct formula, another library, and differences."""

import math

import numpy as np
import pytest
import torch
from pytorch_msssim import ssim

from pymoo_moss import MaskEncoder, MOSSProblem
from pymoo_moss.errors import ObjectiveError, OptionError
from pymoo_moss.objectives import AudioLogL1, AutogradKernel, VisualDisplay
from pymoo_moss.objectives._ssim import StructuralSimilarity

from .. import reference
from ..conftest import GRID

MASKS = reference.challenging_masks(GRID[0] * GRID[1], GRID)
X = np.stack(list(MASKS.values()))


def direct(x: np.ndarray, encoder: MaskEncoder, sigma: float = 2.0) -> np.ndarray:
    """Viewer and floor written out, similarity by pytorch-msssim, in float64."""
    mix, audio, image = reference.mixture(x, encoder, sigma)
    ceiling = np.quantile(20 * np.log10(audio.numpy()), 0.995)
    decibels = {"mix": 20 * torch.log10(mix), "image": 20 * torch.log10(image)[None]}
    shown = {name: ((level - ceiling + 70) / 70).clamp(0, 1)[:, None] for name, level in decibels.items()}
    height, width = 256, min(512, audio.shape[1])
    views = {name: area_resample(plane, height, width) for name, plane in shown.items()}
    similarity = ssim(views["mix"], views["image"].expand_as(views["mix"]), data_range=1, size_average=False)
    floor = 10 ** ((ceiling - 70) / 20)
    heard = (mix.clamp(min=floor) / audio.clamp(min=floor)).log().abs().mean(dim=(1, 2))
    return torch.stack([1 - similarity, heard], dim=1).numpy()


def area_resample(planes: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Area averages by way of a plane that both sizes divide, repeated along one axis at a time."""
    for axis, size in ((2, height), (3, width)):
        length = planes.shape[axis]
        fine = math.lcm(length, size)
        repeated = planes.repeat_interleave(fine // length, dim=axis)
        shape = list(planes.shape)
        shape[axis : axis + 1] = [size, fine // size]
        planes = repeated.reshape(shape).mean(dim=axis + 1)
    return planes


def test_values_equal_the_direct_formula(display_problem):
    expected = direct(X, display_problem.encoder)
    np.testing.assert_allclose(display_problem.evaluate(X), expected, rtol=1e-5, atol=2e-6)


def test_the_objects_own_formulas_agree_with_their_kernels(display_problem, rng):
    x = rng.random((3, display_problem.n_var))
    values = display_problem.evaluate_spectrogram(display_problem.encoder.mix(x))
    np.testing.assert_allclose(values, display_problem.evaluate(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["random 0", "half", "level 0.5", "level 0.9"])
def test_gradients_equal_finite_differences_in_float64(picture, sound, name, rng):
    exact = MOSSProblem(picture, sound, preset="display", grid=GRID, dtype=torch.float64)
    x = np.clip(MASKS[name], 1e-3, 1 - 1e-3)
    _, gradients = exact.evaluate(x, return_values_of=["F", "dF"])
    for _ in range(3):
        # Clipping to the viewer's range has kinks; a small step crosses few of them.
        direction, step = rng.standard_normal(exact.n_var), 1e-7
        above, below = (exact.evaluate(x + sign * step * direction) for sign in (1, -1))
        np.testing.assert_allclose(gradients @ direction, (above - below) / (2 * step), rtol=2e-3, atol=1e-6)


@pytest.mark.parametrize("floor_db", [20.0, 70.0, 150.0])
def test_floor_gradients_equal_autograd(exact_encoder, floor_db, rng):
    objective = AudioLogL1(floor_db)
    grids = exact_encoder.grids(rng.random((2, exact_encoder.n_var)))
    value, gradient = objective.kernel(exact_encoder).value_and_gradient(grids)
    expected_value, expected = AutogradKernel(objective, exact_encoder).value_and_gradient(grids)
    torch.testing.assert_close(value, expected_value, rtol=1e-9, atol=0)
    torch.testing.assert_close(gradient, expected, rtol=1e-6, atol=1e-12)


def test_a_floor_keeps_its_digits_at_both_ends(picture, sound, rng):
    problem = MOSSProblem(picture, sound, preset="display", grid=GRID)
    exact = MOSSProblem(picture, sound, preset="display", grid=GRID, dtype=torch.float64)
    for x in (1e-8 * rng.random(problem.n_var), 1 - 1e-8 * rng.random(problem.n_var)):
        np.testing.assert_allclose(problem.evaluate(x)[1], exact.evaluate(x)[1], rtol=1e-5)


def test_a_very_low_floor_changes_nothing_above_it(exact_encoder, rng):
    x = rng.random((2, exact_encoder.n_var))
    deep = AudioLogL1(200.0).kernel(exact_encoder).value(exact_encoder.grids(x))
    mix, audio, _ = reference.mixture(x, exact_encoder)
    assert (audio > math.exp(exact_encoder.log_ceiling) * 1e-10).all()
    torch.testing.assert_close(deep, (mix / audio).log().abs().mean(dim=(1, 2)), rtol=1e-9, atol=0)


@pytest.mark.parametrize("size", [(11, 11), (40, 23)])
def test_similarity_equals_pytorch_msssim_with_its_gradient(size):
    target, pictures = torch.rand(size, dtype=torch.float64), torch.rand(3, *size, dtype=torch.float64)
    leaf = pictures.clone().requires_grad_()
    expected = ssim(leaf[:, None], target.expand(3, 1, *size), data_range=1.0, size_average=False)
    expected.sum().backward()
    value, gradient = StructuralSimilarity(target).value_and_gradient(pictures)
    torch.testing.assert_close(value, expected.detach(), rtol=0, atol=1e-6)
    torch.testing.assert_close(gradient, leaf.grad, rtol=1e-4, atol=1e-7)
    torch.testing.assert_close(StructuralSimilarity(target).value(pictures), value)


def test_the_picture_itself_has_no_loss(display_problem):
    assert display_problem.evaluate(np.ones(display_problem.n_var))[0] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("axis", ["log", "mel"])
def test_the_viewer_has_the_pictures_axis_and_band(picture, sound, axis):
    problem = MOSSProblem(
        picture, sound, preset="display", grid=GRID, frequency_axis=axis, fmin=500.0, fmax=6000.0
    )
    assert problem.evaluate(np.ones(problem.n_var))[0] == pytest.approx(0, abs=1e-6)
    assert problem.evaluate(np.zeros(problem.n_var))[0] > 0.1


def test_planes_too_small_for_the_window_are_refused(picture, sound):
    short = (sound[0][:2048], sound[1])
    for objective in ("visual_display", "visual_ssim"):
        with pytest.raises(ObjectiveError, match="at least 11 bins and frames"):
            MOSSProblem(picture, short, grid=(4, 4), objectives=(objective, "audio_log_l1"))


@pytest.mark.parametrize("floor_db", [0.0, -70.0, 201.0, float("nan")])
def test_floors_out_of_range_are_refused(floor_db):
    with pytest.raises(OptionError, match="floor_db"):
        AudioLogL1(floor_db)


def test_upper_bound_of_the_display_loss():
    assert VisualDisplay().upper_bound(None) == 2.0
