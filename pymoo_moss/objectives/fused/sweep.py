"""Parts of all compiled sweeps: masks packed into lanes, the masks of one bin, and their adjoints."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ...errors import OptionError
from .compiling import compiled
from .lanes import WIDTH, biased_exponent, broadcast, load, mantissa, read, store
from .plane_layout import Bands, Chunk

BLOCKS_AT_ONCE = 8
"""Blocks of sixteen masks that are evaluated together on a chunk, while its points are in cache."""


class Packed(NamedTuple):
    """A batch of control grids, sixteen side by side.

    Attributes:
        values: float32, flat ``(kinds, blocks, rows, columns, 16)``: complements for convex bins, levels for
            concave ones.
        blocks: number of blocks of sixteen masks.
        rows: of the grid.
        columns: of the grid.
    """

    values: np.ndarray
    blocks: int
    rows: int
    columns: int


def pack(x: np.ndarray, grid: tuple[int, int]) -> Packed:
    """Pack masks ``(n, n_var)`` in [0, 1] for a sweep; the last block is padded with X = 0."""
    if x.ndim != 2 or x.shape[1] != grid[0] * grid[1]:  # loops do not check their bounds
        raise OptionError(f"expected masks of shape (n, {grid[0] * grid[1]}), got {x.shape}")
    blocks = -(-len(x) // WIDTH)
    values = np.empty(2 * blocks * WIDTH * x.shape[1], np.float32)
    _pack(np.ascontiguousarray(x, np.float64), blocks, values)
    return Packed(values, blocks, *grid)


def unpack(lanes: np.ndarray, masks: int) -> np.ndarray:
    """Return grids ``(masks, n_var)`` from lanes ``(blocks, rows, columns, 16)``."""
    return lanes.transpose(0, 3, 1, 2).reshape(len(lanes) * WIDTH, lanes.shape[1] * lanes.shape[2])[:masks]


def gather(packed: Packed, chunks: Sequence[Chunk], pieces: Sequence[np.ndarray]) -> np.ndarray:
    """Sum gradients ``(2, blocks, rows, columns, 16)`` from those of chunks on their own columns."""
    gradients = np.zeros((2, packed.blocks, packed.rows, packed.columns, WIDTH), np.float32)
    for chunk, piece in zip(chunks, pieces, strict=True):
        gradients[..., chunk.grid_columns, :] += piece
    return gradients


@compiled
def _pack(x: np.ndarray, blocks: int, values: np.ndarray) -> None:
    masks, variables = x.shape
    size = blocks * variables * WIDTH
    for block in range(blocks):
        for variable in range(variables):
            start = (block * variables + variable) * WIDTH
            for lane in range(WIDTH):
                mask = block * WIDTH + lane
                level = x[mask, variable] if mask < masks else 0.0
                values[start + lane] = 1.0 - level
                values[size + start + lane] = level


@compiled
def masks_of_bin(
    packed: Packed, kind: int, block: int, left: Bands, f: int, first_column: int, row: np.ndarray
) -> None:
    """Compute a row of bins' masks on the grid's columns, ``L[f] @ X``, in ``row (columns * 16,)``."""
    width = left.weights.shape[1]
    weights = left.weights[f]
    first = ((kind * packed.blocks + block) * packed.rows + left.first[f]) * packed.columns + first_column
    for column in range(row.size // WIDTH):
        total = broadcast(np.float32(0))
        for k in range(width):
            start = (first + k * packed.columns + column) * WIDTH
            total = total + read(weights, k) * load(packed.values, start)
        store(row, column * WIDTH, total)


@compiled
def add_bin_gradient(row: np.ndarray, left: Bands, f: int, factor: float, total: np.ndarray) -> None:
    """Apply the adjoint of `masks_of_bin`: ``total += factor * L[f]^T row``, flat ``(rows, columns, 16)``."""
    columns = row.size // WIDTH
    weights = left.weights[f]
    for k in range(left.weights.shape[1]):
        for column in range(columns):
            at = ((left.first[f] + k) * columns + column) * WIDTH
            store(
                total,
                at,
                load(total, at) + (np.float32(factor) * read(weights, k)) * load(row, column * WIDTH),
            )


@compiled
def points_of(chunk: Chunk, f: int, segment: int, kind: int) -> tuple[int, int]:
    """Return the first point of a row of bins, segment and kind, and one past the last."""
    group = (f * len(chunk.segment_columns) + segment) * 2 + kind
    return read(chunk.starts, group), read(chunk.starts, group + 1)


@compiled
def multiplied(product: Any, exponent: Any, factor: Any) -> tuple[Any, Any]:
    """Return a running product's mantissa and exponent (plus 127 per factor) after one more factor."""
    product = product * factor
    return mantissa(product), exponent + biased_exponent(product)


@compiled
def frames_of_group(chunk: Chunk, point: int) -> tuple[int, int, int, int]:
    """Return the frames of four points, counted from the chunk's first."""
    return (
        np.intp(read(chunk.frame, point)),
        np.intp(read(chunk.frame, point + 1)),
        np.intp(read(chunk.frame, point + 2)),
        np.intp(read(chunk.frame, point + 3)),
    )


@compiled
def values_of_group(chunk: Chunk, point: int, row: np.ndarray, column: int) -> tuple[Any, Any, Any, Any]:
    """Return ``base + slope * Z`` of four points of a segment whose first column in ``row`` is ``column``."""
    width = len(chunk.segment)
    f0, f1, f2, f3 = frames_of_group(chunk, point)
    at0, at1, at2, at3 = f0 * width, f1 * width, f2 * width, f3 * width
    lanes = load(row, column * WIDTH)
    z0, z1 = read(chunk.weights, at0) * lanes, read(chunk.weights, at1) * lanes
    z2, z3 = read(chunk.weights, at2) * lanes, read(chunk.weights, at3) * lanes
    for k in range(1, width):
        lanes = load(row, (column + k) * WIDTH)
        z0, z1 = z0 + read(chunk.weights, at0 + k) * lanes, z1 + read(chunk.weights, at1 + k) * lanes
        z2, z3 = z2 + read(chunk.weights, at2 + k) * lanes, z3 + read(chunk.weights, at3 + k) * lanes
    return (
        read(chunk.base, point) + read(chunk.slope, point) * z0,
        read(chunk.base, point + 1) + read(chunk.slope, point + 1) * z1,
        read(chunk.base, point + 2) + read(chunk.slope, point + 2) * z2,
        read(chunk.base, point + 3) + read(chunk.slope, point + 3) * z3,
    )


@compiled
def log_slopes_of_group(chunk: Chunk, point: int, v0: Any, v1: Any, v2: Any, v3: Any) -> tuple[Any, ...]:
    """Return the product of four points' values, and their logarithms' derivatives ``slope / value``."""
    v01, v23 = v0 * v1, v2 * v3
    product = v01 * v23
    # One division for four reciprocals.
    inverse = np.float32(1) / product
    inverse01, inverse23 = inverse * v23, inverse * v01
    return (
        product,
        read(chunk.slope, point) * (inverse01 * v1),
        read(chunk.slope, point + 1) * (inverse01 * v0),
        read(chunk.slope, point + 2) * (inverse23 * v3),
        read(chunk.slope, point + 3) * (inverse23 * v2),
    )


@compiled
def add_group_gradient(
    chunk: Chunk, point: int, row: np.ndarray, column: int, g0: Any, g1: Any, g2: Any, g3: Any
) -> None:
    """Add to the row the gradients in Z of four points, times the weights of their columns."""
    width = len(chunk.segment)
    f0, f1, f2, f3 = frames_of_group(chunk, point)
    at0, at1, at2, at3 = f0 * width, f1 * width, f2 * width, f3 * width
    for k in range(width):
        at = (column + k) * WIDTH
        total = load(row, at) + read(chunk.weights, at0 + k) * g0
        total = total + read(chunk.weights, at1 + k) * g1
        total = total + read(chunk.weights, at2 + k) * g2
        store(row, at, total + read(chunk.weights, at3 + k) * g3)
