"""Speed of values and gradients, run by ``make bench``; the table is the result, nothing is asserted."""

import pytest
import torch
from pytorch_msssim import ssim

from pymoo_moss.objectives._ssim import StructuralSimilarity


def test_values_of_100_masks(benchmark, make_problem, preset, masks):
    problem = make_problem(preset)
    benchmark.pedantic(problem.evaluate, (masks,), rounds=3, warmup_rounds=1)


def test_values_and_gradients_of_10_masks(benchmark, make_problem, preset, masks):
    problem = make_problem(preset)
    options = {"return_values_of": ["F", "dF"]}
    benchmark.pedantic(problem.evaluate, (masks[:10],), options, rounds=3, warmup_rounds=1)


@pytest.mark.parametrize("phase", ["audio", "griffin_lim"])
def test_sound_of_a_mask(benchmark, make_problem, masks, phase):
    encoder = make_problem("display").encoder
    benchmark.pedantic(encoder.waveform, (masks[0], phase), rounds=3, warmup_rounds=1)


@pytest.mark.parametrize("by", ["closed form", "pytorch-msssim"])
def test_similarity_and_gradient_of_8_views(benchmark, by):
    generator = torch.Generator().manual_seed(0)
    target, views = (torch.rand(shape, generator=generator) for shape in ((256, 512), (8, 256, 512)))

    def by_autograd():
        leaf = views.clone().requires_grad_()
        ssim(leaf[:, None], target.expand(8, 1, -1, -1), data_range=1.0, size_average=False).sum().backward()

    similarity = StructuralSimilarity(target)
    evaluate = by_autograd if by == "pytorch-msssim" else lambda: similarity.value_and_gradient(views)
    benchmark.pedantic(evaluate, rounds=3, warmup_rounds=1)
