"""Compiled evaluator of `AudioLogL1` without a floor."""

import itertools
import math
from collections.abc import Callable

import numpy as np

from ...spectrogram import MaskEncoder
from ..audio_log_l1 import picture_to_sound
from ..evaluator import LogParts, Unsuitable
from .lanes import WIDTH
from .log_sum import LogSums, distances_of, multiply, multiply_and_differentiate
from .packing import BLOCKS_AT_ONCE, Packed, map_blocks, map_chunks, pack, unpack
from .plane_layout import CONCAVE, CONVEX, Chunk, bands, columns_per_segment, frames_of_chunks, make_chunk
from .small_losses import correct_small_losses
from .spare import SpareFloats

_LARGEST_EXPONENT = 60
"""Largest binary exponent of the ratio of picture to sound that float32 loops represent."""

_NO_FLOOR = 0.0

WIDEST_BAND = 32
"""Most columns of the grid that one frame may depend on; with more, torch's matrix products are faster."""

_ARRAYS_PER_MASK = 4
"""Pairs of float32 that a mask takes per variable: levels and complements, gradients, their copies."""


def right_bands(encoder: MaskEncoder) -> tuple[np.ndarray, int]:
    """Return ``R`` in float64, and how many columns of the grid a segment of frames may depend on.

    Raises:
        Unsuitable: a frame depends on more columns than the loops support.
    """
    right = encoder.mask_map.right.double().numpy()
    narrowest = bands(right).weights.shape[1]
    if narrowest > WIDEST_BAND:
        raise Unsuitable(
            f"a frame's mask depends on {narrowest} grid columns, compiled loops support {WIDEST_BAND}"
        )
    width = columns_per_segment(right, WIDEST_BAND)
    return right, width


class FusedAudioLogL1:
    """Evaluator of `AudioLogL1` without a floor, on the CPU, in float32.

    A bin's value is its mixture over its sound: ``rho + N (1 - rho)`` where ``rho``, the ratio of
    picture to sound, is less than 1, and ``1 + M (rho - 1)`` elsewhere. The loss is the mean of the
    magnitudes of their logarithms.

    Args:
        encoder: picture and sound.

    Raises:
        Unsuitable: the mask's bands are too wide, or ratios of picture to sound would overflow.
    """

    def __init__(self, encoder: MaskEncoder) -> None:
        self._encoder = encoder
        self._left = bands(encoder.mask_map.left.double().numpy())
        right, width = right_bands(encoder)
        self._bins = math.prod(encoder.plane)
        self._chunks: list[Chunk] = []
        self._log_at_sound = np.zeros((2, 1))
        for frames in frames_of_chunks(len(right)):
            rho = picture_to_sound(encoder, frames=frames).numpy()
            convex = rho < 1
            if np.abs(np.log2(rho)).max() > _LARGEST_EXPONENT:
                raise Unsuitable("picture and sound differ by more than the range of float32 allows")
            # Scaled by a power of two, about 1 / sqrt(rho), so that products of four values do not overflow.
            exponent = -np.frexp(rho)[1] // 2
            base, slope = np.ldexp(np.minimum(rho, 1), exponent), np.ldexp(np.abs(rho - 1), exponent)
            self._chunks.append(make_chunk(right[frames], width, convex, base, slope, neutral=1.0))
            self._log_at_sound += math.log(2) * np.array(
                [[exponent[convex].sum()], [exponent[~convex].sum()]]
            )

        self._gradients = SpareFloats()
        self.block = WIDTH
        self.masks_at_once = WIDTH * BLOCKS_AT_ONCE
        columns = sum(chunk.columns for chunk in self._chunks)
        self.bytes_per_mask = 8 * (encoder.grid[0] * columns + _ARRAYS_PER_MASK * encoder.n_var)

    def values(self, x: np.ndarray) -> np.ndarray:
        """Return losses ``(n, 1)``."""
        packs, sums = self._pack(x)

        def work(pack: int, chunk: int) -> None:
            multiply(packs[pack], self._left, *sums[pack].of_chunk(chunk))

        map_chunks(work, packs, len(self._chunks))
        return self._losses(sums, x)[:, None]

    def values_and_gradients(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return losses ``(n, 1)`` and gradients ``(n, 1, n_var)``."""
        found = np.empty((len(x), 1, self._encoder.n_var), np.float32)

        def add_up(both: np.ndarray, masks: slice) -> None:
            unpack(both[CONVEX] + both[CONCAVE], found[masks, 0])

        return self._differentiate(x, add_up)[:, None], found

    def parts(self, x: np.ndarray) -> LogParts:
        """Return losses and the two parts of their gradients, whose sum is the gradient."""
        found = np.empty((2, len(x), self._encoder.n_var), np.float32)

        def separate(both: np.ndarray, masks: slice) -> None:
            for kind in (CONVEX, CONCAVE):
                unpack(both[kind], found[kind, masks])

        return LogParts(self._differentiate(x, separate), found[CONVEX], found[CONCAVE])

    def _pack(self, x: np.ndarray) -> tuple[list[Packed], list[LogSums]]:
        packs = pack(x, self._encoder.grid)
        return packs, [LogSums(self._chunks, packed) for packed in packs]

    def _differentiate(self, x: np.ndarray, take: Callable[[np.ndarray, slice], None]) -> np.ndarray:
        """Return losses ``(n,)``; ``take`` gets every block's gradients ``(2, n_var, width)``."""
        packs, sums = self._pack(x)

        def work(pack: int, chunk: int) -> np.ndarray:
            gradients = self._gradients.take(*packs[pack].shape_of_gradients(self._chunks[chunk]))
            multiply_and_differentiate(packs[pack], self._left, *sums[pack].of_chunk(chunk), gradients)
            return gradients

        def average(both: np.ndarray, masks: slice) -> None:
            both /= self._bins
            take(both, masks)

        pieces = map_chunks(work, packs, len(self._chunks))
        map_blocks(average, packs, self._chunks, pieces)
        self._gradients.give_back(*itertools.chain(*pieces))
        return self._losses(sums, x)

    def _losses(self, sums: list[LogSums], x: np.ndarray) -> np.ndarray:
        losses = distances_of(sums, self._log_at_sound)[: len(x)] / self._bins
        shape = *self._encoder.grid, self._bins
        correct_small_losses(losses, x, self._left, self._chunks, _NO_FLOOR, shape)
        return losses
