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
        mixed: ``(bins * 2 * segments,)`` first group of each of those runs whose points have several pixels.
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
    mixed: np.ndarray
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
    right: np.ndarray,
    width: int,
    convex: np.ndarray,
    base: np.ndarray,
    slope: np.ndarray,
    *,
    neutral: float,
    pixels: np.ndarray | None = None,
) -> Chunk:
    """Make a chunk of the plane, its bins sorted by kind.

    Args:
        right: ``(frames, gw)``, weights of the grid's columns in the masks of frames.
        width: columns that the masks of one segment may depend on; see `columns_per_segment`.
        convex: ``(F, frames)`` bool, where the sound is louder.
        base: ``(F, frames)`` value of each bin at Z = 0.
        slope: ``(F, frames)`` increase of each bin's value from Z = 0 to Z = 1.
        neutral: base of the points that pad groups; their slope is 0.
        pixels: ``(frames,)`` the pixel that a frame is shown in, and -1 for frames in several. In every run,
            as many groups as possible have points of one pixel, and come first. None where nothing is shown.
    """
    if pixels is None:
        pixels = np.full(len(right), -1)
    segments = list(_segments(right, width))
    edges = np.array([start for start, _ in segments] + [len(right)])
    columns = np.minimum([column for _, column in segments], right.shape[1] - width)
    segment_of = np.repeat(np.arange(len(segments)), np.diff(edges))
    position, starts, mixed = _positions(convex, edges, segment_of, pixels)
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
        mixed=mixed,
        frame=frames,
        groups=(int(of_kinds[CONVEX]), int(of_kinds[CONCAVE])),
        longest=int(np.diff(starts).max()),
    )


def _positions(
    convex: np.ndarray, edges: np.ndarray, segment_of: np.ndarray, pixels: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Arrange bins in runs of one row, kind and segment.

    Returns:
        position of each bin ``(F, frames)`` among the points, first group of each run and the end, and the
        first group of each run whose points have several pixels.
    """
    of_kinds = [_order_in_runs(of_kind, edges, segment_of, pixels) for of_kind in (convex, ~convex)]
    order, counts, together = (np.stack(parts, axis=1) for parts in zip(*of_kinds, strict=True))
    starts = np.zeros(counts.size + 1, dtype=np.int64)
    np.cumsum(-(-counts.ravel() // GROUP), out=starts[1:])
    order += GROUP * starts[:-1].reshape(counts.shape)[..., segment_of]
    position = np.where(convex, order[:, CONVEX], order[:, CONCAVE])
    return position, starts, starts[:-1] + together.ravel() // GROUP


def _order_in_runs(
    of_kind: np.ndarray, edges: np.ndarray, segment_of: np.ndarray, pixels: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Arrange bins of one kind in each run: groups of one pixel first, then what is left.

    Returns:
        place of each bin ``(F, frames)`` in its run, and for each run ``(F, segments)`` how many bins it has,
        and how many of them are in groups of one pixel.
    """
    frames = np.arange(len(pixels))
    begins = np.diff(pixels, prepend=-2) + np.diff(segment_of, prepend=-1) * len(pixels) != 0
    first = np.flatnonzero(begins)
    cell = np.cumsum(begins) - 1
    before = _count_before(of_kind)
    rank = before[:, frames] - before[:, first[cell]]
    in_cell = before[:, np.append(first[1:], len(pixels))[cell]] - before[:, first[cell]]
    together = of_kind & (pixels >= 0) & (rank < in_cell // GROUP * GROUP)
    before_together = _count_before(together)
    rank = before[:, frames] - before[:, edges[segment_of]]
    rank_together = before_together[:, frames] - before_together[:, edges[segment_of]]
    counts, of_one_pixel = (count[:, edges[1:]] - count[:, edges[:-1]] for count in (before, before_together))
    rest = of_one_pixel[:, segment_of] + rank - rank_together
    return np.where(together, rank_together, rest), counts, of_one_pixel


def _count_before(flags: np.ndarray) -> np.ndarray:
    """Return how many flags ``(F, frames)`` are set before each frame, and in all: ``(F, frames + 1)``."""
    before = np.zeros((len(flags), flags.shape[1] + 1), dtype=np.int64)
    np.cumsum(flags, axis=1, out=before[:, 1:])
    return before


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
