"""What all compiled sweeps share: masks packed into lanes, one bin's masks, and the way back."""

from typing import Any, NamedTuple

import numpy as np

from .compiling import compiled
from .lanes import WIDTH, broadcast, load, read, store
from .layout import Bands

BLOCKS_AT_ONCE = 8
"""Blocks of sixteen masks that go over a chunk together, while its points are in cache."""


class Packed(NamedTuple):
    """A batch of control grids, sixteen side by side.

    Attributes:
        values: float32, flat ``(kinds, blocks, rows, columns, 16)``: complements for the bins that fall,
            levels for those that rise.
        blocks: number of blocks of sixteen masks.
        rows: of the grid.
        columns: of the grid.
    """

    values: np.ndarray
    blocks: int
    rows: int
    columns: int


def pack(x: np.ndarray, grid: tuple[int, int]) -> Packed:
    """Masks ``(n, n_var)`` in [0, 1] for a sweep; missing ones in the last block are X = 0."""
    blocks = -(-len(x) // WIDTH)
    values = np.empty(2 * blocks * WIDTH * x.shape[1], np.float32)
    _pack(np.ascontiguousarray(x, np.float64), blocks, values)
    return Packed(values, blocks, *grid)


def unpack(lanes: np.ndarray, masks: int) -> np.ndarray:
    """Grids ``(masks, n_var)`` from lanes ``(blocks, rows, columns, 16)``."""
    return lanes.transpose(0, 3, 1, 2).reshape(len(lanes) * WIDTH, -1)[:masks]


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
    """One bin's masks on the grid's columns, ``row = L[f] @ X``; ``row (columns * 16,)`` is written to."""
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
    """The way back from `masks_of_bin`: ``total += factor * L[f]^T row`` on flat ``(rows, columns, 16)``."""
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
def masks_of_group(
    row: np.ndarray, column: int, weights: np.ndarray, frame: np.ndarray, point: int, segment: tuple[int, ...]
) -> tuple[Any, Any, Any, Any]:
    """The masks of four points of one segment, whose first column is ``column``."""
    width = len(segment)
    at0, at1 = np.intp(read(frame, point)) * width, np.intp(read(frame, point + 1)) * width
    at2, at3 = np.intp(read(frame, point + 2)) * width, np.intp(read(frame, point + 3)) * width
    lanes = load(row, column * WIDTH)
    z0, z1 = read(weights, at0) * lanes, read(weights, at1) * lanes
    z2, z3 = read(weights, at2) * lanes, read(weights, at3) * lanes
    for k in range(1, width):
        lanes = load(row, (column + k) * WIDTH)
        z0, z1 = z0 + read(weights, at0 + k) * lanes, z1 + read(weights, at1 + k) * lanes
        z2, z3 = z2 + read(weights, at2 + k) * lanes, z3 + read(weights, at3 + k) * lanes
    return z0, z1, z2, z3


@compiled
def add_group_gradient(
    row: np.ndarray,
    column: int,
    weights: np.ndarray,
    frame: np.ndarray,
    point: int,
    segment: tuple[int, ...],
    g0: Any,
    g1: Any,
    g2: Any,
    g3: Any,
) -> None:
    """The way back from `masks_of_group`: add the gradients of four points to their columns."""
    width = len(segment)
    at0, at1 = np.intp(read(frame, point)) * width, np.intp(read(frame, point + 1)) * width
    at2, at3 = np.intp(read(frame, point + 2)) * width, np.intp(read(frame, point + 3)) * width
    for k in range(width):
        at = (column + k) * WIDTH
        total = load(row, at) + read(weights, at0 + k) * g0
        total = total + read(weights, at1 + k) * g1
        total = total + read(weights, at2 + k) * g2
        store(row, at, total + read(weights, at3 + k) * g3)
