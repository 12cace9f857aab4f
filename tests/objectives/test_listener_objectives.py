"""The objectives of preset ``listener`` against direct formulas in float64 and another library."""

import numpy as np
import pytest
import torch
from pytorch_msssim import ms_ssim

from pymoo_moss import MaskEncoder, MOSSProblem
from pymoo_moss.errors import OptionError
from pymoo_moss.objectives import AudioAudibility, AutogradKernel, VisualMultiscale
from pymoo_moss.objectives._ssim import MultiscaleSimilarity, scale_weights, scales_of
from pymoo_moss.testing import check_objective

from .. import reference
from ..conftest import GRID
from .test_display_objectives import area_resample

MASKS = reference.challenging_masks(GRID[0] * GRID[1], GRID)
X = np.stack(list(MASKS.values()))
WHOLE = {"fmin": None, "fmax": None, "band_only": False}


def barks(hertz):
    return 7 * np.arcsinh(hertz / 650)


def masked_energy(magnitude, frequencies, n_fft, hop_seconds, full_scale_db):
    """What a sound masks, by loops over bands and frames: bands, and ``(B, T)`` energies."""
    unit = 10 ** (full_scale_db / 10) / (1.5 * (n_fft / 4) ** 2)
    number = np.floor(2 * barks(frequencies)).astype(int)
    bands = np.unique(number)
    centre = (bands + 0.5) / 2
    energy = np.array([(magnitude[number == band] ** 2).sum(axis=0) * unit for band in bands])
    masked = np.zeros_like(energy)
    for to, z in enumerate(centre):
        for of, other in enumerate(centre):
            apart = z - other + 0.474
            masked[to] += energy[of] * 10 ** ((15.81 + 7.5 * apart - 17.5 * np.sqrt(1 + apart**2)) / 10)
        masked[to] *= 10 ** (-(3.0 if z <= 12 else 0.25 * z) / 10)
        hertz = 650 * np.sinh(z / 7)
        constant = 0.008 + 100 / max(hertz, 100) * (0.030 - 0.008)
        for frame in range(1, masked.shape[1]):
            decayed = masked[to, frame - 1] * np.exp(-hop_seconds / constant)
            masked[to, frame] = max(masked[to, frame], decayed)
        kilohertz = max(hertz, 20) / 1000
        quiet = 3.64 * kilohertz**-0.8 - 6.5 * np.exp(-0.6 * (kilohertz - 3.3) ** 2) + 1e-3 * kilohertz**4
        masked[to] = np.maximum(masked[to], 10 ** (min(quiet, 100) / 10))
    return number, bands, masked


def direct_audibility(x, encoder, sigma, full_scale_db=92.0):
    mix, audio, _ = reference.mixture(x, encoder, sigma)
    whole = encoder.analyse(encoder.audio_waveform) if not encoder.is_rectangle else encoder.all_bins()
    frequencies = np.arange(len(whole)) * encoder.sample_rate / encoder.n_fft
    hop_seconds = encoder.hop_length / encoder.sample_rate
    number, bands, masked = masked_energy(
        whole.double().numpy(), frequencies, encoder.n_fft, hop_seconds, full_scale_db
    )
    unit = 10 ** (full_scale_db / 10) / (1.5 * (encoder.n_fft / 4) ** 2)
    error = ((mix - audio) ** 2).numpy() * unit
    of_plane = number[encoder.bins]
    ratios = [
        10 * np.log10(1 + error[:, of_plane == band].sum(axis=1) / masked[index])
        for index, band in enumerate(bands)
        if (of_plane == band).any()
    ]
    return np.stack(ratios, axis=1).mean(axis=(1, 2))


@pytest.mark.parametrize("options", [{}, {"fmin": 1000.0, "fmax": 5000.0, "band_only": True}])
@pytest.mark.parametrize("full_scale_db", [92.0, 60.0])
def test_audibility_equals_the_direct_formula(picture, sound, options, full_scale_db):
    encoder = MaskEncoder(picture, sound, grid=GRID, smoothing=2.0, dtype=torch.float64, **options)
    objective = AudioAudibility(full_scale_db)
    if not encoder.is_rectangle:
        expected = direct_audibility(X, encoder, 2.0, full_scale_db)
        values = MOSSProblem(encoder=encoder, objectives=[objective, "visual_l1"]).evaluate(X)[:, 0]
        np.testing.assert_allclose(values, expected, rtol=1e-6, atol=1e-12)
    else:
        # The blur at the edges of a band differs from that of the whole plane: masks of the same level alone.
        constant = np.repeat([[0.0], [0.001], [0.3], [1.0]], encoder.n_var, axis=1)
        values = MOSSProblem(encoder=encoder, objectives=[objective, "visual_l1"]).evaluate(constant)[:, 0]
        np.testing.assert_allclose(
            values, direct_audibility(constant, encoder, 2.0, full_scale_db), rtol=1e-6, atol=1e-12
        )


def test_a_louder_playback_is_heard_more(encoder):
    quiet, loud = (AudioAudibility(level)(encoder.mix(X), encoder) for level in (50.0, 92.0))
    assert (loud[1:] >= quiet[1:]).all()
    assert loud[-1] > quiet[-1]
    with pytest.raises(OptionError, match="full_scale_db of 20 to 140, got 150"):
        AudioAudibility(150)


def test_small_changes_keep_their_digits(picture, sound):
    problem = MOSSProblem(picture, sound, grid=GRID, objectives=["audio_audibility", "visual_l1"])
    levels = np.array([1e-12, 1e-9, 1e-6, 1e-3])
    values = problem.evaluate(np.repeat(levels[:, None], problem.n_var, axis=1))[:, 0]
    # Far below the threshold the loss is quadratic in the mask.
    np.testing.assert_allclose(values[1:3] / values[0], (levels[1:3] / levels[0]) ** 2, rtol=1e-4)
    assert (np.diff(values) > 0).all()


@pytest.mark.parametrize("objective", [AudioAudibility(), VisualMultiscale()], ids=lambda o: o.name)
@pytest.mark.parametrize("band_only", [False, True])
def test_they_keep_the_contract(picture, sound, objective, band_only):
    check_objective(objective)
    options = {"fmin": 500.0, "fmax": 6000.0, "band_only": band_only, "level_db": -20.0}
    check_objective(
        objective, MaskEncoder(picture, sound, grid=GRID, dynamic_range_db=50.0, smoothing=1.0, **options)
    )


@pytest.mark.parametrize("name", ["audio_audibility", "visual_multiscale"])
def test_kernels_equal_autograd(exact_encoder, name, rng):
    objective = {"audio_audibility": AudioAudibility(), "visual_multiscale": VisualMultiscale()}[name]
    grids = exact_encoder.grids(rng.random((3, exact_encoder.n_var)))
    value, gradient = objective.kernel(exact_encoder).value_and_gradient(grids)
    expected_value, expected = AutogradKernel(objective, exact_encoder).value_and_gradient(grids)
    torch.testing.assert_close(value.double(), expected_value.double(), rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(gradient, expected, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("size", [(176, 192), (64, 96), (11, 40)])
def test_scales_are_those_of_pytorch_msssim(size, rng):
    scales = scales_of(*size)
    step = 2 ** (scales - 1)
    assert min(size) // step >= 11
    target = torch.from_numpy(rng.random(size))
    target[: size[0] // 2] *= 0.3
    views = (target + 0.2 * torch.from_numpy(rng.random((2, *size)))).clamp(0, 1)
    value = MultiscaleSimilarity(target).value(views)
    weights = scale_weights(scales)
    assert sum(weights) == pytest.approx(1)
    # Its product of powers is one scale's similarity where that scale has the power 1, and the others 0.
    expected = torch.zeros(2, dtype=torch.float64)
    padded = views[:, None], target.expand(2, 1, *size)
    for scale, weight in enumerate(weights):
        if min(size) > 160:
            powers = [float(one == scale) for one in range(scales)]
            similarity = ms_ssim(*padded, data_range=1, size_average=False, weights=powers)
        else:
            smaller = [torch.nn.functional.avg_pool2d(one, 2**scale) for one in padded]
            similarity = _one_scale(*smaller, luminance=scale == scales - 1)
        expected += weight * similarity
    torch.testing.assert_close(value, expected, rtol=1e-6, atol=1e-9)


def _one_scale(views, target, luminance):
    taps = torch.exp(-((torch.arange(11, dtype=torch.float64) - 5) ** 2) / (2 * 1.5**2))
    window = torch.outer(taps, taps)[None, None] / taps.sum() ** 2

    def blur(x):
        return torch.nn.functional.conv2d(x, window)

    mean, other = blur(views), blur(target)
    variance = blur(views**2) - mean**2
    structure = (2 * (blur(views * target) - mean * other) + 0.03**2) / (
        variance + blur(target**2) - other**2 + 0.03**2
    )
    same = (2 * mean * other + 1e-4) / (mean**2 + other**2 + 1e-4) if luminance else 1.0
    return (structure * same).mean(dim=(1, 2, 3))


def test_the_view_is_compared_on_all_scales(picture, sound):
    encoder = MaskEncoder(picture, sound, grid=GRID, dynamic_range_db=70.0, smoothing=2.0)
    problem = MOSSProblem(encoder=encoder, objectives=["visual_multiscale", "audio_audibility"])
    mix, _, image = reference.mixture(X, encoder, 2.0)
    shown = [
        ((torch.log(one) - encoder.log_floor) / (encoder.log_ceiling - encoder.log_floor)).clamp(0, 1)
        for one in (mix, image[None])
    ]
    scales = scales_of(256, encoder.plane[1])
    width = encoder.plane[1] // 2 ** (scales - 1) * 2 ** (scales - 1)
    views, target = (area_resample(one[:, None], 256, width) for one in shown)
    expected = 1 - MultiscaleSimilarity(target[0, 0]).value(views[:, 0])
    np.testing.assert_allclose(problem.evaluate(X)[:, 0], expected, rtol=1e-4, atol=2e-6)


def test_listener_works_in_the_free_band_at_the_songs_own_rate(picture, sound):
    waveform = np.repeat(sound[0], 3)  # 48 kHz
    problem = MOSSProblem(picture, (waveform, 48_000), preset="listener", grid=GRID)
    encoder = problem.encoder
    assert (encoder.sample_rate, encoder.n_fft, encoder.keeps_rate) == (48_000, 3072, True)
    assert (encoder.fmin, encoder.fmax) == (8000.0, 16_000.0)
    frequencies = encoder.bin_frequencies
    assert float(frequencies[0]) >= 8000
    assert float(frequencies[-1]) <= 16_000
    assert encoder.excerpt == slice(0, len(waveform))
    assert [objective.name for objective in problem.objectives] == ["visual_multiscale", "audio_audibility"]
    assert problem.evaluate(problem.ends)[:, :] == pytest.approx(problem.losses_at_ends)
    np.testing.assert_allclose(problem.ideal_point(), 0, atol=1e-6)
    change = encoder.waveform(np.ones(problem.n_var), "griffin_lim")[0] - encoder.audio_waveform
    spectrum = np.abs(np.fft.rfft(change.numpy())) ** 2
    hertz = np.fft.rfftfreq(len(waveform), 1 / 48_000)
    inside = (hertz > 7900) & (hertz < 16_100)
    assert spectrum[~inside].sum() < 1e-6 * spectrum.sum()


@pytest.mark.parametrize(
    ("given", "edges"),
    [
        ({}, (3600.0, 7200.0)),
        ({"fmin": 1000.0}, (1000.0, 7200.0)),
        ({"fmax": 4000.0}, (2000.0, 4000.0)),
        ({"fmin": 7500.0}, (7500.0, None)),
        ({"fmin": None, "fmax": None}, (None, None)),
    ],
)
def test_a_given_edge_is_kept_and_the_other_one_fits_it(picture, sound, given, edges):
    encoder = MOSSProblem(picture, sound, preset="listener", grid=GRID, **given).encoder
    assert (encoder.fmin, encoder.fmax) == edges


def test_a_given_quantile_takes_the_place_of_the_presets_level(picture, sound):
    by_level, by_quantile = (
        MOSSProblem(picture, sound, preset="listener", grid=GRID, **options).encoder.log_ceiling
        for options in ({}, {"ceiling_quantile": 0.98})
    )
    expected = np.quantile(np.log(MaskEncoder(picture, sound, grid=GRID).audio_magnitude.numpy()), 0.98)
    assert by_quantile == pytest.approx(expected, abs=1e-4)
    assert by_level != pytest.approx(expected, abs=0.1)
