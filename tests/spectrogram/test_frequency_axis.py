import pytest
import torch

from pymoo_moss.errors import OptionError
from pymoo_moss.spectrogram import make_frequency_axis, mel_filter_bank

PLANE = {"sample_rate": 16000, "n_fft": 1024}


@pytest.mark.parametrize("scale", ["linear", "log", "mel"])
@pytest.mark.parametrize("band", [(None, None), (100.0, 4000.0)])
def test_position_and_frequency_are_inverse(scale, band):
    axis = make_frequency_axis(scale, *band, **PLANE)
    positions = torch.linspace(0, 1, 11, dtype=torch.float64)
    torch.testing.assert_close(axis.position(axis.frequency(positions)), positions)
    torch.testing.assert_close(
        axis.frequency(torch.tensor([0.0, 1.0])).float(), torch.tensor([axis.low, axis.high])
    )


def test_the_whole_linear_axis_puts_bins_at_pixel_centres():
    axis = make_frequency_axis("linear", None, None, **PLANE)
    bins = torch.arange(513, dtype=torch.float64)
    torch.testing.assert_close(axis.position(bins * 16000 / 1024), (bins + 0.5) / 513)


def test_scales_keep_their_intervals():
    octaves = make_frequency_axis("log", 100.0, 6400.0, **PLANE).position(
        torch.tensor([200.0, 400.0, 3200.0])
    )
    torch.testing.assert_close(octaves, torch.tensor([1, 2, 5], dtype=torch.float64) / 6)
    # 1000 mel is 1000 Hz by the definition of the scale, to its printed precision.
    mel = make_frequency_axis("mel", 0.0, 1000.0, **PLANE)
    assert pytest.approx(float(mel.frequency(torch.tensor(0.5))), rel=1e-4) == 700 * (10 ** (500 / 2595) - 1)


@pytest.mark.parametrize(
    ("scale", "fmin", "fmax", "message"),
    [
        ("linaer", None, None, "did you mean 'linear'"),
        ("linear", -1.0, None, "fmin"),
        ("linear", 9000.0, None, "fmin"),
        ("linear", None, 8001.0, "fmax"),
        ("linear", float("nan"), None, "fmin"),
        ("linear", 500.0, 505.0, "at least one bin"),
        ("linear", 500.0, 400.0, "at least one bin"),
        ("log", 0.0, None, "logarithmic"),
    ],
)
def test_impossible_axes_are_refused(scale, fmin, fmax, message):
    with pytest.raises(OptionError, match=message):
        make_frequency_axis(scale, fmin, fmax, **PLANE)


@pytest.mark.parametrize(("bands", "n_fft"), [(64, 1024), (128, 256)])
def test_mel_filters_are_averages_over_rising_frequencies(bands, n_fft):
    filters = mel_filter_bank(bands, n_fft, 16000)
    assert filters.shape == (bands, n_fft // 2 + 1)
    torch.testing.assert_close(filters.sum(dim=1), torch.ones(bands))
    centres = filters @ torch.arange(n_fft // 2 + 1, dtype=torch.float32)
    assert (centres.diff() >= 0).all()
    assert centres[-1] > 0.9 * n_fft / 2
