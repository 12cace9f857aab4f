"""Matrices that resample along one axis, with rows that sum to 1.

Positions are fractions of an axis: 0 is its beginning, 1 its end, and sample ``k`` of ``n`` sits at
``(k + 1/2) / n``, the half-pixel convention of ``torch.nn.functional.interpolate`` with
``align_corners=False``. All matrices are float64 unless another precision is asked for.
"""

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

_AT_ONCE = 1 << 21
"""Numbers in float64 that are worked on at a time, 16 MiB."""


def sample_positions(count: int) -> Tensor:
    """Return positions ``(count,)`` of the samples of an evenly sampled axis."""
    return (torch.arange(count, dtype=torch.float64) + 0.5) / count


def linear_interpolation_matrix(positions: Tensor, count: int) -> Tensor:
    """Return the matrix of linear interpolation from ``count`` even samples to ``positions``.

    Args:
        positions: ``(n,)`` fractions of the axis; outside [0, 1] the nearest sample is taken.
        count: number of samples to interpolate between, at least 1.

    Returns:
        ``(n, count)``, rows non-negative with at most two non-zeros, summing to 1.
    """
    coordinates = (positions * count - 0.5).clamp(0, count - 1)
    left = coordinates.floor().long().clamp(max=max(count - 2, 0))
    right = (left + 1).clamp(max=count - 1)
    weight = coordinates - left
    matrix = torch.zeros(len(positions), count, dtype=torch.float64)
    rows = torch.arange(len(positions))
    matrix[rows, left] += 1 - weight
    matrix[rows, right] += weight
    return matrix


def gaussian_blur(columns: Tensor, sigma: float) -> Tensor:
    """Blur the columns of a matrix by a Gaussian, with replicated edges.

    The kernel has ``max(3, int(6 sigma) | 1)`` taps and is not applied below a sigma of 0.5,
    as in the MOSS notebook.

    Args:
        columns: ``(n, m)`` float64.
        sigma: standard deviation in rows, not negative.

    Returns:
        ``(n, m)``; rows that summed to 1 still do.
    """
    if sigma < 0.5:
        return columns
    size = max(3, int(6 * sigma) | 1)
    offsets = torch.arange(size, dtype=columns.dtype) - size // 2
    kernel = torch.exp(-(offsets**2) / (2 * sigma**2))
    kernel /= kernel.sum()
    padding = size // 2
    blurred = torch.empty_like(columns.T, memory_format=torch.contiguous_format)
    # Some at a time, because torch repeats what it convolves for every tap.
    some = max(1, _AT_ONCE // (len(columns) * size))
    for start in range(0, len(blurred), some):
        source = columns.T[start : start + some, None]
        padded = torch.nn.functional.pad(source, (padding, padding), mode="replicate")
        blurred[start : start + some] = torch.nn.functional.conv1d(padded, kernel[None, None])[:, 0]
    return blurred.T


def area_matrix(edges: Tensor, count: int, dtype: torch.dtype = torch.float64) -> Tensor:
    """Return the matrix that averages ``count`` cells of unit width by area into intervals.

    Args:
        edges: ``(n + 1,)`` increasing interval ends, in cells: cell ``k`` spans ``[k, k + 1]``.
        count: number of cells.
        dtype: precision of the matrix; its entries are computed in float64.

    Returns:
        ``(n, count)``, rows non-negative and summing to 1: the share of each interval that lies
        in each cell. An interval outside the cells takes the nearest cell.
    """
    matrix = torch.empty(len(edges) - 1, count, dtype=dtype)
    some = max(1, _AT_ONCE // count)
    for start in range(0, len(matrix), some):
        matrix[start : start + some] = _shares(edges[start : start + some + 1], count)
    return matrix


def _shares(edges: Tensor, count: int) -> Tensor:
    low, high = edges[:-1, None], edges[1:, None]
    cells = torch.arange(count, dtype=torch.float64)
    overlap = (torch.minimum(high, cells + 1) - torch.maximum(low, cells)).clamp(min=0)
    nearest = ((low + high) / 2).floor().clamp(0, count - 1) == cells
    overlap = torch.where(overlap.sum(dim=1, keepdim=True) > 0, overlap, nearest.double())
    return overlap / overlap.sum(dim=1, keepdim=True)


def pixel_intervals(positions: np.ndarray, count: int) -> np.ndarray:
    """Return the ends ``(2, n)``, in samples, of intervals of one sample around positions.

    An average over one is the linear interpolation of `linear_interpolation_matrix`.

    Args:
        positions: ``(n,)`` fractions of the axis; one outside [0, 1] gets the nearest sample.
        count: number of samples, at least 1.
    """
    centres = (positions * count).clip(0, count)
    return np.array([centres - 0.5, centres + 0.5]).clip(0, count)


def covering_intervals(positions: np.ndarray, count: int) -> np.ndarray:
    """Return the ends ``(2, n)``, in samples, of intervals that reach half-way to the neighbouring positions.

    They reach at least as far as those of `pixel_intervals`, and are cut off where the axis ends.

    Args:
        positions: ``(n,)`` fractions of the axis, rising or falling, at least 2; one outside [0, 1] gets the
            nearest sample.
        count: number of samples, at least 1.
    """
    centres = positions * count
    halfway = (centres[1:] + centres[:-1]) / 2
    one_end = np.append(2 * centres[0] - halfway[0], halfway)
    other_end = np.append(halfway, 2 * centres[-1] - halfway[-1])
    low, high = pixel_intervals(positions, count)
    covered = np.array(
        [np.minimum(low, np.minimum(one_end, other_end)), np.maximum(high, np.maximum(one_end, other_end))]
    )
    outside = (centres < 0) | (centres > count)
    return np.where(outside, [low, high], covered.clip(0, count))


def averaging_matrix(intervals: np.ndarray, count: int) -> sparse.csr_array:
    """Return the matrix that averages ``count`` cells of unit width into intervals, which may overlap.

    Args:
        intervals: ``(2, n)`` lower and upper ends in cells, within [0, count] and apart.
        count: number of cells.

    Returns:
        ``(n, count)``, rows non-negative and summing to 1.
    """
    low, high = intervals
    begin, end = np.floor(low).astype(np.int64), np.ceil(high).astype(np.int64)
    starts = np.append(0, (end - begin).cumsum())
    of_row = np.repeat(np.arange(len(low)), end - begin)
    cells = np.arange(starts[-1]) - starts[of_row] + begin[of_row]
    overlap = np.minimum(high[of_row], cells + 1) - np.maximum(low[of_row], cells)
    return sparse.csr_array((overlap / (high - low)[of_row], cells, starts), shape=(len(low), count))
