"""Drawing of a picture onto the plane: averages over what bins and frames cover, or points."""

from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from ..errors import PictureError, unknown_name
from .picture import Picture
from .resampling import averaging_matrix, linear_interpolation_matrix, sample_positions

PictureSampling = Literal["average", "point"]

_RANGE_FLOOR = 1e-8
"""Added to the range of brightness that points are divided by, so that it may be 0."""
_LEAST_RANGE = 1 / 255
"""Share of the picture's range that must be left in its averages."""
_STRIP = 1 << 23
"""Numbers in float64 that are computed at a time, 64 MiB."""
_MOST_IN_MATRIX = 1 << 25
_MOST_IN_PICTURE = 1 << 27
"""Numbers in float64, 256 MiB and 1 GiB, beyond which points are sampled in parts."""


def check_sampling(sampling: str) -> None:
    """Make sure that there is such a sampling.

    Raises:
        OptionError: there is not.
    """
    if sampling not in get_args(PictureSampling):
        raise unknown_name("picture_sampling", str(sampling), get_args(PictureSampling))


def draw(
    picture: Picture, positions: Tensor, frames: int, *, flip: bool, invert: bool, sampling: PictureSampling
) -> Tensor:
    """Draw a picture on the plane, stretched to [0, 1].

    Args:
        picture: the picture.
        positions: ``(F,)`` of the bins on the frequency axis, rising, 0 at the bottom and 1 at the top.
        frames: number of frames T, over which the picture's width is spread.
        flip: the picture's top at position 1 instead of 0.
        invert: swap dark and bright.
        sampling: ``"average"``: a bin shows the average over its interval, which reaches half-way to its
            neighbours' positions, and over a pixel around its centre at least, which interpolates linearly;
            and a frame likewise. ``"point"``: both interpolate linearly at their centres.

    Returns:
        ``(F, T)`` float64. Bins outside [0, 1] take the nearest row.

    Raises:
        PictureError: the averages are all the same, or nearly so.
    """
    rows, columns = 1 - positions if flip else positions, sample_positions(frames)
    if sampling == "average":
        drawn = _averages(picture, rows, columns)
        span = drawn.max() - drawn.min()
        if span < _LEAST_RANGE * _range(picture):
            raise PictureError(
                f"expected a picture with bright and dark parts on a plane of {len(rows)} x {frames} bins "
                f"and frames, {picture.label} averages to one shade there: its detail is too fine, enlarge it"
            )
    else:
        drawn = _points(picture.brightness(), rows, columns)
        span = drawn.max() - drawn.min() + _RANGE_FLOOR
    # In place, because the plane of a long sound takes a gigabyte.
    drawn.sub_(drawn.min()).div_(span)
    return drawn.neg_().add_(1) if invert else drawn


def _range(picture: Picture) -> float:
    return (float(picture.samples.max()) - float(picture.samples.min())) / picture.white


def _averages(picture: Picture, rows: Tensor, columns: Tensor) -> Tensor:
    samples = picture.samples
    height, width = samples.shape
    down, across = averaging_matrix(rows.numpy(), height), averaging_matrix(columns.numpy(), width)
    drawn = np.empty((len(rows), len(columns)))
    bins_at_once = max(1, _STRIP // max(width, len(columns)))
    rows_at_once = max(1, _STRIP // width)
    for first in range(0, len(rows), bins_at_once):
        some = down[first : first + bins_at_once]
        begin, end = some.indices.min(), some.indices.max() + 1
        averaged = np.zeros((some.shape[0], width))
        for row in range(begin, end, rows_at_once):
            strip = slice(row, min(row + rows_at_once, end))
            averaged += some[:, strip] @ samples[strip].astype(np.float64)
        drawn[first : first + bins_at_once] = (across @ averaged.T).T
    drawn /= picture.white
    return torch.from_numpy(drawn)


def _points(brightness: np.ndarray, rows: Tensor, columns: Tensor) -> Tensor:
    source = torch.from_numpy(brightness)
    height, width = source.shape
    bins_at_once = max(1, _MOST_IN_MATRIX // max(height, width))
    frames_at_once = max(1, _MOST_IN_MATRIX // width)
    if len(rows) <= bins_at_once and len(columns) <= frames_at_once and source.numel() <= _MOST_IN_PICTURE:
        return (
            linear_interpolation_matrix(rows, height)
            @ source.double()
            @ linear_interpolation_matrix(columns, width).T
        )
    drawn = torch.empty(len(rows), len(columns), dtype=torch.float64)
    for first in range(0, len(rows), bins_at_once):
        bins = slice(first, first + bins_at_once)
        down, used_rows = _without_zeros(linear_interpolation_matrix(rows[bins], height))
        for left in range(0, len(columns), frames_at_once):
            frames = slice(left, left + frames_at_once)
            across, used_columns = _without_zeros(linear_interpolation_matrix(columns[frames], width))
            drawn[bins, frames] = down @ source[used_rows, used_columns].double() @ across.T
    return drawn


def _without_zeros(matrix: Tensor) -> tuple[Tensor, slice]:
    """Return the columns of a matrix from the first to the last that is not zero, and which these are."""
    used = matrix.any(dim=0).nonzero()
    columns = slice(int(used.min()), int(used.max()) + 1)
    return matrix[:, columns], columns
