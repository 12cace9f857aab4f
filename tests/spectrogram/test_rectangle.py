"""Rectangles: a plane of a part of the sound, whose transform and cost are the rectangle's own."""

import numpy as np
import pytest
import torch
from pymoo.optimize import minimize
from scipy import signal

from pymoo_moss import FrontAscent, MaskEncoder, MOSSProblem, certify
from pymoo_moss.errors import OptionError
from pymoo_moss.objectives import AudioMel
from pymoo_moss.spectrogram.transform import chosen_transform

RATE = 44_100
BAND = {"fmin": 5000, "fmax": 12_000}


@pytest.fixture(scope="module")
def song():
    rng = np.random.default_rng(3)
    return 0.1 * rng.standard_normal((2, 6 * RATE)), RATE


@pytest.fixture(scope="module")
def picture():
    return np.random.default_rng(4).random((40, 30))


def make(picture, song, **options):
    return MaskEncoder(
        picture, song, **{"grid": (8, 9), "sample_rate": None, "start": 1.5, **BAND, **options}
    )


def test_the_plane_is_the_transform_of_the_excerpt_in_the_band(picture, song):
    encoder = make(picture, song, duration=2.0)
    assert encoder.sample_rate == RATE
    mono = song[0].mean(axis=0).astype(np.float32).astype(np.float64)
    excerpt = mono[encoder.excerpt]
    assert abs(encoder.excerpt.start / RATE - 1.5) <= encoder.hop_length / RATE
    assert 2.0 <= len(excerpt) / RATE <= 2.0 + encoder.hop_length / RATE
    window = signal.get_window("hann", encoder.n_fft)
    transform = signal.ShortTimeFFT(window, encoder.hop_length, RATE, fft_mode="onesided", phase_shift=None)
    frames = encoder.plane[1]
    half = encoder.n_fft // 2
    padded = np.pad(excerpt, half, mode="reflect")
    spectra = np.stack(
        [np.fft.rfft(window * padded[k * encoder.hop_length :][: encoder.n_fft]) for k in range(frames)], 1
    )
    assert transform.f_pts == len(spectra)
    inside = (transform.f >= 5000) & (transform.f <= 12_000)
    np.testing.assert_allclose(encoder.bin_frequencies, transform.f[inside])
    np.testing.assert_allclose(encoder.audio_magnitude, np.abs(spectra[inside]) + 1e-8, rtol=1e-3, atol=1e-4)


def test_by_default_the_picture_keeps_its_own_shape(picture, song):
    bins, frames = make(picture, song, start=0.3).plane
    assert frames / bins == pytest.approx(30 / 40, abs=0.01)
    bins, frames = make(picture.repeat(3, axis=1), song, start=0.3, fmax=7000).plane
    assert frames / bins == pytest.approx(90 / 40, abs=0.02)


def test_a_picture_that_is_wider_than_the_rest_of_the_song_ends_with_it(picture, song):
    encoder = make(np.repeat(picture, 40, axis=1), song, start=4)
    assert encoder.excerpt.stop == song[0].shape[1]


@pytest.mark.parametrize("phase", ["audio", "griffin_lim", "refined"])
def test_the_sound_changes_within_the_band_alone_and_not_at_the_ends(picture, song, phase):
    encoder = make(picture, song)
    change = (encoder.waveform(np.ones(encoder.n_var), phase)[0] - encoder.audio_waveform).double().numpy()
    assert change[0] == change[-1] == 0
    power = np.abs(np.fft.rfft(change)) ** 2
    frequencies = np.fft.rfftfreq(len(change), 1 / RATE)
    outside = (frequencies < 5000 - 2 * RATE / encoder.n_fft) | (
        frequencies > 12_000 + 2 * RATE / encoder.n_fft
    )
    assert power[outside].sum() < 1e-6 * power.sum()
    assert power.sum() > 0


def test_the_sound_alone_is_the_excerpt(picture, song):
    encoder = make(picture, song)
    torch.testing.assert_close(
        encoder.waveform(np.zeros(encoder.n_var), "refined")[0], encoder.audio_waveform, rtol=0, atol=1e-6
    )


def test_the_level_is_that_of_white_under_the_loud_bins(picture, song):
    encoder = make(picture, song, level_db=-30.0, dynamic_range_db=40.0)
    whole = MaskEncoder(
        picture, (encoder.audio_waveform.numpy(), RATE), grid=(8, 9), sample_rate=None
    ).audio_magnitude
    loud = np.quantile(whole.numpy(), 0.999)
    white, black = float(encoder.image_magnitude.max()), float(encoder.image_magnitude.min())
    assert 20 * np.log10(white / loud) == pytest.approx(-30, abs=0.05)
    assert 20 * np.log10(white / black) == pytest.approx(40, abs=0.05)


def test_problems_search_and_certify_the_rectangle(picture, song):
    problem = MOSSProblem(picture, song, sample_rate=None, grid=(8, 9), start=1.5, level_db=-10.0, **BAND)
    found = minimize(problem, FrontAscent(8), ("n_eval", 300), seed=1)
    upper = certify(problem).hypervolume_upper
    assert 0.95 * upper < problem.hypervolume(found.F) <= upper


def test_mel_bands_are_those_in_the_rectangle(picture, song):
    problem = MOSSProblem(
        picture, song, sample_rate=None, grid=(8, 9), start=1.5, objectives=["visual_l1", "audio_mel"], **BAND
    )
    F = problem.evaluate(problem.ends)
    assert F[0, 1] == pytest.approx(0, abs=1e-6)
    assert F[1, 1] > 0.1
    filters = AudioMel()._filters(problem.encoder)
    torch.testing.assert_close(filters.sum(dim=1), torch.ones(len(filters)))
    assert 0 < len(filters) < 64


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start": 6.0}, r"start within the song, below 6 s, got 6 s"),
        ({"start": 5.95, "duration": 0.04}, "a rectangle of 0.2"),
        ({"start": -1.0}, "start of 0 s or more"),
        ({"duration": 5.0}, r"from 1.5 to 6.5 s: let it last 4.5 s, or begin earlier"),
        ({"duration": 0.0}, "duration above 0 s"),
        ({"fmin": 5000.0, "fmax": 5100.0}, "16 frequency bins or more"),
        ({"fmax": 23_000.0}, "fmax of at most 22050 Hz"),
        ({"level_db": 21.0}, "level_db of -90 to 20"),
        ({"level_db": -89.0}, "level_db at which the picture's white is louder than its black"),
    ],
)
def test_a_rectangle_that_cannot_be_is_refused(picture, song, options, message):
    with pytest.raises(OptionError, match=message):
        make(picture, song, **options)


@pytest.mark.parametrize(
    "rate", [1000, 8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000]
)
def test_the_transform_of_a_rate_is_in_proportion(rate):
    sample_rate, n_fft, hop = chosen_transform(None, None, None, rate)
    assert sample_rate == rate
    assert n_fft % 2 == 0
    assert hop == n_fft // 4
    assert 0.064 <= n_fft / rate + 0.001 <= 0.07


def test_a_given_part_of_the_transform_is_kept():
    assert chosen_transform(16_000, None, None, 48_000) == (16_000, 1024, 256)
    assert chosen_transform(44_100, 2048, None, 48_000) == (44_100, 2048, 512)
    assert chosen_transform(None, 2048, 100, 500_000) == (192_000, 2048, 100)
