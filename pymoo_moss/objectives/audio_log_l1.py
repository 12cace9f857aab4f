"""Distance from the sound in log magnitude."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ..errors import OptionError
from ..spectrogram import MAGNITUDE_FLOOR, Grids, MaskEncoder, Tile
from .base import Kernel, Objective
from .distance import distance
from .evaluator import LogParts
from .sides import Side

SMALL_LOSS = 1e-3
"""Loss in nepers below which compiled loops recompute `AudioLogL1` in float64, without cancellation."""

_TILES_HELD = 6
"""Arrays of the size of a tile that a mask takes."""


class AudioLogL1(Objective):
    """Mean absolute difference between the blended and the sound's log magnitudes, in nepers.

    Args:
        floor_db: decibels under the picture's white (`MaskEncoder.log_ceiling`) below which all
            magnitudes count as equal, as a viewer with that dynamic range shows them; None for no floor,
            as in the notebook (magnitudes plus 1e-8).
    """

    name: ClassVar[str] = "audio_log_l1"
    side: ClassVar[Side | None] = "sound"
    least_at: ClassVar[float | None] = 0.0
    monotone: ClassVar[bool] = True

    def __init__(self, floor_db: float | None = None) -> None:
        if floor_db is not None and not 0 < floor_db <= 200:
            raise OptionError(f"expected floor_db above 0 and at most 200, got {floor_db}")
        self.floor_db = floor_db

    def prepare(self, encoder: MaskEncoder) -> Callable[[Tensor], Tensor]:
        """Return the direct formula, losses ``(n,)`` of magnitudes ``(n, F, T)``.

        Gradients through `MaskEncoder.mix` are right at both ends, X = 0 and X = 1.
        """
        sound, picture = (
            self._log(plane, encoder) for plane in (encoder.audio_magnitude, encoder.image_magnitude)
        )
        return lambda mix: distance(self._log(mix, encoder), sound, picture, unit=1.0).mean(dim=(-2, -1))

    def kernel(self, encoder: MaskEncoder) -> Kernel:
        """Return the closed form in one sweep over the plane, exact at both ends."""
        if self.floor_db is None:
            return AudioLogL1Kernel(encoder, _bins(encoder))
        return AudioLogL1Kernel(encoder, _bins_above_floor(encoder, self._floor(encoder)))

    def _log(self, magnitude: Tensor, encoder: MaskEncoder) -> Tensor:
        if self.floor_db is None:
            return torch.log(magnitude + MAGNITUDE_FLOOR)
        return torch.log(magnitude.clamp(min=self._floor(encoder)))

    def _floor(self, encoder: MaskEncoder) -> float:
        assert self.floor_db is not None
        return math.exp(encoder.log_ceiling - self.floor_db * math.log(10.0) / 20.0)


@dataclass(frozen=True)
class _Bins:
    """Constants ``(F, T)`` of every bin's term ``log1p(u)``, where ``u`` is computed without cancellation.

    With ``rho`` the ratio of picture to sound, a bin's term is ``|log t|``, ``t = 1 + M (rho - 1)``.
    Where ``rho >= 1`` that is ``log1p(M (rho - 1))``. Where ``rho < 1``, ``t = rho + N (1 - rho)`` is
    accurate as ``N = 1 - M`` vanishes, and ``-log t = log1p(M (1 - rho) / t)`` as M does. Both are
    ``u = M / (base + N convex)``: ``base = min(rho, 1) / |rho - 1|``, ``convex`` is 1 where rho < 1, else 0.
    Where picture and sound agree, base is infinite and the term 0.

    A floor adds ``offset <= 0`` where the sound is below it (the term is 0 until the mixture exceeds the
    floor), and ``cap`` where the mixture can fall below it.
    """

    base: Tensor
    convex: Tensor
    offset: Tensor | None = None
    cap: Tensor | None = None


def picture_to_sound(encoder: MaskEncoder, bins: slice = slice(None), frames: slice = slice(None)) -> Tensor:
    """Compute the ratio ``rho`` of picture to sound in a piece of the plane, in float64."""
    audio = encoder.audio_magnitude[bins, frames].double()
    image = encoder.image_magnitude[bins, frames].double()
    return (image + MAGNITUDE_FLOOR) / (audio + MAGNITUDE_FLOOR)


def _bins(encoder: MaskEncoder) -> _Bins:
    rho = picture_to_sound(encoder)
    like = encoder.picture
    return _Bins((rho.clamp(max=1.0) / (rho - 1).abs()).to(like), (rho < 1).to(like))


def _bins_above_floor(encoder: MaskEncoder, floor: float) -> _Bins:
    audio, image = encoder.audio_magnitude.double(), encoder.image_magnitude.double()
    heard = audio.clamp(min=floor)
    # Where both are below the floor the term is 0 for any mask.
    rho = torch.where(torch.maximum(audio, image) > floor, image / heard, 1.0)
    slope = torch.where(rho == 1, 0.0, (image - audio).abs() / heard)
    cap = torch.where(rho < 1, heard / floor - 1, math.inf)
    like = encoder.picture
    return _Bins(
        base=(rho.clamp(max=1.0) / slope).to(like),
        convex=(rho < 1).to(like),
        offset=((audio - heard) / heard).to(like),
        cap=cap.to(like),
    )


class AudioLogL1Kernel:
    """Kernel of `AudioLogL1`, evaluated tile by tile."""

    def __init__(self, encoder: MaskEncoder, bins: _Bins) -> None:
        self._map = encoder.mask_map
        self._bins = bins
        self._bin_count = bins.base.numel()
        height, width = self._map.tile_shape
        # Levels, complements and terms of a tile, and the first matrix products of levels and complements.
        values = _TILES_HELD * height * width + 4 * encoder.grid[0] * width
        self.bytes_per_mask = values * encoder.picture.element_size()

    def value(self, grids: Grids) -> Tensor:
        """Return losses ``(n,)``."""
        total = torch.zeros(len(grids.levels), dtype=torch.float64, device=grids.levels.device)
        for tile in self._map.tiles(grids):
            total += _sum(self._ratio(tile, self._denominator(tile)).log1p_())
        return total / self._bin_count

    def value_and_gradient(self, grids: Grids) -> tuple[Tensor, Tensor]:
        """Return losses ``(n,)`` and their gradients ``(n, gh, gw)``."""
        gradient = torch.zeros_like(grids.levels)
        losses = self._sweep(grids, lambda slope, tile: self._add(gradient, slope, tile))
        return losses, gradient.div_(self._bin_count)

    def parts(self, grids: Grids) -> LogParts:
        """Return losses and the gradient's two parts."""
        both = torch.zeros(2, *grids.levels.shape, dtype=grids.levels.dtype, device=grids.levels.device)

        def add(slope: Tensor, tile: Tile) -> None:
            convex = self._bins.convex[tile.bins, tile.frames]
            self._add(both[0], slope * convex, tile)
            self._add(both[1], slope * (1 - convex), tile)

        losses = self._sweep(grids, add)
        convex, concave = both.div_(self._bin_count).flatten(2).cpu().numpy()
        return LogParts(losses.cpu().numpy(), convex, concave)

    def _sweep(self, grids: Grids, add_slope: Callable[[Tensor, Tile], None]) -> Tensor:
        """Return losses ``(n,)``, and pass each tile's slopes in the mask to ``add_slope``."""
        total = torch.zeros(len(grids.levels), dtype=torch.float64, device=grids.levels.device)
        for tile in self._map.tiles(grids):
            denominator = self._denominator(tile)
            add_slope(self._slope(tile, denominator), tile)
            total += _sum(self._ratio(tile, denominator).log1p_())
        return total / self._bin_count

    def _add(self, gradient: Tensor, slope: Tensor, tile: Tile) -> None:
        self._map.add_adjoint(gradient, slope, tile.bins, tile.frames)

    def _denominator(self, tile: Tile) -> Tensor:
        """Compute ``base + N convex``, written over the tile's complement."""
        where = tile.bins, tile.frames
        base, convex = self._bins.base[where], self._bins.convex[where]
        return torch.addcmul(base, tile.complement, convex, out=tile.complement)

    def _ratio(self, tile: Tile, denominator: Tensor) -> Tensor:
        """Compute ``u``, written over the tile's mask."""
        ratio = tile.mask.div_(denominator)
        if self._bins.offset is not None and self._bins.cap is not None:
            where = tile.bins, tile.frames
            ratio.add_(self._bins.offset[where]).clamp_(min=0.0)
            torch.minimum(ratio, self._bins.cap[where], out=ratio)
        return ratio

    def _slope(self, tile: Tile, denominator: Tensor) -> Tensor:
        """Compute the derivative of each bin's term in the mask, ``|rho - 1| / t``; zero beyond the floor."""
        where = tile.bins, tile.frames
        concave = 1 - self._bins.convex[where]
        if self._bins.offset is None or self._bins.cap is None:
            return torch.addcmul(denominator, tile.mask, concave).reciprocal_()
        offset, cap = self._bins.offset[where], self._bins.cap[where]
        ratio = tile.mask / denominator + offset
        slope = (denominator * (1 + offset)).addcmul_(tile.mask, concave).reciprocal_()
        # Selected, not multiplied: where both are below the floor the slope may be 1 / (inf * 0).
        return torch.where((ratio >= 0) & (ratio < cap), slope, 0.0)


def _sum(terms: Tensor) -> Tensor:
    # Row by row, so that a mask's sum does not depend on its batch.
    return terms.sum(dim=2, dtype=torch.float64).sum(dim=1)
