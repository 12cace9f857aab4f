"""Compiled sweeps behind `VisualDisplay` and `AudioLogL1` with the display's floor, both in one pass.

Magnitudes are in units of the floor, the darkest that a viewer shows. Both objectives then depend on a bin by
``log(max(value, 1))``: one clips it at white, scales it and averages it into the viewer's pixels, the other
sums it.
"""

from typing import NamedTuple

import numpy as np

from .compiling import compiled
from .groups import (
    load_columns,
    product_of_group,
    reciprocals_of_group,
    store_group,
    values_of_group,
)
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
from .packing import Packed
from .plane_layout import GROUP, Bands, Chunk
from .sweep import (
    add_bin_gradients,
    add_segment_gradient,
    empty_rows,
    end_of_bundle,
    groups_of,
    has_points,
    masks_of_bins,
    multiplied,
    slopes_of_segment,
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
def _frames_of_group(chunk: Chunk, group: int) -> tuple[int, int, int, int]:
    """Return the frames of a group's points, counted from the chunk's first."""
    point = GROUP * group
    return (
        np.intp(read(chunk.frame, point)),
        np.intp(read(chunk.frame, point + 1)),
        np.intp(read(chunk.frame, point + 2)),
        np.intp(read(chunk.frame, point + 3)),
    )


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
    rows = empty_rows(packed, chunk)
    line = np.empty(columns.width * WIDTH, np.float32)
    floor, white = np.float32(1), np.float32(1)
    scale = np.float32(1 / np.log(viewer.white))
    f = 0
    while f < len(left.first):
        end = end_of_bundle(left, f)
        for kind in range(2):
            if not has_points(chunk, f, end, kind):
                continue
            for block in range(packed.blocks):
                masks_of_bins(packed, kind, block, left, f, end, chunk.first_column, rows)
                total = (kind * packed.blocks + block) * WIDTH
                product, exponent = load(mantissas, total), load(exponents, total)
                for number in range(end - f):
                    line[:] = 0
                    for segment in range(len(chunk.segment_columns)):
                        column = chunk.segment_columns[segment]
                        lanes = load_columns(rows[number], column, chunk.segment, packed.points)
                        first, last = groups_of(chunk, f + number, kind, segment)
                        for group in range(first, last):
                            v0, v1, v2, v3 = values_of_group(chunk.coefficients, group, lanes, packed.points)
                            v0, v1 = maximum(v0, floor), maximum(v1, floor)
                            v2, v3 = maximum(v2, floor), maximum(v3, floor)
                            factor = product_of_group((v0, v1, v2, v3))
                            product, exponent = multiplied(product, exponent, factor)
                            f0, f1, f2, f3 = _frames_of_group(chunk, group)
                            _draw(line, columns, f0, minimum(scale * log(v0), white))
                            _draw(line, columns, f1, minimum(scale * log(v1), white))
                            _draw(line, columns, f2, minimum(scale * log(v2), white))
                            _draw(line, columns, f3, minimum(scale * log(v3), white))
                    for k in range(viewer.rows.weights.shape[1]):
                        share = viewer.rows.weights[f + number, k]
                        if share != 0:
                            pixels = view[block, viewer.rows.first[f + number] + k].ravel()
                            for at in range(0, pixels.size, WIDTH):
                                store(pixels, at, load(pixels, at) + share * load(line, at))
                store(mantissas, total, product)
                store(exponents, total, exponent)
        f = end
    return view


@compiled
def differentiate(
    packed: Packed,
    left: Bands,
    viewer: Viewer,
    columns: Columns,
    chunk: Chunk,
    view: np.ndarray,
    gradients: np.ndarray,
) -> None:
    """Compute the gradients in the grids of a loss of the view, and of the log distance from the sound.

    Args:
        packed: the masks.
        left: ``L``.
        viewer: the viewer.
        columns: the view's columns that the chunk touches.
        chunk: the points.
        view: ``(blocks, height, width, 16)`` float32, gradient of the loss in the chunk's part of the view.
        gradients: see `Packed.empty_gradients`; filled with those of the loss, and of log distances.
    """
    rows = empty_rows(packed, chunk)
    visual, audio = empty_rows(packed, chunk), empty_rows(packed, chunk)
    gradients[:] = 0
    slopes, visual_slopes = slopes_of_segment(packed, chunk), slopes_of_segment(packed, chunk)
    line = np.empty(columns.width * WIDTH, np.float32)
    floor, white = np.float32(1), np.float32(viewer.white)
    loudest = np.float32(np.inf)
    scale = np.float32(1 / np.log(viewer.white))
    f = 0
    while f < len(left.first):
        end = end_of_bundle(left, f)
        for kind in range(2):
            if not has_points(chunk, f, end, kind):
                continue
            for block in range(packed.blocks):
                masks_of_bins(packed, kind, block, left, f, end, chunk.first_column, rows)
                visual[:] = 0
                audio[:] = 0
                for number in range(end - f):
                    line[:] = 0
                    for k in range(viewer.rows.weights.shape[1]):
                        share = scale * viewer.rows.weights[f + number, k]
                        if share != 0:
                            pixels = view[block, viewer.rows.first[f + number] + k].ravel()
                            for at in range(0, pixels.size, WIDTH):
                                store(line, at, load(line, at) + share * load(pixels, at))
                    for segment in range(len(chunk.segment_columns)):
                        column = chunk.segment_columns[segment]
                        lanes = load_columns(rows[number], column, chunk.segment, packed.points)
                        first, last = groups_of(chunk, f + number, kind, segment)
                        for group in range(first, last):
                            v0, v1, v2, v3 = values_of_group(chunk.coefficients, group, lanes, packed.points)
                            _, (g0, g1, g2, g3) = reciprocals_of_group(
                                (
                                    maximum(v0, floor),
                                    maximum(v1, floor),
                                    maximum(v2, floor),
                                    maximum(v3, floor),
                                )
                            )
                            audible = (
                                where_within(g0, v0, floor, loudest),
                                where_within(g1, v1, floor, loudest),
                                where_within(g2, v2, floor, loudest),
                                where_within(g3, v3, floor, loudest),
                            )
                            f0, f1, f2, f3 = _frames_of_group(chunk, group)
                            visible = (
                                where_within(g0 * _seen(line, columns, f0), v0, floor, white),
                                where_within(g1 * _seen(line, columns, f1), v1, floor, white),
                                where_within(g2 * _seen(line, columns, f2), v2, floor, white),
                                where_within(g3 * _seen(line, columns, f3), v3, floor, white),
                            )
                            store_group(slopes, group - first, audible)
                            store_group(visual_slopes, group - first, visible)
                        add_segment_gradient(
                            chunk, packed, first, last, visual_slopes, column, visual[number]
                        )
                        add_segment_gradient(chunk, packed, first, last, slopes, column, audio[number])
                # Where the sound is louder Z decreases as levels increase; the distance increases everywhere.
                add_bin_gradients(visual, left, f, end, 2.0 * kind - 1.0, gradients[0, block])
                add_bin_gradients(audio, left, f, end, 1.0, gradients[1, block])
        f = end


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
