"""Compiled sweeps behind `AudioLogL1`: sums of logarithms without one logarithm per bin.

The sum of the logarithms of many values is the logarithm of their product. The loops multiply, keep the
exponents separately as integers so that nothing overflows, and take one logarithm at the end of a chunk.
A bin then costs a few multiply-adds for sixteen masks.
"""

import math
from collections.abc import Sequence

import numpy as np

from ..._compiling import compiled
from .groups import (
    add_to_totals,
    add_totals,
    load_columns,
    prefetch_group,
    product_of_group,
    reciprocals_of_group,
    store_group,
    values_of_group,
    zero_totals,
)
from .lanes import WIDTH, load, store
from .packing import Packed
from .plane_layout import CONCAVE, CONVEX, Bands, Chunk
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

_EXPONENT_BIAS = 127

_IN_REGISTERS = 4
"""Most columns of a segment for which the sums of a gradient stay in registers throughout a loop."""


class LogSums:
    """Sums of logarithms over every chunk, for both kinds of bins and all masks of a pack.

    Each chunk has its own sums, which are added in the order of the chunks: any number of threads gives the
    same result.
    """

    def __init__(self, chunks: Sequence[Chunk], packed: Packed) -> None:
        self._chunks = chunks
        self._points = len(packed.points)
        self._mantissas = np.ones((len(chunks), 2 * packed.blocks * WIDTH), np.float32)
        self._exponents = np.zeros_like(self._mantissas, dtype=np.int32)

    def of_chunk(self, number: int) -> tuple[Chunk, np.ndarray, np.ndarray]:
        """Return a chunk, and its mantissas and exponents ``(2 * blocks * 16,)`` to be updated in place."""
        return self._chunks[number], self._mantissas[number], self._exponents[number]

    def distances(self, at_sound: np.ndarray) -> np.ndarray:
        """Return sums of log distances ``(masks,)`` from the sound, whose own sums of logs are ``(2, 1)``."""
        moved = self._logs() - at_sound
        return np.asarray(moved[CONCAVE] - moved[CONVEX])

    def _logs(self) -> np.ndarray:
        """Return the sums of logs ``(2, masks)``, of convex and of concave bins."""
        shape = len(self._chunks), 2, -1
        biases = _EXPONENT_BIAS * np.array([chunk.groups for chunk in self._chunks])[..., None]
        # The lanes of a mask agree.
        exponents = self._exponents.reshape(shape)[..., :: self._points] - biases
        mantissas = self._mantissas.reshape(shape)[..., :: self._points].astype(float)
        return np.asarray((np.log(mantissas) + math.log(2) * exponents).sum(axis=0))


def distances_of(sums: Sequence[LogSums], at_sound: np.ndarray) -> np.ndarray:
    """Return sums of log distances of the masks of several packs; see `LogSums.distances`."""
    return np.concatenate([np.empty(0), *(one.distances(at_sound) for one in sums)])


@compiled
def multiply(packed: Packed, left: Bands, chunk: Chunk, mantissas: np.ndarray, exponents: np.ndarray) -> None:
    """Multiply the values of all points of a chunk, for both kinds of bins and every mask.

    Args:
        packed: the masks.
        left: ``L``.
        chunk: the points.
        mantissas: ``(2 * blocks * 16,)`` float32, ones; multiplied by the products' mantissas.
        exponents: the same shape, int32, zeros; raised by the exponents plus 127 for each group.
    """
    rows = empty_rows(packed, chunk)
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
                    for segment in range(len(chunk.segment_columns)):
                        column = chunk.segment_columns[segment]
                        columns = load_columns(rows[number], column, chunk.segment, packed.points)
                        first, last = groups_of(chunk, f + number, kind, segment)
                        for group in range(first, last):
                            prefetch_group(chunk.coefficients, chunk.segment, group)
                            values = values_of_group(chunk.coefficients, group, columns, packed.points)
                            product, exponent = multiplied(product, exponent, product_of_group(values))
                store(mantissas, total, product)
                store(exponents, total, exponent)
        f = end


@compiled
def multiply_and_differentiate(
    packed: Packed,
    left: Bands,
    chunk: Chunk,
    mantissas: np.ndarray,
    exponents: np.ndarray,
    gradients: np.ndarray,
) -> None:
    """Multiply as in `multiply`, and compute the gradients of the sums of logarithms.

    Args:
        packed: the masks.
        left: ``L``.
        chunk: the points.
        mantissas: as in `multiply`.
        exponents: as in `multiply`.
        gradients: see `Packed.shape_of_gradients`; filled with the derivatives with respect to ``Z``.
    """
    rows, row_gradients = empty_rows(packed, chunk), empty_rows(packed, chunk)
    slopes = slopes_of_segment(packed, chunk)
    gradients[:] = 0
    f = 0
    while f < len(left.first):
        end = end_of_bundle(left, f)
        for kind in range(2):
            if not has_points(chunk, f, end, kind):
                continue
            for block in range(packed.blocks):
                masks_of_bins(packed, kind, block, left, f, end, chunk.first_column, rows)
                row_gradients[:] = 0
                total = (kind * packed.blocks + block) * WIDTH
                product, exponent = load(mantissas, total), load(exponents, total)
                for number in range(end - f):
                    row, row_gradient = rows[number], row_gradients[number]
                    for segment in range(len(chunk.segment_columns)):
                        column = chunk.segment_columns[segment]
                        columns = load_columns(row, column, chunk.segment, packed.points)
                        totals = zero_totals(chunk.segment, packed.points)
                        first, last = groups_of(chunk, f + number, kind, segment)
                        for group in range(first, last):
                            prefetch_group(chunk.coefficients, chunk.segment, group)
                            values = values_of_group(chunk.coefficients, group, columns, packed.points)
                            factor, inverses = reciprocals_of_group(values)
                            product, exponent = multiplied(product, exponent, factor)
                            if len(chunk.segment) <= _IN_REGISTERS:
                                totals = add_to_totals(
                                    totals,
                                    chunk.coefficients,
                                    chunk.segment,
                                    0,
                                    group,
                                    inverses,
                                    packed.points,
                                )
                            else:
                                store_group(slopes, group - first, inverses)
                        if len(chunk.segment) <= _IN_REGISTERS:
                            add_totals(row_gradient, column, totals, packed.points)
                        else:
                            add_segment_gradient(chunk, packed, first, last, slopes, column, row_gradient)
                store(mantissas, total, product)
                store(exponents, total, exponent)
                add_bin_gradients(row_gradients, left, f, end, 1.0, gradients[kind, block])
        f = end
