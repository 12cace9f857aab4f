"""Layer masks: where they are black the sound stays, whatever the search's mask."""

import numpy as np
import pytest
import torch
from PIL import Image

from pymoo_moss import MaskEncoder, MOSSProblem
from pymoo_moss.errors import OptionError
from pymoo_moss.spectrogram import magnitudes

RATE = 16_000
OPTIONS = {"grid": (12, 16), "start": 0.5, "duration": 2.0, "fmin": 2000, "fmax": 6000, "level_db": -10.0}
OPTIONS |= {"dynamic_range_db": 50.0, "smoothing": 2.0}

PIXEL = 4
"""Bins, and more than frames, of a pixel of the layer masks here."""


@pytest.fixture(scope="module")
def noise():
    return 0.1 * np.random.default_rng(5).standard_normal(3 * RATE), RATE


@pytest.fixture(scope="module")
def face():
    y, x = np.mgrid[-1:1:60j, -1:1:60j]
    return np.exp(-3 * (x**2 + y**2))


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(6).random((3, 12 * 16))


@pytest.fixture(scope="module")
def without(face, noise):
    return MaskEncoder(face, noise, **OPTIONS)


def left_half(value=0.0):
    mask = np.ones((60, 60))
    mask[:, :30] = value
    return mask


def corner():
    """Black where high frequencies are early, in a viewer the upper left."""
    mask = np.ones((60, 60))
    mask[:30, :30] = 0.0
    return mask


def test_mixtures_are_the_sound_where_it_is_black_and_as_before_where_it_is_white(face, noise, x, without):
    encoder = MaskEncoder(face, noise, **OPTIONS, layer_mask=corner())
    bins, frames = encoder.plane
    mix, before = encoder.mix(x), without.mix(x)
    everything = slice(None)
    kept = everything, slice(bins // 2 + PIXEL, None), slice(frames // 2 - PIXEL)
    torch.testing.assert_close(mix[kept], encoder.audio_magnitude[kept[1:]].expand(3, -1, -1))
    assert (before[kept] / mix[kept]).log().abs().mean() > 0.1
    low, late = slice(bins // 2 - PIXEL), slice(frames // 2 + PIXEL, None)
    for free in ((everything, low), (everything, everything, late)):
        torch.testing.assert_close(mix[free], before[free])


def test_between_black_and_white_it_scales_the_mask(face, noise, x, without):
    encoder = MaskEncoder(face, noise, **OPTIONS, layer_mask=left_half(0.25))
    half = without.plane[1] // 2 - PIXEL
    expected = without.mix(0.25 * x)[..., :half]
    torch.testing.assert_close(encoder.mix(x)[..., :half], expected, rtol=1e-5, atol=0.0)


@pytest.mark.parametrize("phase", ["audio", "refined"])
def test_samples_are_the_sounds_own_where_it_is_black(face, noise, x, phase):
    encoder = MaskEncoder(face, noise, **OPTIONS, layer_mask=left_half())
    change = encoder.waveform(x[:1], phase)[0] - encoder.audio_waveform
    # The centre of the first frame that is not all black, and half of its window before.
    first = (encoder.plane[1] // 2 - 1) * encoder.hop_length - encoder.n_fft // 2
    assert (change[:first] == 0).all()
    assert change[first + encoder.n_fft :].abs().max() > 1e-3


def test_bands_are_the_sounds_own_where_it_is_black(face, noise, x):
    encoder = MaskEncoder(face, noise, **OPTIONS, layer_mask=left_half().T)
    change = magnitudes(
        encoder.waveform(x[:1], "refined")[0] - encoder.audio_waveform, encoder.n_fft, encoder.hop_length
    )[encoder.bins]
    half = encoder.plane[0] // 2
    # It begins and ends within some frames, which has all frequencies.
    change = change[:, 8:-8]
    assert change[half + PIXEL + 4 :].max() < 1e-3 * change[:half].max()


def test_a_problem_has_the_same_gradients_in_both_engines_and_none_where_it_is_black(face, noise, x):
    found = []
    for engine in ("numba", "torch"):
        problem = MOSSProblem(
            face, noise, preset="display", engine=engine, threads=1, **OPTIONS, layer_mask=left_half()
        )
        found.append(problem.evaluate(x, return_values_of=["F", "dF"]))
        assert problem.evaluate(np.ones(192))[0] == pytest.approx(0, abs=1e-6)
    for compiled, reference in zip(*found, strict=True):
        np.testing.assert_allclose(compiled, reference, rtol=2e-3, atol=1e-6)
    slopes = found[1][1].reshape(3, 2, 12, 16)
    assert (slopes[..., :6] == 0).all()
    assert (np.abs(slopes[..., 9:]).max(axis=2) > 0).all()


def test_files_are_read_as_pictures(face, noise, tmp_path):
    paths = {}
    for mode in ("L", "LA"):
        grey = Image.fromarray((255 * left_half()).astype(np.uint8))
        if mode == "LA":  # black paint on transparent paper
            grey = Image.merge("LA", [Image.new("L", grey.size, 0), grey.point(lambda value: 255 - value)])
        paths[mode] = tmp_path / f"{mode}.png"
        grey.save(paths[mode])
    expected = MaskEncoder(face, noise, **OPTIONS, layer_mask=left_half()).layer_mask
    for path in paths.values():
        torch.testing.assert_close(MaskEncoder(face, noise, **OPTIONS, layer_mask=path).layer_mask, expected)


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        (2 * left_half(), r"expected layer_mask within \[0, 1\], got values from 0 to 2"),
        (np.ones((4, 4)), "expected layer_mask as a picture, white where the picture may be"),
        ("missing.png", "expected layer_mask as a picture"),
    ],
)
def test_what_is_no_layer_mask_is_refused(face, noise, mask, said):
    with pytest.raises(OptionError, match=said):
        MaskEncoder(face, noise, **OPTIONS, layer_mask=mask)
