import numpy as np
import pytest

from pymoo_moss.spectrogram.waveform_refinement import refine_waveform


@pytest.fixture(scope="module")
def masks(encoder):
    return np.random.default_rng(4).uniform(0.2, 0.9, (2, encoder.n_var))


def distance(encoder, x, phase):
    """Root mean square of decibels within 90 of white, or above black."""
    decibels = 20 / np.log(10)
    floor = max(encoder.log_floor, encoder.log_ceiling - 90 / decibels)
    heard, wanted = encoder.reanalyse(x, phase).numpy(), encoder.mix(x).numpy()
    difference = decibels * (np.log(heard).clip(floor) - np.log(wanted).clip(floor))
    return np.sqrt((difference**2).mean(axis=(-2, -1)))


@pytest.mark.parametrize("preset", ["notebook", "display"])
def test_refined_sounds_are_nearer_in_decibels(encoder, display_problem, masks, preset):
    chosen = {"notebook": encoder, "display": display_problem.encoder}[preset]
    audio, projected, refined = (
        distance(chosen, masks, phase) for phase in ("audio", "griffin_lim", "refined")
    )
    assert (projected < 0.8 * audio).all()
    assert (refined < 0.8 * projected).all()


def test_a_waveform_does_not_depend_on_the_others(encoder, masks):
    together = encoder.waveform(masks, "refined")
    alone = encoder.waveform(masks[1], "refined")[0]
    # Rounding in bins of digital silence grows over the steps.
    assert float((together[1] - alone).norm() / alone.norm()) < 0.02
    assert float((together[1] - together[0]).norm() / alone.norm()) > 0.1
    assert not together.requires_grad


def test_no_steps_change_nothing(encoder, masks):
    waveform = encoder.waveform(masks, "griffin_lim")
    same = refine_waveform(
        waveform, encoder.mix(masks), encoder.audio_magnitude, encoder.log_floor, 1024, 256, steps=0
    )
    assert same is waveform
