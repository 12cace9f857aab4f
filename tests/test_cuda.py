"""The same problem on a GPU; skipped where there is none."""

import numpy as np
import pytest
import torch

from pymoo_moss import MOSSProblem

from .conftest import GRID

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")
needs_no_cuda = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")


@needs_cuda
@pytest.mark.parametrize("preset", ["notebook", "display"])
def test_a_gpu_gives_the_values_and_gradients_of_the_cpu(picture, sound, preset, rng):
    options = {"preset": preset, "grid": GRID}
    x = rng.random((5, GRID[0] * GRID[1]))
    on_cpu = MOSSProblem(picture, sound, **options).evaluate(x, return_values_of=["F", "dF"])
    on_gpu = MOSSProblem(picture, sound, device="cuda", **options).evaluate(x, return_values_of=["F", "dF"])
    np.testing.assert_allclose(on_gpu[0], on_cpu[0], rtol=1e-4)
    np.testing.assert_allclose(on_gpu[1], on_cpu[1], rtol=1e-3, atol=1e-4 * np.abs(on_cpu[1]).max())
