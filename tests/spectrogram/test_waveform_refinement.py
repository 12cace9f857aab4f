import numpy as np
import pytest
import torch

from pymoo_moss.spectrogram.frames import Frames
from pymoo_moss.spectrogram.waveform_refinement import Wanted, log_distance, refine_waveform

from .test_frames import HOP, LENGTH, N_FFT, gathered, istft, noise, stft


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
    assert (refined < 0.85 * projected).all()


def test_a_waveform_does_not_depend_on_the_others(encoder, masks):
    together = encoder.waveform(masks, "refined")
    alone = encoder.waveform(masks[1], "refined")[0]
    # Rounding in bins of digital silence grows over the steps.
    assert float((together[1] - alone).norm() / alone.norm()) < 0.02
    assert float((together[1] - together[0]).norm() / alone.norm()) > 0.1
    assert not together.requires_grad


def wanted_and_spectra():
    """Targets of which some bins lie below the floor, and spectra, all ``(F, frames)``."""
    spectra = stft(noise(0)) + stft(noise(1))
    target, sound = (stft(noise(seed)).abs() for seed in (2, 3))
    floor = float(target.log().quantile(0.2))
    return Wanted(target.log().clamp_min(floor).T, sound.log().clamp_min(floor).T, floor), spectra


def distance_by_formula(spectra, wanted):
    heard = stft(istft(spectra)).abs().log().clamp_min(wanted.floor)
    from_sound = (heard - wanted.sound.T).abs()
    return ((heard - wanted.target.T).square() + 0.01 * from_sound).sum()


def slopes_by_hand(spectra, wanted):
    frames = Frames(spectra.real, N_FFT, HOP, LENGTH, at_once=7)
    distance, slopes = log_distance(frames, istft(spectra), wanted)
    return distance, gathered(frames, lambda piece: frames.added_slopes(slopes, piece))


def test_the_gradient_by_hand_is_that_of_autograd():
    wanted, spectra = wanted_and_spectra()
    spectra.requires_grad_()
    expected = distance_by_formula(spectra, wanted)
    (gradient,) = torch.autograd.grad(expected, spectra)
    distance, slopes = slopes_by_hand(spectra.detach(), wanted)
    assert distance == pytest.approx(expected.item(), rel=1e-12)
    torch.testing.assert_close(slopes, gradient)


@pytest.mark.parametrize("part", [1.0, 1.0j])
@pytest.mark.parametrize("place", [(3, 4), (0, 0), (N_FFT // 2, 7), (9, -1)])
def test_the_gradient_by_hand_is_that_of_finite_differences(part, place):
    if part == 1.0j and place[0] in (0, N_FFT // 2):
        part = 1.0  # these bins of real waveforms have no imaginary part
    wanted, spectra = wanted_and_spectra()
    step = torch.zeros_like(spectra)
    step[place] = 1e-6 * part
    after, before = (distance_by_formula(spectra + sign * step, wanted) for sign in (1, -1))
    _, slopes = slopes_by_hand(spectra, wanted)
    slope = slopes[place].imag if part == 1.0j else slopes[place].real
    assert float(slope) == pytest.approx(float(after - before) / 2e-6, rel=1e-5, abs=1e-6)


def test_a_waveform_that_is_right_already_stays(encoder):
    waveform, magnitude = encoder.audio_waveform, encoder.audio_magnitude.T.contiguous()
    frames = Frames(waveform, encoder.n_fft, encoder.hop_length, len(waveform))
    same = refine_waveform(frames, waveform, magnitude, magnitude, encoder.log_floor)
    # The floor of digital silence is added to magnitudes.
    torch.testing.assert_close(same, waveform, rtol=0, atol=1e-5)
