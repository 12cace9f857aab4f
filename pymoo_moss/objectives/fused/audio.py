"""Compiled evaluator of `AudioLogL1` without a floor."""

import math

import numpy as np

from ...spectrogram import MaskEncoder
from ..audio_log_l1 import picture_to_sound
from ..evaluator import LogParts, Unsuitable
from .compiling import parallel_map
from .lanes import WIDTH
from .log_sum import LogSums, multiply, multiply_and_differentiate
from .plane_layout import CONCAVE, CONVEX, Chunk, bands, columns_per_segment, frames_of_chunks, make_chunk
from .small_losses import correct_small_losses
from .sweep import BLOCKS_AT_ONCE, gather, pack, unpack

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

        self.block = WIDTH
        self.masks_at_once = WIDTH * BLOCKS_AT_ONCE
        columns = sum(chunk.columns for chunk in self._chunks)
        self.bytes_per_mask = 8 * (encoder.grid[0] * columns + _ARRAYS_PER_MASK * encoder.n_var)

    def values(self, x: np.ndarray) -> np.ndarray:
        """Return losses ``(n, 1)``."""
        packed = pack(x, self._encoder.grid)
        sums = LogSums(self._chunks, packed.blocks)
        parallel_map(lambda number: multiply(packed, self._left, *sums.of_chunk(number)), sums.numbers)
        return self._losses(sums, x)[:, None]

    def values_and_gradients(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return losses ``(n, 1)`` and gradients ``(n, 1, n_var)``."""
        losses, gradients = self._sweep(x)
        return losses[:, None], unpack(gradients[CONVEX] + gradients[CONCAVE], len(x))[:, None]

    def parts(self, x: np.ndarray) -> LogParts:
        """Return losses and the two parts of their gradients, whose sum is the gradient."""
        losses, gradients = self._sweep(x)
        return LogParts(losses, unpack(gradients[CONVEX], len(x)), unpack(gradients[CONCAVE], len(x)))

    def _sweep(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return losses ``(n,)`` and gradients ``(2, blocks, rows, columns, 16)`` of both kinds of bins."""
        packed = pack(x, self._encoder.grid)
        sums = LogSums(self._chunks, packed.blocks)

        def differentiate(number: int) -> np.ndarray:
            return multiply_and_differentiate(packed, self._left, *sums.of_chunk(number))

        gradients = gather(packed, self._chunks, parallel_map(differentiate, sums.numbers))
        gradients /= self._bins
        return self._losses(sums, x), gradients

    def _losses(self, sums: LogSums, x: np.ndarray) -> np.ndarray:
        losses = sums.distances(self._log_at_sound)[: len(x)] / self._bins
        shape = *self._encoder.grid, self._bins
        correct_small_losses(losses, x, self._left, self._chunks, _NO_FLOOR, shape)
        return losses
