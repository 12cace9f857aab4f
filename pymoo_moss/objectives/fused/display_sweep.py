"""Compiled sweeps behind `VisualDisplay` and `AudioLogL1` with the display's floor, both in one pass.

Magnitudes are in units of the floor, the darkest that a viewer shows. Both objectives then depend on a bin by
``log(max(value, 1))``: one clips it at white, scales it and averages it into the viewer's pixels, the other
sums it.
"""

from typing import Any, NamedTuple

import numpy as np

from ..._compiling import compiled, compiled_within
from .groups import (
    join_group,
    load_columns,
    logs_of_group,
    lowered,
    multiply_groups,
    prefetch_group,
    product_of_group,
    raised,
    reciprocals_of_group,
    split_group,
    store_group,
    values_of_group,
    where_at_least,
    where_at_most,
)
from .lanes import WIDTH, load, log, read, store
from .packing import Packed
from .plane_layout import GROUP, Bands, Chunk
from .sweep import (
    add_bin_gradients,
    add_segment_gradient,
    empty_rows,
    empty_vectors,
    end_of_bundle,
    first_mixed_group,
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


@compiled_within
def _draw(line: np.ndarray, columns: Columns, frame: int, shown: object) -> None:
    """Add a bin's shown level to the two columns of the view that its frame touches."""
    frame = np.intp(frame)
    at = read(columns.column, frame) * WIDTH
    store(line, at, load(line, at) + read(columns.shares, 2 * frame) * shown)
    at += WIDTH
    store(line, at, load(line, at) + read(columns.shares, 2 * frame + 1) * shown)


@compiled_within
def _seen(line: np.ndarray, columns: Columns, frame: int) -> object:
    """Return the adjoint of `_draw` for one frame."""
    frame = np.intp(frame)
    at = read(columns.column, frame) * WIDTH
    first = read(columns.shares, 2 * frame) * load(line, at)
    return first + read(columns.shares, 2 * frame + 1) * load(line, at + WIDTH)


@compiled_within
def _seen_by_points(
    line: np.ndarray, columns: Columns, chunk: Chunk, group: int
) -> tuple[Any, Any, Any, Any]:
    """Return `_seen` for each point of a group."""
    point = GROUP * group
    return (
        _seen(line, columns, read(chunk.frame, point)),
        _seen(line, columns, read(chunk.frame, point + 1)),
        _seen(line, columns, read(chunk.frame, point + 2)),
        _seen(line, columns, read(chunk.frame, point + 3)),
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
    view: np.ndarray,
) -> None:
    """Compute a chunk's part of the view, and multiply its values above the floor.

    Args:
        packed: the masks.
        left: ``L``.
        viewer: the viewer.
        columns: the view's columns that the chunk touches.
        chunk: the points.
        mantissas: ``(2 * blocks * 16,)`` float32, ones; multiplied by the products' mantissas.
        exponents: the same shape, int32, zeros; raised by the exponents plus 127 for each group.
        view: ``(blocks, height, width, 16)`` float32, filled with the chunk's part of the view.
    """
    view[:] = 0
    rows = empty_rows(packed, chunk)
    line = empty_vectors(columns.width * WIDTH)
    floor, white = np.float32(1), np.float32(viewer.white)
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
                        mixed = first_mixed_group(chunk, f + number, kind, segment)
                        for group in range(first, mixed):
                            prefetch_group(chunk.coefficients, chunk.segment, group)
                            values = values_of_group(chunk.coefficients, group, lanes, packed.points)
                            values = raised(values, floor)
                            product, exponent = multiplied(product, exponent, product_of_group(values))
                            # The sum of the logarithms of one pixel is that of the product.
                            shown = log(product_of_group(lowered(values, white)))
                            _draw(line, columns, read(chunk.frame, GROUP * group), shown)
                        for group in range(mixed, last):
                            prefetch_group(chunk.coefficients, chunk.segment, group)
                            values = values_of_group(chunk.coefficients, group, lanes, packed.points)
                            values = raised(values, floor)
                            product, exponent = multiplied(product, exponent, product_of_group(values))
                            p0, p1, p2, p3 = split_group(logs_of_group(lowered(values, white)))
                            point = GROUP * group
                            _draw(line, columns, read(chunk.frame, point), p0)
                            _draw(line, columns, read(chunk.frame, point + 1), p1)
                            _draw(line, columns, read(chunk.frame, point + 2), p2)
                            _draw(line, columns, read(chunk.frame, point + 3), p3)
                    for k in range(viewer.rows.weights.shape[1]):
                        share = scale * viewer.rows.weights[f + number, k]
                        if share != 0:
                            pixels = view[block, viewer.rows.first[f + number] + k].ravel()
                            for at in range(0, pixels.size, WIDTH):
                                store(pixels, at, load(pixels, at) + share * load(line, at))
                store(mantissas, total, product)
                store(exponents, total, exponent)
        f = end


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
        gradients: see `Packed.shape_of_gradients`; filled with those of the loss, and of log distances.
    """
    rows = empty_rows(packed, chunk)
    visual, audio = empty_rows(packed, chunk), empty_rows(packed, chunk)
    gradients[:] = 0
    slopes, visual_slopes = slopes_of_segment(packed, chunk), slopes_of_segment(packed, chunk)
    line = empty_vectors(columns.width * WIDTH)
    floor, white = np.float32(1), np.float32(viewer.white)
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
                        mixed = first_mixed_group(chunk, f + number, kind, segment)
                        for group in range(first, last):
                            prefetch_group(chunk.coefficients, chunk.segment, group)
                            values = values_of_group(chunk.coefficients, group, lanes, packed.points)
                            _, inverses = reciprocals_of_group(raised(values, floor))
                            audible = where_at_least(inverses, values, floor)
                            if group < mixed:
                                pixel = _seen(line, columns, read(chunk.frame, GROUP * group))
                                seen = join_group((pixel, pixel, pixel, pixel), packed.points)
                            else:
                                seen = join_group(_seen_by_points(line, columns, chunk, group), packed.points)
                            visible = where_at_most(multiply_groups(audible, seen), values, white)
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
def assemble(parts: np.ndarray, first: int, rows: slice, width: int, views: np.ndarray) -> None:
    """Add a chunk's part ``(blocks, height, columns, 16)`` of the views to ``views (n, height, full)``.

    ``width`` masks are in a block, each in as many lanes as there are.
    """
    masks, _, full = views.shape
    points = WIDTH // width
    count = min(parts.shape[2], full - first)
    # By way of a small array, because the views' rows may be at addresses that keep each other out of cache.
    lines = np.empty((width, count), np.float32)
    for row in range(rows.start, rows.stop):
        for block in range(len(parts)):
            part = parts[block, row].ravel()
            for column in range(count):
                for lane in range(width):
                    lines[lane, column] = part[column * WIDTH + lane * points]
            for lane in range(min(width, masks - block * width)):
                line, view = lines[lane], views[block * width + lane, row, first : first + count]
                for column in range(count):
                    view[column] += line[column]


@compiled
def scatter_views(views: np.ndarray, columns: Columns, width: int, parts: np.ndarray) -> None:
    """Copy a chunk's part of the views to ``parts (blocks, height, columns, 16)``, as `assemble` adds it."""
    masks, height, full = views.shape
    points = WIDTH // width
    parts[:, :, full - columns.first :] = 0
    count = min(columns.width, full - columns.first)
    lines = np.zeros((width, count), np.float32)
    for block in range(len(parts)):
        for row in range(height):
            for lane in range(min(width, masks - block * width)):
                line = views[block * width + lane, row, columns.first : columns.first + count]
                for column in range(count):
                    lines[lane, column] = line[column]
            part = parts[block, row].ravel()
            for column in range(count):
                for lane in range(width):
                    for point in range(points):
                        part[column * WIDTH + lane * points + point] = lines[lane, column]
