"""The model of what a song masks, against its parts by direct formulas."""

import numpy as np
import pytest
import torch

from pymoo_moss.spectrogram import bands_of, magnitudes, masking_threshold, pressure
from pymoo_moss.spectrogram.hearing import FULL_SCALE_DB, bark, threshold_in_quiet

RATE, N_FFT, HOP = 48_000, 3072, 768
FREQUENCIES = torch.arange(N_FFT // 2 + 1, dtype=torch.float32) * RATE / N_FFT


def tone(frequency, decibels, seconds=1.0):
    time = torch.arange(int(seconds * RATE)) / RATE
    return 10 ** (decibels / 20) * torch.sin(2 * np.pi * frequency * time)


def plane(waveform):
    return magnitudes(waveform, N_FFT, HOP)


@pytest.mark.parametrize("frequency", [440.0, 3000.0, 12_345.6])
def test_a_sine_at_full_scale_has_its_level(frequency):
    energy = pressure(plane(tone(frequency, 0.0)), N_FFT)[:, 20].sum()
    assert 10 * np.log10(float(energy)) == pytest.approx(FULL_SCALE_DB, abs=0.1)


def test_bands_are_half_a_bark_wide_and_have_every_bin_once():
    bands = bands_of(FREQUENCIES)
    assert (bands.matrix.sum(dim=0) == 1).all()
    assert (bands.matrix.sum(dim=1) > 0).all()
    for band, place in zip(bands.matrix, bands.barks, strict=True):
        inside = bark(FREQUENCIES[band > 0])
        assert float(inside.min()) >= float(place) - 0.251
        assert float(inside.max()) <= float(place) + 0.251


def test_the_threshold_in_quiet_is_least_near_3_and_a_half_khz():
    quiet = 10 * torch.log10(threshold_in_quiet(torch.tensor([50.0, 1000.0, 3400.0, 10_000.0, 16_000.0])))
    # Terhardt's formula by hand.
    for level, kilohertz in zip(quiet.tolist(), [0.05, 1.0, 3.4, 10.0], strict=False):
        expected = 3.64 * kilohertz**-0.8 - 6.5 * np.exp(-0.6 * (kilohertz - 3.3) ** 2) + 1e-3 * kilohertz**4
        assert level == pytest.approx(expected, abs=1e-3)
    assert quiet.argmin() == 2


def test_a_loud_tone_masks_a_near_one_and_not_a_far_one():
    song = plane(tone(1000.0, -20.0))
    threshold = masking_threshold(song, FREQUENCIES, N_FFT, HOP / RATE)

    bands = bands_of(FREQUENCIES)

    def over_threshold(frequency):
        energy = bands.matrix @ pressure(plane(tone(frequency, -50.0)), N_FFT)
        return 10 * torch.log10((energy / threshold)[:, 20].max())

    assert over_threshold(1050.0) < 0
    assert over_threshold(4000.0) > 20


def test_what_was_masked_stays_so_for_milliseconds():
    burst = torch.cat(
        [0.3 * torch.randn(RATE // 4, generator=torch.Generator().manual_seed(1)), torch.zeros(RATE)]
    )
    threshold = masking_threshold(plane(burst), FREQUENCIES, N_FFT, HOP / RATE)
    band = int((bands_of(FREQUENCIES).centres - 1000).abs().argmin())
    last = 10 * torch.log10(threshold[band])
    frames_after = int((RATE // 4 + N_FFT // 2) / HOP) + 1
    assert last[frames_after] < last[frames_after - 4]
    assert last[-1] == pytest.approx(
        float(10 * torch.log10(threshold_in_quiet(bands_of(FREQUENCIES).centres[band])))
    )
