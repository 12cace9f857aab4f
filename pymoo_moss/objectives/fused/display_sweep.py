"""Compiled sweeps behind `VisualDisplay` and `AudioLogL1` with the display's floor, both in one pass.

Magnitudes are in units of the floor, the darkest that a viewer shows. Both objectives then depend on a bin by
``log(max(value, 1))``: one clips it at white, scales it and averages it into the viewer's pixels, the other
sums it.
"""

from typing import NamedTuple

import numpy as np

from .compiling import compiled
from .lanes import (
    WIDTH,
    load,
    log,
    maximum,
    minimum,
    read,
    store,
    where_within,
)
from .plane_layout import GROUP, Bands, Chunk
from .sweep import (
    Packed,
    add_bin_gradient,
    add_group_gradient,
    frames_of_group,
    log_slopes_of_group,
    masks_of_bin,
    multiplied,
    points_of,
    values_of_group,
)


class Viewer(NamedTuple):
    """Averaging of the plane into pixels.

    Attributes:
        height: height of the view in pixels, row 0 at the lowest frequency.
        rows: the view's rows that a row of bins touches, and its share in their averages.
        white: magnitude that is shown as 1, in units of the floor.
    """

    height: int
    rows: Bands
    white: float


class Columns(NamedTuple):
    """The view's columns that a chunk touches.

    Attributes:
        first: the first column.
        width: number of columns.
        column: ``(frames,)`` the first of the two columns that a frame may touch, counted from ``first``.
        shares: ``(2 * frames,)`` float32, the frame's shares in their averages.
    """

    first: int
    width: int
    column: np.ndarray
    shares: np.ndarray


@compiled
def _draw(line: np.ndarray, columns: Columns, frame: int, shown: object) -> None:
    """Add a bin's shown level to the two columns of the view that its frame touches."""
    at = columns.column[frame] * WIDTH
    store(line, at, load(line, at) + read(columns.shares, 2 * frame) * shown)
    at += WIDTH
    store(line, at, load(line, at) + read(columns.shares, 2 * frame + 1) * shown)


@compiled
def _seen(line: np.ndarray, columns: Columns, frame: int) -> object:
    """Return the adjoint of `_draw` for one frame."""
    at = columns.column[frame] * WIDTH
    first = read(columns.shares, 2 * frame) * load(line, at)
    return first + read(columns.shares, 2 * frame + 1) * load(line, at + WIDTH)


@compiled
def show(
    packed: Packed,
    left: Bands,
    viewer: Viewer,
    columns: Columns,
    chunk: Chunk,
    mantissas: np.ndarray,
    exponents: np.ndarray,
) -> np.ndarray:
    """Compute a chunk's part of the view, and multiply its values above the floor.

    Args:
        packed: the masks.
        left: ``L``.
        viewer: the viewer.
        columns: the view's columns that the chunk touches.
        chunk: the points.
        mantissas: ``(2 * blocks * 16,)`` float32, ones; multiplied by the products' mantissas.
        exponents: the same shape, int32, zeros; raised by the exponents plus 127 for each group.

    Returns:
        ``(blocks, height, width, 16)`` float32, the chunk's part of the view.
    """
    view = np.zeros((packed.blocks, viewer.height, columns.width, WIDTH), np.float32)
    row = np.empty(chunk.columns * WIDTH, np.float32)
    line = np.empty(columns.width * WIDTH, np.float32)
    segments = len(chunk.segment_columns)
    floor, white = np.float32(1), np.float32(1)
    scale = np.float32(1 / np.log(viewer.white))
    for f in range(len(left.first)):
        for block in range(packed.blocks):
            line[:] = 0
            for kind in range(2):
                masks_of_bin(packed, kind, block, left, f, chunk.first_column, row)
                total = (kind * packed.blocks + block) * WIDTH
                product, exponent = load(mantissas, total), load(exponents, total)
                for segment in range(segments):
                    column = chunk.segment_columns[segment]
                    start, end = points_of(chunk, f, segment, kind)
                    for point in range(start, end, GROUP):
                        v0, v1, v2, v3 = values_of_group(chunk, point, row, column)
                        v0, v1 = maximum(v0, floor), maximum(v1, floor)
                        v2, v3 = maximum(v2, floor), maximum(v3, floor)
                        product, exponent = multiplied(product, exponent, (v0 * v1) * (v2 * v3))
                        f0, f1, f2, f3 = frames_of_group(chunk, point)
                        _draw(line, columns, f0, minimum(scale * log(v0), white))
                        _draw(line, columns, f1, minimum(scale * log(v1), white))
                        _draw(line, columns, f2, minimum(scale * log(v2), white))
                        _draw(line, columns, f3, minimum(scale * log(v3), white))
                store(mantissas, total, product)
                store(exponents, total, exponent)
            for k in range(viewer.rows.weights.shape[1]):
                share = viewer.rows.weights[f, k]
                if share != 0:
                    pixels = view[block, viewer.rows.first[f] + k].ravel()
                    for at in range(0, pixels.size, WIDTH):
                        store(pixels, at, load(pixels, at) + share * load(line, at))
    return view


@compiled
def differentiate(
    packed: Packed, left: Bands, viewer: Viewer, columns: Columns, chunk: Chunk, view: np.ndarray
) -> np.ndarray:
    """Compute the gradients in the grids of a loss of the view, and of the log distance from the sound.

    Args:
        packed: the masks.
        left: ``L``.
        viewer: the viewer.
        columns: the view's columns that the chunk touches.
        chunk: the points.
        view: ``(blocks, height, width, 16)`` float32, gradient of the loss in the chunk's part of the view.

    Returns:
        ``(2, blocks, rows, columns, 16)`` float32 on the chunk's columns: gradients of the loss, and of the
        sum of log distances.
    """
    gradients = np.zeros((2, packed.blocks, packed.rows, chunk.columns, WIDTH), np.float32)
    row = np.empty(chunk.columns * WIDTH, np.float32)
    visual, audio = np.empty(chunk.columns * WIDTH, np.float32), np.empty(chunk.columns * WIDTH, np.float32)
    line = np.empty(columns.width * WIDTH, np.float32)
    segments = len(chunk.segment_columns)
    floor, white = np.float32(1), np.float32(viewer.white)
    loudest = np.float32(np.inf)
    scale = np.float32(1 / np.log(viewer.white))
    for f in range(len(left.first)):
        for block in range(packed.blocks):
            line[:] = 0
            for k in range(viewer.rows.weights.shape[1]):
                share = scale * viewer.rows.weights[f, k]
                if share != 0:
                    pixels = view[block, viewer.rows.first[f] + k].ravel()
                    for at in range(0, pixels.size, WIDTH):
                        store(line, at, load(line, at) + share * load(pixels, at))
            for kind in range(2):
                masks_of_bin(packed, kind, block, left, f, chunk.first_column, row)
                visual[:] = 0
                audio[:] = 0
                for segment in range(segments):
                    column = chunk.segment_columns[segment]
                    start, end = points_of(chunk, f, segment, kind)
                    for point in range(start, end, GROUP):
                        v0, v1, v2, v3 = values_of_group(chunk, point, row, column)
                        _, g0, g1, g2, g3 = log_slopes_of_group(
                            chunk,
                            point,
                            maximum(v0, floor),
                            maximum(v1, floor),
                            maximum(v2, floor),
                            maximum(v3, floor),
                        )
                        f0, f1, f2, f3 = frames_of_group(chunk, point)
                        add_group_gradient(
                            chunk,
                            point,
                            visual,
                            column,
                            where_within(g0 * _seen(line, columns, f0), v0, floor, white),
                            where_within(g1 * _seen(line, columns, f1), v1, floor, white),
                            where_within(g2 * _seen(line, columns, f2), v2, floor, white),
                            where_within(g3 * _seen(line, columns, f3), v3, floor, white),
                        )
                        add_group_gradient(
                            chunk,
                            point,
                            audio,
                            column,
                            where_within(g0, v0, floor, loudest),
                            where_within(g1, v1, floor, loudest),
                            where_within(g2, v2, floor, loudest),
                            where_within(g3, v3, floor, loudest),
                        )
                # Where the sound is louder Z decreases as levels increase; the distance increases everywhere.
                add_bin_gradient(visual, left, f, 2.0 * kind - 1.0, gradients[0, block].ravel())
                add_bin_gradient(audio, left, f, 1.0, gradients[1, block].ravel())
    return gradients


@compiled
def assemble(parts: np.ndarray, first: int, rows: slice, views: np.ndarray) -> None:
    """Add a chunk's part ``(blocks, height, width, 16)`` of the views to ``views (n, height, full)``."""
    masks, _, full = views.shape
    count = min(parts.shape[2], full - first)
    for row in range(rows.start, rows.stop):
        for mask in range(masks):
            part = parts[mask // WIDTH, row].ravel()
            for column in range(count):
                views[mask, row, first + column] += part[column * WIDTH + mask % WIDTH]


@compiled
def scatter_views(views: np.ndarray, columns: Columns) -> np.ndarray:
    """Copy a chunk's part ``(blocks, height, width, 16)`` from ``views (n, height, full)``."""
    masks, height, full = views.shape
    blocks = (masks + WIDTH - 1) // WIDTH
    parts = np.zeros((blocks, height, columns.width, WIDTH), np.float32)
    count = min(columns.width, full - columns.first)
    for row in range(height):
        for mask in range(masks):
            part = parts[mask // WIDTH, row].ravel()
            for column in range(count):
                part[column * WIDTH + mask % WIDTH] = views[mask, row, columns.first + column]
    return parts
