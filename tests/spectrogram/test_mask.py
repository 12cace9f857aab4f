import numpy as np
import pytest
import torch

from pymoo_moss.spectrogram import Grids, SeparableMap
from pymoo_moss.spectrogram.mask import row_bands
from pymoo_moss.spectrogram.resampling import gaussian_blur, linear_interpolation_matrix, sample_positions

PLANE, GRID = (150, 333), (9, 14)


@pytest.fixture
def mask_map() -> SeparableMap:
    left, right = (
        gaussian_blur(linear_interpolation_matrix(sample_positions(size), count), 3.0)
        for size, count in zip(PLANE, GRID, strict=True)
    )
    return SeparableMap(left, right, torch.float64)


def random_grids(n: int) -> Grids:
    levels = torch.rand(n, *GRID, dtype=torch.float64)
    return Grids(levels, 1 - levels)


@pytest.mark.parametrize("n", [1, 3, 40])
@pytest.mark.parametrize("tile", [(16, 17), (7, 100), (64, 512)])
def test_tiles_cover_the_plane_once_and_equal_the_whole_product(mask_map, n, tile):
    mask_map.cpu_tile = tile
    grids = random_grids(n)
    whole, visits = mask_map(grids.levels), torch.zeros(PLANE)
    for tile in mask_map.tiles(grids):
        where = tile.bins, tile.frames
        visits[where] += 1
        torch.testing.assert_close(tile.mask, whole[:, tile.bins, tile.frames])
        torch.testing.assert_close(tile.mask + tile.complement, torch.ones_like(tile.mask))
        torch.testing.assert_close(mask_map.on_tile(grids.levels, *where), tile.mask)
    assert (visits == 1).all()


def test_adjoint_satisfies_its_definition_whole_and_by_tiles(mask_map):
    grids, plane = random_grids(4), torch.rand(4, *PLANE, dtype=torch.float64)
    expected = (mask_map(grids.levels) * plane).sum()
    torch.testing.assert_close((grids.levels * mask_map.adjoint(plane)).sum(), expected)
    total = torch.zeros_like(grids.levels)
    for tile in mask_map.tiles(grids):
        mask_map.add_adjoint(total, plane[:, tile.bins, tile.frames], tile.bins, tile.frames)
    torch.testing.assert_close(total, mask_map.adjoint(plane))


def test_rows_of_zeros_contribute_nothing():
    left = torch.zeros(70, 3, dtype=torch.float64)
    left[66:] = 1.0
    zero_rows = SeparableMap(left, torch.ones(5, 2, dtype=torch.float64), torch.float64)
    total = torch.zeros(1, 3, 2, dtype=torch.float64)
    zero_rows.add_adjoint(total, torch.ones(1, 64, 5, dtype=torch.float64), slice(0, 64), slice(0, 5))
    assert (total == 0).all()
    zero_rows.add_adjoint(total, torch.ones(1, 6, 5, dtype=torch.float64), slice(64, 70), slice(0, 5))
    assert (total == 20).all()


def test_bands_of_rows_reach_from_the_first_to_the_last_nonzero_column():
    matrix = np.array([[0, 0, 2.0, 0], [1, 0, 0, 3], [0, 0, 0, 0], [0, 4, 5, 0]])
    first, end = row_bands(matrix)
    assert list(zip(first, end, strict=True)) == [(2, 3), (0, 4), (4, 0), (1, 3)]
