"""Masks of a batch packed into lanes, and gradients unpacked."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from ..._compiling import compiled, parallel_map
from ...errors import OptionError
from .lanes import WIDTH
from .plane_layout import Chunk

BLOCKS_AT_ONCE = 8
"""Blocks of sixteen masks that are evaluated together on a chunk, while its points are in cache."""

Result = TypeVar("Result")

_VARIABLES_AT_ONCE = 16
"""Variables that are transposed together."""


class Packed(NamedTuple):
    """Control grids of some masks of a batch, side by side.

    Attributes:
        values: float32, flat ``(kinds, blocks, rows, columns, width)``: complements for convex bins, levels
            for concave ones; and one vector more, because loops read whole vectors.
        first: number of the first mask in the batch.
        blocks: number of blocks of ``width`` masks.
        rows: of the grid.
        columns: of the grid.
        points: ``(0, 1, ...)``, as many as a vector has points of one mask; see `groups`.
    """

    values: np.ndarray
    first: int
    blocks: int
    rows: int
    columns: int
    points: tuple[int, ...]

    @property
    def width(self) -> int:
        """Masks in a block."""
        return WIDTH // len(self.points)

    def shape_of_gradients(self, chunk: Chunk) -> tuple[int, int, int]:
        """Return the shape ``(2, blocks, rows * row_length)`` of gradients on a chunk's columns.

        Each row is of whole vectors.
        """
        points = len(self.points)
        length = -(-chunk.columns // points) * WIDTH
        return 2, self.blocks, self.rows * length

    @property
    def masks(self) -> slice:
        """The masks of the batch, of which the last may be missing."""
        return slice(self.first, self.first + self.blocks * self.width)


def pack(x: np.ndarray, grid: tuple[int, int]) -> list[Packed]:
    """Pack masks ``(n, n_var)`` in [0, 1], in order; X = 0 fills up the last block."""
    if x.ndim != 2 or x.shape[1] != grid[0] * grid[1]:  # loops do not check their bounds
        raise OptionError(f"expected masks of shape (n, {grid[0] * grid[1]}), got {x.shape}")
    x = np.ascontiguousarray(x, np.float32 if x.dtype == np.float32 else np.float64)
    packs = [_empty(first, blocks, points, grid) for first, blocks, points in _plan(len(x))]
    work = [(packed, block) for packed in packs for block in range(packed.blocks)]
    parallel_map(lambda one: _pack(x, one[0].values, one[0].first, one[0].blocks, one[0].width, one[1]), work)
    return packs


def map_chunks(
    work: Callable[[int, int], Result], packs: Sequence[Packed], chunks: int
) -> list[list[Result]]:
    """Return the results of compiled work on each pack and chunk, by their numbers."""
    numbers = [(pack, chunk) for pack in range(len(packs)) for chunk in range(chunks)]
    found = parallel_map(lambda pair: work(*pair), numbers)
    return [found[start : start + chunks] for start in range(0, len(found), chunks)]


def map_blocks(
    work: Callable[[np.ndarray, slice], None],
    packs: Sequence[Packed],
    chunks: Sequence[Chunk],
    pieces: Sequence[Sequence[np.ndarray]],
) -> None:
    """Do work on the gradients of every block of masks, side by side.

    Args:
        work: takes a block's gradients ``(2, n_var, width)`` and which masks of the batch they are of; the
            last of these may be missing. It may change the gradients.
        packs: of the batch.
        chunks: of the plane.
        pieces: for every pack and chunk, gradients on its own columns; see `Packed.shape_of_gradients`.
    """

    def gather(numbers: tuple[int, int]) -> None:
        number, block = numbers
        packed = packs[number]
        first = packed.first + block * packed.width
        gradients = _gathered(packed, chunks, pieces[number], block)
        work(gradients.reshape(2, -1, packed.width), slice(first, first + packed.width))

    parallel_map(gather, [(n, block) for n, packed in enumerate(packs) for block in range(packed.blocks)])


def _gathered(
    packed: Packed, chunks: Sequence[Chunk], pieces: Sequence[np.ndarray], block: int
) -> np.ndarray:
    """Sum a block's gradients ``(2, rows, columns, width)`` from those of chunks on their own columns."""
    gradients = np.zeros((2, packed.rows, packed.columns, packed.width), np.float32)
    for chunk, piece in zip(chunks, pieces, strict=True):
        on_columns = piece[:, block].reshape(2, packed.rows, -1, packed.width)
        gradients[..., chunk.grid_columns, :] += on_columns[..., : chunk.columns, :]
    return gradients


def _plan(masks: int) -> list[tuple[int, int, int]]:
    """Divide masks into blocks: number of the first mask, of blocks, and of points in a vector."""
    whole, rest = divmod(masks, WIDTH)
    plan = [(0, whole, 1)] if whole else []
    if rest:
        points = max(points for points in (1, 2, 4) if rest * points <= WIDTH)
        plan.append((masks - rest, 1, points))
    return plan


def _empty(first: int, blocks: int, points: int, grid: tuple[int, int]) -> Packed:
    size = 2 * blocks * (WIDTH // points) * grid[0] * grid[1]
    values = np.empty(size + WIDTH, np.float32)
    values[size:] = 0
    return Packed(values, first, blocks, *grid, tuple(range(points)))


@compiled
def _pack(x: np.ndarray, values: np.ndarray, first: int, blocks: int, width: int, block: int) -> None:
    masks, variables = x.shape
    size = blocks * variables * width
    first_value = block * variables * width
    # Both in float32 first, and by pieces, because rows of x may be at addresses that keep each other out of
    # the cache. The complement is rounded once: that of a level near 1 keeps its digits.
    levels = np.zeros((width, _VARIABLES_AT_ONCE), np.float32)
    complements = np.ones((width, _VARIABLES_AT_ONCE), np.float32)
    one = x.dtype.type(1)
    for start in range(0, variables, _VARIABLES_AT_ONCE):
        count = min(_VARIABLES_AT_ONCE, variables - start)
        for lane in range(min(width, masks - first - block * width)):
            some = x[first + block * width + lane, start : start + count]
            for variable in range(count):
                levels[lane, variable] = some[variable]
                complements[lane, variable] = one - some[variable]
        at = first_value + start * width
        for variable in range(count):
            for lane in range(width):
                values[at] = complements[lane, variable]
                values[size + at] = levels[lane, variable]
                at += 1


@compiled
def unpack(lanes: np.ndarray, masks: np.ndarray) -> None:
    """Transpose ``lanes (n_var, width)`` to ``masks (n, n_var)``, where n may be less than the width."""
    count, variables = masks.shape
    for start in range(0, variables, _VARIABLES_AT_ONCE):
        end = min(start + _VARIABLES_AT_ONCE, variables)
        for lane in range(count):
            for variable in range(start, end):
                masks[lane, variable] = lanes[variable, lane]
