"""Accurate log distance from the sound, for masks that are nearly all sound.

The logarithm of a product of values near 1 has an error of some 1e-8 per bin, too much for a small loss. Here
each bin's term is ``log1p(u)`` of a ratio ``u`` that vanishes with the mask: slower, and seldom needed.
"""

import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from ..._compiling import compiled, parallel_map
from ..audio_log_l1 import SMALL_LOSS
from .plane_layout import CONVEX, GROUP, Bands, Chunk
from .sweep import groups_of


def correct_small_losses(
    losses: np.ndarray,
    x: np.ndarray,
    left: Bands,
    chunks: Sequence[Chunk],
    floor: float,
    shape: tuple[int, int, int],
) -> None:
    """Recompute those of the losses ``(n,)`` that are small, in place.

    Args:
        losses: mean log distances from the sound, updated in place.
        x: ``(n, n_var)`` the masks.
        left: ``L``.
        chunks: the plane.
        floor: value below which all values count as equal.
        shape: rows and columns of the grid, and bins of the plane.
    """
    rows, columns, bins = shape
    for number in np.flatnonzero(losses < SMALL_LOSS):
        if not x[number].any():
            losses[number] = 0.0
            continue
        levels = np.ascontiguousarray(x[number], np.float64).reshape(rows, columns)
        distance = partial(_distance, levels, left, floor=floor)
        losses[number] = math.fsum(parallel_map(distance, chunks)) / bins


@compiled
def _distance(levels: np.ndarray, left: Bands, chunk: Chunk, floor: float) -> float:
    """Sum the chunk's log distances for one mask ``(rows, columns)``, in float64."""
    width, segments = len(chunk.segment), len(chunk.segment_columns)
    shares = np.empty((2, chunk.columns))
    total = 0.0
    for f in range(len(left.first)):
        shares[:] = 0.0
        for k in range(left.weights.shape[1]):
            for column in range(chunk.columns):
                level = levels[left.first[f] + k, chunk.first_column + column]
                shares[0, column] += left.weights[f, k] * level
                shares[1, column] += left.weights[f, k] * (1.0 - level)
        for kind in range(2):
            for segment in range(segments):
                column = chunk.segment_columns[segment]
                start, end = groups_of(chunk, f, kind, segment)
                for point in range(GROUP * start, GROUP * end):
                    at = point // GROUP * GROUP * (1 + width) + point % GROUP
                    base = float(chunk.coefficients[at])
                    moved, unmoved = 0.0, 0.0
                    for k in range(width):
                        slope = chunk.coefficients[at + GROUP * (1 + k)]
                        moved += slope * shares[0, column + k]
                        unmoved += slope * shares[1, column + k]
                    if kind == CONVEX:
                        sound, value = base + unmoved + moved, base + unmoved
                        smaller = value
                    else:
                        sound, value = base, base + moved
                        smaller = sound
                    # The log ratio of the larger to the smaller value, both raised to the floor.
                    if smaller >= floor:
                        total += math.log1p(moved / smaller)
                    elif max(sound, value) > floor:
                        total += math.log(max(sound, value) / floor)
    return total
