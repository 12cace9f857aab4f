"""Drawing of a picture onto the plane: averages over what bins and frames cover, or points."""

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from ..errors import PictureError, unknown_name
from .picture import Picture
from .resampling import (
    averaging_matrix,
    covering_intervals,
    linear_interpolation_matrix,
    pixel_intervals,
    sample_positions,
)

PictureSampling = Literal["average", "point"]

_RANGE_FLOOR = 1e-8
"""Added to the range of brightness that points are divided by, so that it may be 0."""
_LEAST_RANGE = 1 / 255
"""Share of the picture's range that must be left in its averages."""
_AT_ONCE = 1 << 20
"""Numbers in float64 that are averaged at a time, 8 MiB."""
_MOST_IN_MATRIX = 1 << 25
"""Numbers in a dense matrix of float64, 256 MiB, beyond which points are sampled without one."""


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
    if sampling == "average":
        drawn = averaged(picture, positions, frames, flip=flip)
        span = drawn.max() - drawn.min()
        if span < _LEAST_RANGE * _range(picture):
            raise PictureError(
                f"expected a picture with bright and dark parts on a plane of {len(positions)} x {frames} "
                f"bins and frames, {picture.label} averages to one shade there: its detail is too fine, "
                "enlarge it"
            )
    else:
        drawn = _points(picture, *_places(positions, frames, flip))
        span = drawn.max() - drawn.min() + _RANGE_FLOOR
    # In place, because the plane of a long sound takes a gigabyte.
    drawn.sub_(drawn.min()).div_(span)
    return drawn.neg_().add_(1) if invert else drawn


def averaged(picture: Picture, positions: Tensor, frames: int, *, flip: bool) -> Tensor:
    """Average a picture over what bins and frames cover, ``(F, T)`` float64 in its own scale; see `draw`."""
    return _averages(picture, *_places(positions, frames, flip), covering_intervals)


def _places(positions: Tensor, frames: int, flip: bool) -> tuple[Tensor, Tensor]:
    return 1 - positions if flip else positions, sample_positions(frames)


def _range(picture: Picture) -> float:
    return (float(picture.samples.max()) - float(picture.samples.min())) / picture.white


def _averages(
    picture: Picture, rows: Tensor, columns: Tensor, intervals: Callable[[np.ndarray, int], np.ndarray]
) -> Tensor:
    """Average over an interval of rows for each bin, and of columns for each frame."""
    samples = picture.samples
    height, width = samples.shape
    down = averaging_matrix(intervals(rows.numpy(), height), height)
    across = averaging_matrix(intervals(columns.numpy(), width), width)
    drawn = np.empty((len(rows), len(columns)))
    bins_at_once = max(1, _AT_ONCE // max(width, len(columns)))
    rows_at_once = max(1, _AT_ONCE // width)
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


def _points(picture: Picture, rows: Tensor, columns: Tensor) -> Tensor:
    height, width = picture.samples.shape
    if max(len(rows) * height, len(columns) * width, height * width // 4) > _MOST_IN_MATRIX:
        return _averages(picture, rows, columns, pixel_intervals)
    # Dense products, because recorded values depend on their rounding.
    source = torch.from_numpy(picture.brightness()).double()
    down, across = (linear_interpolation_matrix(*axis) for axis in ((rows, height), (columns, width)))
    return down @ source @ across.T
