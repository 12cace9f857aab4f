"""Layout of the plane for compiled loops: chunks of frames, in which each row of bins is sorted by kind.

Every bin has two numbers, a base and a slope, and its value at mask ``M`` is ``base + slope * Z``. Where the
sound is louder than the picture (a convex bin) the value decreases as the mask increases, and ``Z`` is the
complement ``1 - M``; elsewhere (a concave bin) it increases, and ``Z`` is M. So neither end of the mask loses
digits. Loops over bins that are sorted by kind need no branches; loops over segments, runs of frames whose
masks depend on the same few grid columns, need no look-ups. The points of one row, kind and segment are
padded with neutral points to a multiple of four.

``Z`` is a weighted sum of a row of the mask on the grid's columns. A point is stored as its base and, for
each column of its segment, the product of slope and weight: its value takes one multiply-add per column.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ...spectrogram.mask import row_bands

CONVEX, CONCAVE = 0, 1
"""Kinds of bins, by the term of `AudioLogL1` as a function of the mask: convex where the sound is louder."""

GROUP = 4
"""Points that compiled loops process together."""

_FRAMES_PER_CHUNK = 512
"""Most frames per chunk; shorter chunks compute the columns that neighbours share more often."""

_EXTRA_COLUMNS = 8
"""Columns by which segments may be wider than the widest frame."""


class Bands(NamedTuple):
    """A banded matrix, stored by its bands: ``matrix[i, first[i] + k] = weights[i, k]``.

    Attributes:
        first: ``(n,)`` int64, the first column of each row's band.
        weights: ``(n, width)`` float32, the elements in the band.
    """

    first: np.ndarray
    weights: np.ndarray


class Chunk(NamedTuple):
    """A run of frames, with all its bins as points.

    Attributes:
        first_column: the first grid column that its masks depend on.
        columns: number of grid columns that its masks depend on.
        segment: ``(0, 1, ..., width - 1)``, the columns that the masks of a segment depend on. A tuple: its
            length is part of its type, so that loops over it are compiled for that length and unrolled.
        segment_columns: ``(segments,)`` first column of each segment, counted from ``first_column``.
        starts: ``(bins * 2 * segments + 1,)`` first group of four points of each bin, kind and segment.
        coefficients: float32, flat ``(groups, 1 + width, 4)``: the value at Z = 0 of a group's points, then
            the increase of their values with each column of the segment.
        frame: ``(points,)`` uint16, counted from the chunk's first.
        groups: number of groups of four points, of convex and of concave bins.
        longest: most groups of one bin, kind and segment.
    """

    first_column: int
    columns: int
    segment: tuple[int, ...]
    segment_columns: np.ndarray
    starts: np.ndarray
    coefficients: np.ndarray
    frame: np.ndarray
    groups: tuple[int, int]
    longest: int

    @property
    def grid_columns(self) -> slice:
        """The grid's columns that its masks depend on."""
        return slice(self.first_column, self.first_column + self.columns)


def bands(matrix: np.ndarray) -> Bands:
    """Return the bands of a matrix ``(n, m)``, as wide as its widest row."""
    first, end = row_bands(matrix)
    width = max(int((end - first).max()), 1)
    first = np.minimum(first, matrix.shape[1] - width)
    return Bands(first, np.take_along_axis(matrix, first[:, None] + np.arange(width), 1).astype(np.float32))


def frames_of_chunks(frames: int) -> list[slice]:
    """Divide the frames of a plane into runs of nearly equal length."""
    # An even number of runs, so that two threads have equal shares.
    count = min(2 * -(-frames // (2 * _FRAMES_PER_CHUNK)), frames)
    edges = np.linspace(0, frames, count + 1).astype(int).tolist()
    return [slice(start, end) for start, end in pairwise(edges)]


def make_chunk(
    right: np.ndarray, width: int, convex: np.ndarray, base: np.ndarray, slope: np.ndarray, neutral: float
) -> Chunk:
    """Make a chunk of the plane, its bins sorted by kind.

    Args:
        right: ``(frames, gw)``, weights of the grid's columns in the masks of frames.
        width: columns that the masks of one segment may depend on; see `columns_per_segment`.
        convex: ``(F, frames)`` bool, where the sound is louder.
        base: ``(F, frames)`` value of each bin at Z = 0.
        slope: ``(F, frames)`` increase of each bin's value from Z = 0 to Z = 1.
        neutral: base of the points that pad groups; their slope is 0.
    """
    segments = list(_segments(right, width))
    edges = np.array([start for start, _ in segments] + [len(right)])
    columns = np.minimum([column for _, column in segments], right.shape[1] - width)
    segment_of = np.repeat(np.arange(len(segments)), np.diff(edges))
    position, starts = _positions(convex, edges, segment_of)
    group, slot = np.divmod(position, GROUP)
    coefficients = np.zeros((int(starts[-1]), 1 + width, GROUP), np.float32)
    coefficients[:, 0] = neutral
    coefficients[group, 0, slot] = base
    weights = np.take_along_axis(right, columns[segment_of][:, None] + np.arange(width), 1)
    for k in range(width):
        coefficients[group, 1 + k, slot] = slope * weights[:, k]
    frames = np.zeros(GROUP * len(coefficients), np.uint16)
    frames[position] = np.arange(len(right), dtype=np.uint16)
    of_kinds = np.diff(starts).reshape(-1, 2, len(segments)).sum(axis=(0, 2))
    first = int(columns.min())
    return Chunk(
        first_column=first,
        columns=int(columns.max()) - first + width,
        segment=tuple(range(width)),
        segment_columns=columns - first,
        starts=starts,
        coefficients=coefficients.ravel(),
        frame=frames,
        groups=(int(of_kinds[CONVEX]), int(of_kinds[CONCAVE])),
        longest=int(np.diff(starts).max()),
    )


def _positions(
    convex: np.ndarray, edges: np.ndarray, segment_of: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the position of each bin ``(F, frames)`` among the points, and the first group of each run."""
    lengths = np.diff(edges)
    before = np.zeros((len(convex), convex.shape[1] + 1), dtype=np.int64)
    np.cumsum(convex, axis=1, out=before[:, 1:])
    count = before[:, edges[1:]] - before[:, edges[:-1]]
    counts = np.stack([count, lengths - count], axis=1)
    starts = np.zeros(counts.size + 1, dtype=np.int64)
    np.cumsum(-(-counts.ravel() // GROUP), out=starts[1:])
    starts_of = GROUP * starts[:-1].reshape(counts.shape)[..., segment_of]
    convex_before = before[:, :-1] - before[:, edges[segment_of]]
    concave_before = np.arange(convex.shape[1]) - edges[segment_of] - convex_before
    position = np.where(convex, starts_of[:, CONVEX] + convex_before, starts_of[:, CONCAVE] + concave_before)
    return position, starts


def columns_per_segment(right: np.ndarray, most: int) -> int:
    """Choose the columns per segment: more make longer segments, less padding and more work per point."""
    narrowest = bands(right).weights.shape[1]
    candidates = range(narrowest, min(narrowest + _EXTRA_COLUMNS, right.shape[1], most) + 1)
    # Padding adds about three points per segment; a point costs its columns and some two operations.
    work = {
        width: (len(right) + 3 * len(list(_segments(right, width)))) * (width + 2) for width in candidates
    }
    return min(work, key=lambda width: work[width])


def _segments(right: np.ndarray, width: int) -> Iterator[tuple[int, int]]:
    """Yield first frame and first column of the longest runs of frames that depend on ``width`` columns."""
    first, end = (edges.tolist() for edges in row_bands(right))
    start, low, high = 0, first[0], end[0]
    for frame in range(1, len(right)):
        wider = min(low, first[frame]), max(high, end[frame])
        if wider[1] - wider[0] > width:
            yield start, low
            start, wider = frame, (first[frame], end[frame])
        low, high = wider
    yield start, low
