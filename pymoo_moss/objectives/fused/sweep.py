"""Parts of all compiled sweeps: the masks of rows of bins, sums of gradients, and running products."""

from typing import Any

import numpy as np

from ..._compiling import compiled_within
from .groups import add_to_totals, add_totals, load_group, zero_totals
from .lanes import WIDTH, biased_exponent, broadcast, load, mantissa, read, store
from .packing import Packed
from .plane_layout import GROUP, Bands, Chunk

BUNDLE = 4
"""Most rows of bins whose masks are computed together."""

_TOGETHER, _ALONE = (0, 1, 2), (0,)
"""Columns of a segment whose gradients are summed together: as many as fit into registers, and the rest."""


@compiled_within
def empty_vectors(length: int) -> np.ndarray:
    """Return an uninitialised float32 array that begins with a cache line, which no vector then straddles."""
    size = 4 * WIDTH
    longer = np.empty(length + WIDTH, np.float32)
    first = (size - longer.ctypes.data % size) % size // 4
    return longer[first : first + length]


@compiled_within
def empty_rows(packed: Packed, chunk: Chunk) -> np.ndarray:
    """Return an uninitialised array ``(4, row_length)``: one block's columns of a chunk, in whole vectors."""
    points = len(packed.points)
    length = (chunk.columns + points - 1) // points * WIDTH
    return empty_vectors(BUNDLE * length).reshape(BUNDLE, length)


@compiled_within
def end_of_bundle(left: Bands, f: int) -> int:
    """Return one past the last of up to four rows of bins from ``f`` on that depend on the same grid rows."""
    end = f + 1
    while end < len(left.first) and end < f + BUNDLE and left.first[end] == left.first[f]:
        end += 1
    return end


@compiled_within
def masks_of_bins(
    packed: Packed, kind: int, block: int, left: Bands, f: int, end: int, first_column: int, rows: np.ndarray
) -> None:
    """Compute the masks of a bundle of rows of bins on the grid's columns, ``L[f:end] @ X``.

    Args:
        packed: the masks.
        kind: levels or complements.
        block: number of the block of masks.
        left: ``L``.
        f: first row of the bundle.
        end: one past its last row, see `end_of_bundle`.
        first_column: first column of the grid.
        rows: ``(4, row_length)`` what is computed; rows beyond the bundle are undefined.
    """
    width = left.weights.shape[1]
    w0, w1 = left.weights[f], left.weights[min(f + 1, end - 1)]
    w2, w3 = left.weights[min(f + 2, end - 1)], left.weights[min(f + 3, end - 1)]
    masks = WIDTH // len(packed.points)
    first = ((kind * packed.blocks + block) * packed.rows + left.first[f]) * packed.columns + first_column
    for at in range(0, rows.shape[1], WIDTH):
        t0, t1 = broadcast(np.float32(0)), broadcast(np.float32(0))
        t2, t3 = broadcast(np.float32(0)), broadcast(np.float32(0))
        for k in range(width):
            lanes = load(packed.values, (first + k * packed.columns) * masks + at)
            t0, t1 = t0 + read(w0, k) * lanes, t1 + read(w1, k) * lanes
            t2, t3 = t2 + read(w2, k) * lanes, t3 + read(w3, k) * lanes
        store(rows[0], at, t0)
        store(rows[1], at, t1)
        store(rows[2], at, t2)
        store(rows[3], at, t3)


@compiled_within
def add_bin_gradients(
    rows: np.ndarray, left: Bands, f: int, end: int, factor: float, total: np.ndarray
) -> None:
    """Apply the adjoint of `masks_of_bins`: ``total += factor * L[f:end]^T rows``.

    Args:
        rows: ``(4, row_length)`` gradients in the rows; those beyond the bundle are zeros.
        left: ``L``.
        f: first row of the bundle.
        end: one past its last row.
        factor: what the gradients are multiplied by.
        total: flat ``(grid rows, row_length)``, what is added to.
    """
    length = rows.shape[1]
    for k in range(left.weights.shape[1]):
        w0 = np.float32(factor) * read(left.weights[f], k)
        w1 = np.float32(factor) * read(left.weights[min(f + 1, end - 1)], k)
        w2 = np.float32(factor) * read(left.weights[min(f + 2, end - 1)], k)
        w3 = np.float32(factor) * read(left.weights[min(f + 3, end - 1)], k)
        start = (left.first[f] + k) * length
        for at in range(0, length, WIDTH):
            lanes = load(total, start + at) + w0 * load(rows[0], at)
            lanes = lanes + w1 * load(rows[1], at)
            lanes = lanes + w2 * load(rows[2], at)
            store(total, start + at, lanes + w3 * load(rows[3], at))


@compiled_within
def groups_of(chunk: Chunk, f: int, kind: int, segment: int) -> tuple[int, int]:
    """Return the first group of points of a row of bins, kind and segment, and one past the last."""
    run = (f * 2 + kind) * len(chunk.segment_columns) + segment
    return read(chunk.starts, run), read(chunk.starts, run + 1)


@compiled_within
def first_mixed_group(chunk: Chunk, f: int, kind: int, segment: int) -> int:
    """Return the first group of a row of bins, kind and segment whose points have several pixels."""
    return read(chunk.mixed, (f * 2 + kind) * len(chunk.segment_columns) + segment)


@compiled_within
def has_points(chunk: Chunk, f: int, end: int, kind: int) -> bool:
    """Return whether any of some rows has bins of a kind."""
    segments = len(chunk.segment_columns)
    for row in range(f, end):
        first = (row * 2 + kind) * segments
        if read(chunk.starts, first) < read(chunk.starts, first + segments):
            return True
    return False


@compiled_within
def multiplied(product: Any, exponent: Any, factor: Any) -> tuple[Any, Any]:
    """Return a running product's mantissa and exponent (plus 127 per factor) after one more factor."""
    product = product * factor
    return mantissa(product), exponent + biased_exponent(product)


@compiled_within
def slopes_of_segment(packed: Packed, chunk: Chunk) -> np.ndarray:
    """Return an array for `store_group` that holds the groups of any segment of a row."""
    return empty_vectors(chunk.longest * (GROUP // len(packed.points)) * WIDTH)


@compiled_within
def _add_columns_gradient(
    chunk: Chunk,
    packed: Packed,
    start: int,
    end: int,
    slopes: np.ndarray,
    column: int,
    first: int,
    columns: tuple[int, ...],
    row: np.ndarray,
) -> None:
    """Do the work of `add_segment_gradient` for some of the segment's columns."""
    totals = zero_totals(columns, packed.points)
    for group in range(start, end):
        some = load_group(slopes, group - start, packed.points)
        totals = add_to_totals(totals, chunk.coefficients, chunk.segment, first, group, some, packed.points)
    add_totals(row, column + first, totals, packed.points)


@compiled_within
def add_segment_gradient(
    chunk: Chunk, packed: Packed, start: int, end: int, slopes: np.ndarray, column: int, row: np.ndarray
) -> None:
    """Add to a row the gradients in Z of a segment's groups, from stored slopes of a loss in their values.

    A second loop over the groups, because the sums and what makes the slopes exceed the registers.
    """
    first = 0
    while first < len(chunk.segment):
        if first + len(_TOGETHER) <= len(chunk.segment):
            _add_columns_gradient(chunk, packed, start, end, slopes, column, first, _TOGETHER, row)
            first += len(_TOGETHER)
        else:
            _add_columns_gradient(chunk, packed, start, end, slopes, column, first, _ALONE, row)
            first += len(_ALONE)
