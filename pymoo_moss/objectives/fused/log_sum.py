"""Compiled sweeps behind `AudioLogL1`: sums of logarithms without one logarithm per bin.

The sum of the logarithms of many values is the logarithm of their product. The loops multiply, keep the
exponents separately as integers so that nothing overflows, and take one logarithm at the end of a chunk.
A bin then costs a few multiply-adds for sixteen masks.
"""

import math
from collections.abc import Sequence

import numpy as np

from .compiling import compiled
from .lanes import WIDTH, load, store
from .plane_layout import CONCAVE, CONVEX, GROUP, Bands, Chunk
from .sweep import (
    Packed,
    add_bin_gradient,
    add_group_gradient,
    log_slopes_of_group,
    masks_of_bin,
    multiplied,
    points_of,
    values_of_group,
)

_EXPONENT_BIAS = 127


class LogSums:
    """Sums of logarithms over every chunk, for both kinds of bins and blocks of sixteen masks.

    Each chunk has its own sums, which are added in the order of the chunks: any number of threads gives the
    same result.
    """

    def __init__(self, chunks: Sequence[Chunk], blocks: int) -> None:
        self._chunks = chunks
        self._mantissas = np.ones((len(chunks), 2 * blocks * WIDTH), np.float32)
        self._exponents = np.zeros_like(self._mantissas, dtype=np.int32)

    @property
    def numbers(self) -> range:
        """The chunks' numbers."""
        return range(len(self._chunks))

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
        exponents = self._exponents.reshape(shape) - biases
        logs = np.log(self._mantissas.reshape(shape).astype(float)) + math.log(2) * exponents
        return np.asarray(logs.sum(axis=0))


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
    row = np.empty(chunk.columns * WIDTH, np.float32)
    segments = len(chunk.segment_columns)
    for f in range(len(left.first)):
        for kind in range(2):
            for block in range(packed.blocks):
                masks_of_bin(packed, kind, block, left, f, chunk.first_column, row)
                total = (kind * packed.blocks + block) * WIDTH
                product, exponent = load(mantissas, total), load(exponents, total)
                for segment in range(segments):
                    column = chunk.segment_columns[segment]
                    start, end = points_of(chunk, f, segment, kind)
                    for point in range(start, end, GROUP):
                        v0, v1, v2, v3 = values_of_group(chunk, point, row, column)
                        product, exponent = multiplied(product, exponent, (v0 * v1) * (v2 * v3))
                store(mantissas, total, product)
                store(exponents, total, exponent)


@compiled
def multiply_and_differentiate(
    packed: Packed, left: Bands, chunk: Chunk, mantissas: np.ndarray, exponents: np.ndarray
) -> np.ndarray:
    """Multiply as in `multiply`, and compute the gradients of the sums of logarithms.

    Args:
        packed: the masks.
        left: ``L``.
        chunk: the points.
        mantissas: as in `multiply`.
        exponents: as in `multiply`.

    Returns:
        ``(2, blocks, rows, columns, 16)`` float32 on the chunk's columns: derivatives with respect to ``Z``
        of either kind.
    """
    row = np.empty(chunk.columns * WIDTH, np.float32)
    gradients = np.zeros((2, packed.blocks, packed.rows, chunk.columns, WIDTH), np.float32)
    row_gradient = np.empty(chunk.columns * WIDTH, np.float32)
    segments = len(chunk.segment_columns)
    for f in range(len(left.first)):
        for kind in range(2):
            for block in range(packed.blocks):
                masks_of_bin(packed, kind, block, left, f, chunk.first_column, row)
                row_gradient[:] = 0
                total = (kind * packed.blocks + block) * WIDTH
                product, exponent = load(mantissas, total), load(exponents, total)
                for segment in range(segments):
                    column = chunk.segment_columns[segment]
                    start, end = points_of(chunk, f, segment, kind)
                    for point in range(start, end, GROUP):
                        v0, v1, v2, v3 = values_of_group(chunk, point, row, column)
                        group_product, g0, g1, g2, g3 = log_slopes_of_group(chunk, point, v0, v1, v2, v3)
                        add_group_gradient(chunk, point, row_gradient, column, g0, g1, g2, g3)
                        product, exponent = multiplied(product, exponent, group_product)
                store(mantissas, total, product)
                store(exponents, total, exponent)
                add_bin_gradient(row_gradient, left, f, 1.0, gradients[kind, block].ravel())
    return gradients
