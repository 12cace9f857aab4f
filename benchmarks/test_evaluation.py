"""Speed of values and gradients, run by ``make bench``; the table is the result, nothing is asserted."""

import pytest


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
