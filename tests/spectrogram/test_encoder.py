import json
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as functional

from pymoo_moss import MaskEncoder
from pymoo_moss.errors import AudioError, OptionError, PictureError

from .. import reference
from ..conftest import GRID, SAMPLE_RATE


def test_the_plane_is_the_direct_transform_of_picture_and_sound(encoder, picture, sound):
    waveform = torch.from_numpy(sound[0]).float().double()
    spectrum = torch.stft(
        waveform, 1024, 256, window=torch.hann_window(1024, dtype=torch.float64), return_complex=True
    )
    audio = spectrum.abs() + 1e-8
    torch.testing.assert_close(encoder.audio_magnitude, audio.float())

    drawn = functional.interpolate(
        torch.from_numpy(picture[::-1].copy())[None, None],
        size=audio.shape,
        mode="bilinear",
        align_corners=False,
    )[0, 0]
    drawn = ((drawn - drawn.min()) / (drawn.max() - drawn.min())) ** 1.8
    floor, ceiling = np.quantile(audio.log(), [0.01, 0.98])
    expected = torch.exp(floor + drawn * (ceiling - floor))
    torch.testing.assert_close(encoder.image_magnitude, expected.float(), rtol=1e-5, atol=0)
    torch.testing.assert_close(encoder.picture, drawn.float(), rtol=1e-5, atol=1e-6)


def test_mask_and_mix_equal_convolution_over_the_plane(encoder, rng):
    x = rng.random((3, encoder.n_var))
    grids = torch.from_numpy(x).reshape(3, *GRID)
    share = reference.mask(grids, encoder.plane, 5.0)
    torch.testing.assert_close(encoder.mask(x).double(), share, rtol=0, atol=1e-6)
    mix, _, _ = reference.mixture(x, encoder)
    torch.testing.assert_close(encoder.mix(x).double(), mix, rtol=2e-6, atol=0)


def test_the_picture_stands_upright_by_default(picture, sound):
    # The picture's disc is in its upper half; bin 0 is the lowest frequency, at the bottom of every viewer.
    upright = MaskEncoder(picture, sound, grid=GRID).picture
    assert upright[300:].max() > 0.9 > upright[:200].max()
    as_rows = MaskEncoder(picture, sound, grid=GRID, flip=False).picture
    torch.testing.assert_close(as_rows, upright.flip(0))


def test_inverting_swaps_dark_and_bright(picture, sound):
    plain = MaskEncoder(picture, sound, grid=GRID, gamma=1.0).picture
    inverted = MaskEncoder(picture, sound, grid=GRID, gamma=1.0, invert=True).picture
    torch.testing.assert_close(inverted, 1 - plain)


def test_a_dynamic_range_hangs_from_the_ceiling(picture, sound):
    encoder = MaskEncoder(picture, sound, grid=GRID, dynamic_range_db=60.0)
    assert encoder.dynamic_range_db == pytest.approx(60.0)
    levels = 20 * torch.log10(encoder.image_magnitude)
    assert float(levels.max() - levels.min()) == pytest.approx(60.0, abs=1e-3)


@pytest.mark.parametrize("axis", ["linear", "log", "mel"])
def test_outside_the_band_the_sound_stays(picture, sound, axis):
    encoder = MaskEncoder(picture, sound, grid=GRID, fmin=1000.0, fmax=4000.0, frequency_axis=axis)
    frequencies = encoder.bin_frequencies
    outside = (frequencies < 1000) | (frequencies > 4000)
    torch.testing.assert_close(encoder.image_magnitude[outside], encoder.audio_magnitude[outside])
    assert (encoder.image_magnitude[~outside] != encoder.audio_magnitude[~outside]).float().mean() > 0.99


def test_a_log_axis_gives_every_octave_the_same_share_of_the_picture(sound):
    stripes = np.repeat(np.linspace(1.0, 0.0, 60)[:, None], 4, axis=1)
    encoder = MaskEncoder(stripes, sound, grid=GRID, gamma=1.0, frequency_axis="log", fmin=250.0, fmax=4000.0)
    brightness = encoder.picture[:, 0]
    at = [float(brightness[round(f * 1024 / SAMPLE_RATE)]) for f in (500, 1000, 2000)]
    assert at == pytest.approx([0.25, 0.5, 0.75], abs=0.01)
    # A viewer with that axis shows the ramp as it was drawn.
    rows, columns = encoder.view_matrices(8, 2)
    shown = (rows @ encoder.picture @ columns.T)[:, 0]
    assert shown.tolist() == pytest.approx(((np.arange(8) + 0.5) / 8).tolist(), abs=0.03)


def test_an_empty_mask_gives_the_sound_back(encoder, sound):
    waveform = encoder.waveform(np.zeros((2, encoder.n_var)))
    assert waveform.shape == (2, len(sound[0]))
    np.testing.assert_allclose(waveform[1], sound[0], atol=1e-6)
    torch.testing.assert_close(
        encoder.reanalyse(np.zeros(encoder.n_var))[0], encoder.audio_magnitude, rtol=1e-2, atol=1e-4
    )


def test_griffin_lim_brings_the_sound_nearer_to_the_mixture(encoder):
    x = np.ones(encoder.n_var)
    wanted = encoder.mix(x)
    error = {
        phase: float((encoder.reanalyse(x, phase) - wanted).square().sum() / wanted.square().sum())
        for phase in ("audio", "griffin_lim")
    }
    assert error["griffin_lim"] < 0.5 * error["audio"]
    torch.testing.assert_close(encoder.waveform(x, "griffin_lim", iterations=0), encoder.waveform(x, "audio"))


def test_grids_come_in_three_shapes_and_are_not_changed(encoder, rng):
    x = rng.random((2, encoder.n_var))
    before = x.copy()
    flat = encoder.mask(x)
    np.testing.assert_array_equal(x, before)
    torch.testing.assert_close(encoder.mask(x.reshape(2, *GRID)), flat)
    torch.testing.assert_close(encoder.mask(torch.from_numpy(x[0])), flat[:1])
    with pytest.raises(OptionError, match="expected masks of shape"):
        encoder.mask(rng.random((2, encoder.n_var + 1)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"grid": (0, 5)}, "grid of 1 x 1 to 513 x"),
        ({"grid": (514, 5)}, "grid of 1 x 1 to 513 x"),
        ({"grid": (9, 83)}, "grid of 1 x 1 to 513 x 82"),
        ({"grid": 8}, "grid as"),
        ({"grid": (8,)}, "grid as"),
        ({"smoothing": -0.1}, "smoothing"),
        ({"smoothing": float("nan")}, "smoothing"),
        ({"smoothing": 1e9}, "smoothing"),
        ({"gamma": 0.0}, "gamma"),
        ({"gamma": float("inf")}, "gamma"),
        ({"floor_quantile": 0.99}, "floor_quantile"),
        ({"ceiling_quantile": 1.1}, "ceiling_quantile"),
        ({"dynamic_range_db": 0.0}, "dynamic_range_db"),
        ({"sample_rate": 10}, "sample_rate"),
        ({"n_fft": 1023}, "n_fft"),
        ({"n_fft": 2}, "n_fft"),
        ({"hop_length": 513}, "hop_length"),
        ({"hop_length": 0}, "hop_length"),
        ({"frequency_axis": "bark"}, "frequency axis"),
        ({"fmin": 5000.0, "fmax": 4000.0}, "band"),
    ],
)
def test_options_out_of_range_are_refused(picture, sound, options, message):
    with pytest.raises(OptionError, match=message):
        MaskEncoder(picture, sound, **options)


def test_a_sound_shorter_than_a_window_is_refused(picture):
    with pytest.raises(AudioError, match="at least one window"):
        MaskEncoder(picture, (np.sin(np.arange(1023.0)), 16000), grid=(2, 2))


@pytest.mark.parametrize("dynamic_range_db", [None, 70.0])
def test_a_sound_that_is_nearly_all_silence_is_refused(picture, sound, dynamic_range_db):
    mostly_silent = np.concatenate([sound[0][:2000], np.zeros(400_000)])
    with pytest.raises(AudioError, match="raise ceiling_quantile"):
        MaskEncoder(picture, (mostly_silent, 16000), grid=GRID, dynamic_range_db=dynamic_range_db)


def test_bad_inputs_keep_their_own_errors(sound):
    with pytest.raises(PictureError):
        MaskEncoder("missing.png", sound)


@pytest.mark.parametrize("constant", [np.zeros((1, 1)), np.full((7, 5), 0.5), np.ones((1, 9))])
def test_a_constant_picture_is_refused(constant, sound):
    with pytest.raises(PictureError, match="the picture is blank"):
        MaskEncoder(constant, sound, grid=GRID)


@pytest.mark.parametrize("name", ["monalisa.jpg x chopin.mp3", "wave.jpg x tchaikovsky.mp3"])
def test_real_files_give_the_values_made_independently(find_real_file, name):
    oracle = json.loads(Path(__file__).with_name("oracle.json").read_text())["pairs"][name]
    image, audio = name.split(" x ")
    encoder = MaskEncoder(find_real_file(image), find_real_file(audio), picture_sampling="point")
    assert list(encoder.plane) == oracle["plane"]
    i, j = np.mgrid[:64, :128]
    masks = {f"level {level:g}": np.full((64, 128), level) for level in (0.25, 0.5, 0.75, 1.0)}
    masks["(1 + sin(0.37 i + 0.21 j)) / 2"] = (1 + np.sin(0.37 * i + 0.21 * j)) / 2
    masks["1 where j >= 64"] = (j >= 64).astype(float)
    masks["(i / 63) (j / 127)"] = (i / 63) * (j / 127)
    for mask, x in masks.items():
        values = reference.notebook_objectives(x.reshape(1, -1), encoder)[0]
        np.testing.assert_allclose(values, oracle[mask], rtol=1e-3, atol=1e-9, err_msg=mask)
