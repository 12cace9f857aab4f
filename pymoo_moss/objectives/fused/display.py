"""Compiled evaluator of `VisualDisplay` together with `AudioLogL1` with the display's floor."""

import itertools
import math
from collections.abc import Callable
from typing import Protocol

import numpy as np

from ..._compiling import parallel_map
from ..._threads import torch_threads
from ...spectrogram import MaskEncoder, SeparableMap
from ..evaluator import Unsuitable
from .audio import right_bands
from .display_sweep import Columns, Viewer, assemble, differentiate, scatter_views, show
from .lanes import WIDTH
from .log_sum import LogSums, distances_of
from .packing import Packed, map_blocks, map_chunks, pack, unpack
from .plane_layout import Chunk, bands, frames_of_chunks, make_chunk
from .similarity import FusedSimilarity
from .small_losses import correct_small_losses
from .spare import SpareFloats

_BLOCKS_AT_ONCE = 2
"""Blocks of sixteen masks that are evaluated together."""

_LOUDEST = 1e9
"""Largest magnitude in units of the floor: the product of four such values does not overflow."""

_ROWS_AT_ONCE = 32
"""Rows of the views that one thread assembles at a time."""


class ViewLosses(Protocol):
    """Losses of views against one target."""

    def values(self, views: np.ndarray) -> np.ndarray:
        """Return losses ``(n,)`` of views ``(n, height, width)`` float32."""
        ...

    def differentiate(self, views: np.ndarray) -> np.ndarray:
        """Return losses ``(n,)`` of views ``(n, height, width)``, and replace these by gradients."""
        ...


class FusedDisplay:
    """Evaluator of `VisualDisplay`, and of `AudioLogL1` with the viewer's black as floor.

    One sweep over the plane computes views and sums of logarithms. The similarity's gradient in the views
    needs the views alone; a second sweep propagates it to the grids. On the CPU, in float32.

    Args:
        encoder: picture and sound.
        view: the map whose adjoint averages the plane into the view.
        make: makes the losses of views for the picture's view.

    Raises:
        Unsuitable: the mask's bands are too wide, or magnitudes would overflow.
    """

    def __init__(
        self,
        encoder: MaskEncoder,
        view: SeparableMap,
        make: Callable[[np.ndarray], ViewLosses] = FusedSimilarity,
    ) -> None:
        self._encoder = encoder
        # One thread, because torch divides matrix products among threads in ways that round differently.
        with torch_threads(1):
            self._similarity = make(view.adjoint(encoder.picture).numpy())
        self._view_shape = view.left.shape[1], view.right.shape[1]
        floor = math.exp(encoder.log_floor)
        self._left = bands(encoder.mask_map.left.double().numpy())
        self._viewer = Viewer(
            self._view_shape[0],
            bands(view.left.double().numpy()),
            math.exp(encoder.log_ceiling - encoder.log_floor),
        )
        self._bins = math.prod(encoder.plane)
        self._chunks: list[Chunk] = []
        self._columns: list[Columns] = []
        self._log_of_sound = np.zeros((2, 1))
        right, width = right_bands(encoder)
        for frames in frames_of_chunks(len(right)):
            sound = encoder.audio_magnitude[:, frames].double().numpy() / floor
            image = encoder.image_magnitude[:, frames].double().numpy() / floor
            if max(sound.max(), image.max()) > _LOUDEST:
                raise Unsuitable("magnitudes exceed the floor by more than the range of float32 allows")
            convex = image < sound
            columns = _columns(view.right[frames].double().numpy())
            base, slope = np.minimum(sound, image), np.abs(image - sound)
            chunk = make_chunk(
                right[frames], width, convex, base, slope, neutral=1.0, pixels=_pixels(columns)
            )
            self._chunks.append(chunk)
            self._columns.append(columns)
            logs = np.log(np.maximum(sound, 1.0))
            self._log_of_sound += [[logs[convex].sum()], [logs[~convex].sum()]]
        self._views, self._parts, self._gradients = SpareFloats(), SpareFloats(), SpareFloats()
        self.block = WIDTH
        self.masks_at_once = WIDTH * _BLOCKS_AT_ONCE
        self.bytes_per_mask = 4 * (
            8 * math.prod(self._view_shape)
            + 2 * encoder.grid[0] * sum(chunk.columns for chunk in self._chunks)
            + 8 * encoder.n_var
        )

    def values(self, x: np.ndarray) -> np.ndarray:
        """Return losses ``(n, 2)``."""
        views, distances = self._show(x, pack(x, self._encoder.grid))
        losses = self._similarity.values(views)
        self._views.give_back(views)
        return np.stack([losses, distances], axis=1)

    def values_and_gradients(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return losses ``(n, 2)`` and gradients ``(n, 2, n_var)``."""
        packs = pack(x, self._encoder.grid)
        views, distances = self._show(x, packs)
        losses = self._similarity.differentiate(views)

        def work(pack: int, chunk: int) -> np.ndarray:
            columns, packed = self._columns[chunk], packs[pack]
            part = self._part(packed, columns)
            scatter_views(views[packed.masks], columns, packed.width, part)
            gradients = self._gradients.take(*packed.shape_of_gradients(self._chunks[chunk]))
            where = self._left, self._viewer, columns, self._chunks[chunk]
            differentiate(packed, *where, part, gradients)
            self._parts.give_back(part)
            return gradients

        found = np.empty((len(x), 2, self._encoder.n_var), np.float32)

        def average(gradients: np.ndarray, masks: slice) -> None:
            gradients[1] /= self._bins
            for objective in range(2):
                unpack(gradients[objective], found[masks, objective])

        pieces = map_chunks(work, packs, len(self._chunks))
        self._views.give_back(views)
        map_blocks(average, packs, self._chunks, pieces)
        self._gradients.give_back(*itertools.chain(*pieces))
        return np.stack([losses, distances], axis=1), found

    def _show(self, x: np.ndarray, packs: list[Packed]) -> tuple[np.ndarray, np.ndarray]:
        """Compute views ``(n, height, width)`` and log distances from the sound ``(n,)``."""
        sums = [LogSums(self._chunks, packed) for packed in packs]

        def work(pack: int, chunk: int) -> np.ndarray:
            columns, packed = self._columns[chunk], packs[pack]
            part = self._part(packed, columns)
            show(packed, self._left, self._viewer, columns, *sums[pack].of_chunk(chunk), part)
            return part

        parts = map_chunks(work, packs, len(self._chunks))
        views = self._views.take(len(x), *self._view_shape)

        def assemble_rows(start: int) -> None:
            rows = slice(start, min(start + _ROWS_AT_ONCE, self._view_shape[0]))
            views[:, rows] = 0
            for packed, some in zip(packs, parts, strict=True):
                for columns, part in zip(self._columns, some, strict=True):
                    assemble(part, columns.first, rows, packed.width, views[packed.masks])

        parallel_map(assemble_rows, range(0, self._view_shape[0], _ROWS_AT_ONCE))
        self._parts.give_back(*itertools.chain(*parts))
        distances = distances_of(sums, self._log_of_sound)[: len(x)] / self._bins
        shape = *self._encoder.grid, self._bins
        correct_small_losses(distances, x, self._left, self._chunks, 1.0, shape)
        return views, distances

    def _part(self, packed: Packed, columns: Columns) -> np.ndarray:
        """Return an array ``(blocks, height, columns, 16)`` for a chunk's part of the views."""
        return self._parts.take(packed.blocks, self._view_shape[0], columns.width, WIDTH)


def _columns(shares: np.ndarray) -> Columns:
    """Return the view's columns that some frames touch, from the frames' shares ``(frames, width)``."""
    touched = bands(shares)
    two = np.zeros((len(shares), 2), np.float32)
    two[:, : touched.weights.shape[1]] = touched.weights
    first = int(touched.first.min())
    return Columns(first, int(touched.first.max()) - first + 2, touched.first - first, two.ravel())


def _pixels(columns: Columns) -> np.ndarray:
    """Return the column of the view that each frame touches, and -1 for frames that touch two."""
    touches = columns.shares.reshape(-1, 2) > 0
    return np.where(touches.all(axis=1), -1, columns.column + touches[:, 1])
