"""The plane as compiled loops want it: in chunks of frames, each bin's frames sorted by who is louder.

Every bin has two numbers, a base and a slope, and its value at mask ``M`` is ``base + slope * Z``. Where the
sound is louder than the picture the value falls as the mask rises, and ``Z`` is the complement ``1 - M``;
elsewhere it rises, and ``Z`` is M. So neither end of the mask loses digits. Sorting by these two kinds leaves
loops without branches; runs of frames (segments) whose masks depend on the same few grid columns leave them
without look-ups. Groups of one bin, segment and kind are filled up with neutral points to multiples of four.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ...spectrogram.mask import row_bands

CONVEX, CONCAVE = 0, 1
"""Kinds of bins, by the term of `AudioLogL1` as a function of the mask: convex where the sound is louder."""

GROUP = 4
"""Points that compiled loops take at once."""

_FRAMES_PER_CHUNK = 512
"""Shorter ones would compute the columns that neighbours share more often."""
_EXTRA_COLUMNS = 8


class Bands(NamedTuple):
    """A banded matrix by its bands: ``matrix[i, first[i] + k] = weights[i, k]``.

    Attributes:
        first: ``(n,)`` int64.
        weights: ``(n, width)`` float32.
    """

    first: np.ndarray
    weights: np.ndarray


class Chunk(NamedTuple):
    """A run of frames with all its bins.

    Attributes:
        first_column: the first grid column that its masks depend on.
        columns: how many they depend on.
        segment: ``(0, 1, ..., width - 1)``, the columns that the masks of a segment depend on. A tuple: its
            length is part of its type, so that loops over it are compiled for that length and unrolled.
        segment_columns: ``(segments,)`` first column of each segment, counted from ``first_column``.
        starts: ``(bins * segments * 2 + 1,)`` where the points of each bin, segment and kind begin.
        base: ``(points,)`` float32, value at Z = 0.
        slope: ``(points,)`` float32, what a Z of 1 adds.
        frame: ``(points,)`` uint16, counted from the chunk's first.
        weights: ``(frames * width,)`` float32, what the columns of a frame's segment weigh in its mask.
        groups: number of groups of points of either kind.
    """

    first_column: int
    columns: int
    segment: tuple[int, ...]
    segment_columns: np.ndarray
    starts: np.ndarray
    base: np.ndarray
    slope: np.ndarray
    frame: np.ndarray
    weights: np.ndarray
    groups: tuple[int, int]

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
    """The frames of a plane in even runs."""
    # An even number of them, so that two threads have equal shares.
    count = min(2 * -(-frames // (2 * _FRAMES_PER_CHUNK)), frames)
    edges = np.linspace(0, frames, count + 1).astype(int).tolist()
    return [slice(start, end) for start, end in pairwise(edges)]


def make_chunk(
    right: np.ndarray, width: int, convex: np.ndarray, base: np.ndarray, slope: np.ndarray, neutral: float
) -> Chunk:
    """A chunk of the plane, sorted.

    Args:
        right: ``(frames, gw)``, what the grid's columns weigh in the masks of frames.
        width: columns that the masks of one segment may depend on; see `columns_per_segment`.
        convex: ``(F, frames)`` bool, where the sound is louder.
        base: ``(F, frames)`` value of each bin at Z = 0.
        slope: ``(F, frames)`` what a Z of 1 adds.
        neutral: the base of the points that fill groups up; their slope is 0.
    """
    segments = list(_segments(right, width))
    edges = np.array([start for start, _ in segments] + [len(right)])
    columns = np.minimum([column for _, column in segments], right.shape[1] - width)
    segment_of = np.repeat(np.arange(len(segments)), np.diff(edges))
    position, starts = _positions(convex, edges, segment_of)
    points = int(starts[-1])
    bases, slopes = np.full(points, neutral, np.float32), np.zeros(points, np.float32)
    frames = np.zeros(points, np.uint16)
    bases[position], slopes[position] = base, slope
    frames[position] = np.arange(len(right), dtype=np.uint16)
    weights = np.take_along_axis(right, columns[segment_of][:, None] + np.arange(width), 1)
    first = int(columns.min())
    return Chunk(
        first_column=first,
        columns=int(columns.max()) - first + width,
        segment=tuple(range(width)),
        segment_columns=columns - first,
        starts=starts,
        base=bases,
        slope=slopes,
        frame=frames,
        weights=weights.astype(np.float32).ravel(),
        groups=(
            int(np.diff(starts)[CONVEX::2].sum()) // GROUP,
            int(np.diff(starts)[CONCAVE::2].sum()) // GROUP,
        ),
    )


def _positions(
    convex: np.ndarray, edges: np.ndarray, segment_of: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where each point ``(F, frames)`` goes, and where each group starts."""
    lengths = np.diff(edges)
    before = np.zeros((len(convex), convex.shape[1] + 1), dtype=np.int64)
    np.cumsum(convex, axis=1, out=before[:, 1:])
    count = before[:, edges[1:]] - before[:, edges[:-1]]
    counts = np.stack([count, lengths - count], axis=2)
    starts = np.zeros(counts.size + 1, dtype=np.int64)
    np.cumsum((-(-counts // GROUP) * GROUP).ravel(), out=starts[1:])
    starts_of = starts[:-1].reshape(counts.shape)[:, segment_of]
    convex_before = before[:, :-1] - before[:, edges[segment_of]]
    concave_before = np.arange(convex.shape[1]) - edges[segment_of] - convex_before
    position = np.where(
        convex, starts_of[..., CONVEX] + convex_before, starts_of[..., CONCAVE] + concave_before
    )
    return position, starts


def columns_per_segment(right: np.ndarray, most: int) -> int:
    """Columns per segment: more make longer segments with less filling up, and more work a point."""
    narrowest = bands(right).weights.shape[1]
    candidates = range(narrowest, min(narrowest + _EXTRA_COLUMNS, right.shape[1], most) + 1)
    # Filling up takes about three points a segment; a point's work is its columns and some four operations.
    work = {
        width: (len(right) + 3 * len(list(_segments(right, width)))) * (width + 4) for width in candidates
    }
    return min(work, key=lambda width: work[width])


def _segments(right: np.ndarray, width: int) -> Iterator[tuple[int, int]]:
    """First frame and first column of the longest runs of frames that depend on ``width`` columns."""
    first, end = (edges.tolist() for edges in row_bands(right))
    start, low, high = 0, first[0], end[0]
    for frame in range(1, len(right)):
        wider = min(low, first[frame]), max(high, end[frame])
        if wider[1] - wider[0] > width:
            yield start, low
            start, wider = frame, (first[frame], end[frame])
        low, high = wider
    yield start, low
