"""Other parts: SSIM compared with pytorch-msssim, sounds of masks, and compilation."""

import pytest
import torch
from pytorch_msssim import ssim

from pymoo_moss.objectives._ssim import StructuralSimilarity
from pymoo_moss.objectives.fused import FusedSimilarity

from . import compiling
from .inputs import random_masks


@pytest.mark.parametrize("phase", ["audio", "griffin_lim"])
def test_sound_of_a_mask(measure, make_problem, phase):
    encoder, mask = make_problem("display").encoder, random_masks(1)[0]
    measure("sound of a mask", lambda: encoder.waveform(mask, phase), side=phase, amount=1, rounds=3)


@pytest.mark.parametrize("by", ["compiled loops", "torch, closed form", "pytorch-msssim"])
def test_similarity_and_gradient_of_8_views(measure, by):
    generator = torch.Generator().manual_seed(0)
    target, views = (torch.rand(shape, generator=generator) for shape in ((256, 512), (8, 256, 512)))

    def by_autograd():
        leaf = views.clone().requires_grad_()
        ssim(leaf[:, None], target.expand(8, 1, -1, -1), data_range=1.0, size_average=False).sum().backward()

    by_torch, compiled = StructuralSimilarity(target), FusedSimilarity(target.numpy())
    evaluate = {
        "compiled loops": lambda: compiled.differentiate(views.numpy().copy()),
        "torch, closed form": lambda: by_torch.value_and_gradient(views),
        "pytorch-msssim": by_autograd,
    }
    measure("SSIM and gradient of a view", evaluate[by], side=by, amount=8, rounds=3)


@pytest.mark.parametrize("preset", ["notebook", "display"])
def test_first_problem(measure, preset, tmp_path):
    taken = []
    run = lambda: taken.append(compiling.seconds(preset, str(tmp_path)))  # noqa: E731
    measure("first problem", run, side=preset, amount=1, rounds=2, warmup=0, taken=taken)
