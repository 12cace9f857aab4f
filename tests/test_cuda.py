"""The same problem on a GPU, skipped where there is none; and the way a GPU takes, on the CPU."""

import numpy as np
import pytest
import torch

from pymoo_moss import MaskEncoder, MOSSProblem

from .conftest import GRID

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")
needs_no_cuda = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")


@pytest.mark.parametrize("preset", ["notebook", "display", "listener"])
def test_the_whole_plane_in_one_tile_as_on_a_gpu_gives_the_same(picture, sound, preset, rng):
    problem = MOSSProblem(picture, sound, preset=preset, grid=GRID, engine="torch")
    x = rng.random((5, problem.n_var))
    expected = problem.evaluate(x, return_values_of=["F", "dF"])
    assert problem.encoder.mask_map.tile_shape != problem.encoder.plane
    problem.encoder.mask_map.cpu_tile = problem.encoder.plane
    assert problem.encoder.mask_map.tile_shape == problem.encoder.plane
    found = problem.evaluate(x, return_values_of=["F", "dF"])
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-5)
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-3, atol=1e-4 * np.abs(expected[1]).max())


@needs_cuda
@pytest.mark.parametrize("preset", ["notebook", "display", "listener"])
def test_a_gpu_gives_the_values_and_gradients_of_the_cpu(picture, sound, preset, rng):
    options = {"preset": preset, "grid": GRID}
    x = rng.random((5, GRID[0] * GRID[1]))
    on_cpu = MOSSProblem(picture, sound, **options).evaluate(x, return_values_of=["F", "dF"])
    on_gpu = MOSSProblem(picture, sound, device="cuda", **options).evaluate(x, return_values_of=["F", "dF"])
    np.testing.assert_allclose(on_gpu[0], on_cpu[0], rtol=1e-4)
    np.testing.assert_allclose(on_gpu[1], on_cpu[1], rtol=1e-3, atol=1e-4 * np.abs(on_cpu[1]).max())


@needs_cuda
def test_an_encoder_stays_on_its_device(picture, sound):
    encoder = MaskEncoder(picture, sound, grid=GRID).to("cuda")
    there = MOSSProblem(encoder=encoder)
    assert there.encoder is encoder
    here = MOSSProblem(encoder=encoder, device="cpu")
    assert here.encoder is not encoder
    assert (encoder.picture.device.type, here.encoder.picture.device.type) == ("cuda", "cpu")
    x = np.full((2, encoder.n_var), 0.3)
    np.testing.assert_allclose(there.evaluate(x), here.evaluate(x), rtol=1e-4)


@needs_cuda
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_losses_are_on_the_device_of_the_masks(picture, sound, device, rng):
    problem = MOSSProblem(picture, sound, grid=GRID, device=device)
    x = torch.from_numpy(rng.random((3, problem.n_var))).requires_grad_()
    expected = problem.as_torch()(x)
    (slope,) = torch.autograd.grad(expected.sum(), x)
    masks = x.detach().to("cuda").requires_grad_()
    with torch.autocast("cuda"):
        losses = problem.as_torch()(masks)
    assert losses.device.type == "cuda"
    np.testing.assert_allclose(losses.detach().cpu(), expected.detach(), rtol=1e-6)
    (found,) = torch.autograd.grad(losses.sum(), masks)
    assert found.device.type == "cuda"
    np.testing.assert_allclose(found.cpu(), slope, rtol=1e-4, atol=1e-6 * float(slope.abs().max()))
    np.testing.assert_array_equal(problem.evaluate(masks.detach()), problem.evaluate(x.detach()))
