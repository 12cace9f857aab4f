import math

import numpy as np
import pyloudnorm
import pytest
import torch
from scipy.signal import resample_poly

from pymoo_moss.spectrogram import CEILING_DB, TARGET_LUFS, export_gain
from pymoo_moss.spectrogram.sound import PIECE

RATE = 16000


def sine(amplitude, seconds=2.0, rate=RATE, frequency=997.0):
    return torch.from_numpy(
        amplitude * np.sin(2 * math.pi * frequency * np.arange(int(seconds * rate)) / rate)
    )


@pytest.mark.parametrize("amplitude", [1e-4, 0.05, 1.0, 30.0])
@pytest.mark.parametrize("seconds", [0.1, 2.0])
def test_a_sine_comes_to_the_level_of_the_standard(amplitude, seconds):
    # ITU-R BS.1770: a full-scale sine of 997 Hz in one channel measures -3.01 LUFS.
    gain = export_gain(sine(amplitude, seconds), RATE)
    assert 20 * math.log10(gain * amplitude) == pytest.approx(TARGET_LUFS + 3.01, abs=0.1)


def test_peaks_stay_under_the_ceiling():
    clicks = torch.zeros(2 * RATE, dtype=torch.float64)
    clicks[::8000] = 0.3
    gain = export_gain(clicks, RATE)
    between_samples = np.abs(resample_poly((gain * clicks).numpy(), 16, 1)).max()
    assert 20 * math.log10(between_samples) == pytest.approx(CEILING_DB, abs=0.2)
    assert pyloudnorm.Meter(RATE).integrated_loudness((gain * clicks).numpy()) < TARGET_LUFS


def test_a_peak_between_the_pieces_of_a_long_sound_is_found():
    sound = torch.zeros(2 * PIECE + 10, dtype=torch.float64)
    # Between two samples of which one is in either piece.
    sound[2 * PIECE - 1 : 2 * PIECE + 1] = 1.0
    whole = np.abs(resample_poly(sound.numpy(), 4, 1)).max()
    assert 20 * math.log10(export_gain(sound, RATE) * whole) == pytest.approx(CEILING_DB, abs=1e-9)


def test_low_rates_are_measured_like_high_ones():
    low, high = sine(0.2, rate=2000, frequency=400), sine(0.2, rate=48000, frequency=400)
    assert 20 * math.log10(export_gain(low, 2000) / export_gain(high, 48000)) == pytest.approx(0, abs=0.3)


def test_silence_is_left_alone():
    assert export_gain(torch.zeros(RATE), RATE) == 1.0
