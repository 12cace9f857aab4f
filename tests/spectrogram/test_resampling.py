import numpy as np
import pytest
import torch
import torch.nn.functional as functional

from pymoo_moss.spectrogram.resampling import (
    area_matrix,
    gaussian_blur,
    linear_interpolation_matrix,
    sample_positions,
)

from .. import reference


@pytest.mark.parametrize(("count", "size"), [(4, 13), (13, 4), (7, 7), (1, 5), (2, 513)])
def test_linear_interpolation_equals_torch(count, size):
    signal = torch.rand(count, 3, dtype=torch.float64)
    expected = functional.interpolate(signal.T[None], size=size, mode="linear", align_corners=False)[0].T
    matrix = linear_interpolation_matrix(sample_positions(size), count)
    torch.testing.assert_close(matrix @ signal, expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize("sigma", [0.0, 0.49, 0.5, 1.0, 5.0])
def test_interpolation_and_blur_equal_convolution_over_the_plane(sigma):
    grid = torch.rand(2, 5, 8, dtype=torch.float64)
    plane = (31, 57)
    left, right = (
        gaussian_blur(linear_interpolation_matrix(sample_positions(size), count), sigma)
        for size, count in zip(plane, (5, 8), strict=True)
    )
    expected = reference.mask(grid, plane, sigma)
    torch.testing.assert_close(left @ grid @ right.T, expected, rtol=0, atol=1e-14)
    for matrix in (left, right):
        assert (matrix >= 0).all()
        torch.testing.assert_close(matrix.sum(dim=1), torch.ones(len(matrix), dtype=torch.float64))


def test_area_average_equals_pooling_where_sizes_divide():
    signal = torch.rand(12, dtype=torch.float64)
    edges = torch.linspace(0, 12, 5, dtype=torch.float64)
    torch.testing.assert_close(area_matrix(edges, 12) @ signal, signal.reshape(4, 3).mean(dim=1))


def test_area_average_equals_a_fine_integral():
    signal = np.random.default_rng(0).random(7)
    edges = torch.tensor([-1.0, 0.2, 0.9, 3.5, 6.6, 7.0, 9.0], dtype=torch.float64)
    fine = 100_000
    for row, low, high in zip(area_matrix(edges, 7).numpy(), edges[:-1], edges[1:], strict=True):
        points = np.linspace(float(low), float(high), fine, endpoint=False) + float(high - low) / fine / 2
        inside = points[(points >= 0) & (points < 7)]
        expected = signal[np.floor(inside).astype(int)].mean() if len(inside) else signal[-1]
        assert row @ signal == pytest.approx(expected, abs=1e-4)
