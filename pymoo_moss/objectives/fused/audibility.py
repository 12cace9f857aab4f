"""Compiled evaluator of `AudioAudibility`: per band and frame a sum of squares, and one logarithm."""

import itertools

import numpy as np

from ..._compiling import compiled, compiled_within, parallel_map
from ...spectrogram import DECIBELS, MaskEncoder
from .audio import right_bands
from .lanes import WIDTH
from .packing import BLOCKS_AT_ONCE
from .plane_layout import Bands, bands

_FRAMES_AT_ONCE = 256
"""Frames of a piece of the plane: the mask's rows on them and the weights of a band stay in cache."""


class FusedAudibility:
    """Evaluator of `AudioAudibility` on the CPU, in float32.

    Args:
        encoder: picture and sound.
        weights: ``(F, T)`` float32, factors of the squared mask in the ratio of energy to threshold.
        band: ``(F,)`` which band each bin is in, from 0, rising.

    Raises:
        Unsuitable: the mask's bands are too wide.
    """

    def __init__(self, encoder: MaskEncoder, weights: np.ndarray, band: np.ndarray) -> None:
        right = right_bands(encoder)[0]
        self._shape = encoder.grid
        self._left, self._right = bands(encoder.mask_map.left.double().numpy()), bands(right)
        self._edges = np.flatnonzero(np.diff(band, prepend=-1, append=band[-1] + 1))
        self._pieces = [
            slice(start, start + _FRAMES_AT_ONCE) for start in range(0, len(right), _FRAMES_AT_ONCE)
        ]
        self._weights = [np.ascontiguousarray(weights[:, frames]) for frames in self._pieces]
        self._share = DECIBELS / ((len(self._edges) - 1) * len(right))
        self.block = 1
        self.masks_at_once = WIDTH * BLOCKS_AT_ONCE
        # A mask's variables and gradient, the gradients of its pieces, and three arrays of a piece.
        per_piece = encoder.n_var + 3 * encoder.grid[0] * _FRAMES_AT_ONCE
        self.bytes_per_mask = 4 * (3 * encoder.n_var + len(self._pieces) * per_piece)

    def values(self, x: np.ndarray) -> np.ndarray:
        """Return losses ``(n, 1)``."""
        levels, nothing = self._levels(x), np.empty((0, 0), np.float32)

        def work(item: tuple[int, int]) -> float:
            piece, mask = item
            loss: float = _sweep(levels[mask], *self._where(piece), nothing)
            return loss

        return self._losses(parallel_map(work, self._items(x)), len(x))

    def values_and_gradients(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return losses ``(n, 1)`` and gradients ``(n, 1, n_var)``."""
        levels, count = self._levels(x), len(x)

        def work(item: tuple[int, int]) -> tuple[float, np.ndarray]:
            piece, mask = item
            gradient = np.zeros(self._shape, np.float32)
            return _sweep(levels[mask], *self._where(piece), gradient), gradient

        found = parallel_map(work, self._items(x))
        gradients = np.zeros((count, *self._shape), np.float32)
        for (_, mask), (_, gradient) in zip(self._items(x), found, strict=True):
            gradients[mask] += gradient
        gradients *= np.float32(2.0 * self._share)
        return self._losses([loss for loss, _ in found], count), gradients.reshape(count, 1, -1)

    def _levels(self, x: np.ndarray) -> np.ndarray:
        return x.astype(np.float32).reshape(-1, *self._shape)

    def _items(self, x: np.ndarray) -> list[tuple[int, int]]:
        """Return pieces and masks, the masks of a piece one after another: its weights stay in cache."""
        return list(itertools.product(range(len(self._pieces)), range(len(x))))

    def _where(self, piece: int) -> tuple[Bands, Bands, np.ndarray, np.ndarray]:
        frames = self._pieces[piece]
        right = Bands(self._right.first[frames], self._right.weights[frames])
        return self._left, right, self._edges, self._weights[piece]

    def _losses(self, sums: list[float], count: int) -> np.ndarray:
        return np.reshape(sums, (-1, count)).sum(axis=0)[:, None] * self._share


@compiled_within
def _mask_of_bin(left: Bands, f: int, lines: np.ndarray, mask: np.ndarray) -> None:
    """Compute the mask ``(T,)`` of a bin from the grid's rows on the piece's frames, ``(gh, T)``."""
    mask[:] = 0
    for k in range(left.weights.shape[1]):
        weight, line = left.weights[f, k], lines[left.first[f] + k]
        for t in range(mask.size):
            mask[t] += weight * line[t]


@compiled
def _sweep(
    levels: np.ndarray,
    left: Bands,
    right: Bands,
    edges: np.ndarray,
    weights: np.ndarray,
    gradient: np.ndarray,
) -> float:
    """Return the sum of ``log(1 + E / T)`` over the bands of a piece of the plane.

    Args:
        levels: ``(gh, gw)`` float32.
        left: ``L``.
        right: ``R`` of the piece's frames.
        edges: ``(B + 1,)`` the first bin of each band, and the end.
        weights: ``(F, frames)`` float32.
        gradient: ``(gh, gw)`` zeros, filled with half of the sum's gradient; or empty where none is wanted.
    """
    frames = weights.shape[1]
    lines = np.zeros((levels.shape[0], frames), np.float32)
    for row in range(levels.shape[0]):
        for t in range(frames):
            for k in range(right.weights.shape[1]):
                lines[row, t] += right.weights[t, k] * levels[row, right.first[t] + k]
    mask, ratio = np.empty(frames, np.float32), np.empty(frames, np.float32)
    by_line = np.zeros_like(lines) if gradient.size else lines
    total = 0.0
    for band in range(edges.size - 1):
        ratio[:] = 0
        for f in range(edges[band], edges[band + 1]):
            _mask_of_bin(left, f, lines, mask)
            of_bin = weights[f]
            for t in range(frames):
                ratio[t] += (mask[t] * mask[t]) * of_bin[t]
        for t in range(frames):
            total += np.log1p(np.float64(ratio[t]))
        if gradient.size == 0:
            continue
        for t in range(frames):
            ratio[t] = np.float32(1) / (np.float32(1) + ratio[t])
        for f in range(edges[band], edges[band + 1]):
            _mask_of_bin(left, f, lines, mask)
            of_bin = weights[f]
            for t in range(frames):
                mask[t] *= of_bin[t] * ratio[t]
            for k in range(left.weights.shape[1]):
                weight, line = left.weights[f, k], by_line[left.first[f] + k]
                for t in range(frames):
                    line[t] += weight * mask[t]
    if gradient.size:
        for row in range(levels.shape[0]):
            for t in range(frames):
                for k in range(right.weights.shape[1]):
                    gradient[row, right.first[t] + k] += right.weights[t, k] * by_line[row, t]
    return total
