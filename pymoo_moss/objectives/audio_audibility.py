"""What a listener hears of a change: its energy against what the sound masks."""

from collections.abc import Callable
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from .._checks import real_number
from ..errors import OptionError
from ..spectrogram import DECIBELS, FULL_SCALE_DB, Grids, MaskEncoder, bands_of, masking_threshold, pressure
from .base import Kernel, Objective
from .evaluator import Evaluator
from .sides import Side

_FULL_SCALES_DB = (20.0, 140.0)
_TILES_HELD = 4
"""Arrays of the size of a tile that a mask takes."""


class AudioAudibility(Objective):
    """Noise-to-mask ratio of the change: the mean of ``10 log10(1 + E / T)`` in dB over bands and frames.

    ``E`` is the energy of ``mix - A`` in a band and frame, ``T`` the energy that the sound masks there; see
    `masking_threshold` for the model and its sources. What stays well below the threshold costs nothing,
    and every factor of ten above it another 10 dB. 0 is inaudible; up to
    0.35 the median opinion score by a model of listeners is 4.3 of 5 or more (``benchmarks/JUDGES.md``).

    With ``E = sum (M (I - A))^2`` over a band's bins, a term rises with every variable and is 0 at X = 0
    alone. It is a convex quadratic function of the mask in a logarithm.

    Args:
        full_scale_db: playback level: sound pressure level in dB of a sine at full scale, 20 to 140.

    Raises:
        OptionError: the playback level is out of its range.
    """

    name: ClassVar[str] = "audio_audibility"
    side: ClassVar[Side | None] = "sound"
    least_at: ClassVar[float | None] = 0.0
    monotone: ClassVar[bool] = True
    unnoticed: ClassVar[float | None] = 0.35

    def __init__(self, full_scale_db: float = FULL_SCALE_DB) -> None:
        low, high = _FULL_SCALES_DB
        if not low <= real_number("full_scale_db", full_scale_db) <= high:
            raise OptionError(f"expected full_scale_db of {low:g} to {high:g}, got {full_scale_db:g}")
        self.full_scale_db = full_scale_db

    def prepare(self, encoder: MaskEncoder) -> Callable[[Tensor], Tensor]:
        """Return the loss ``(n,)`` of magnitudes ``(n, F, T)``, with the sound's threshold computed once."""
        matrix, per_threshold = self._bands(encoder)
        matrix, per_threshold = matrix.to(encoder.picture), per_threshold.to(encoder.picture)
        audio = encoder.audio_magnitude
        return lambda mix: _loss(matrix @ (mix - audio).square() * per_threshold)

    def kernel(self, encoder: MaskEncoder) -> Kernel:
        """Return the closed form in the mask, which keeps the digits of small changes."""
        return _AudibilityKernel(self.weights(encoder), encoder)

    def compiled_evaluator(self, encoder: MaskEncoder) -> Evaluator | None:
        """Return the closed form in compiled loops."""
        # Late, because numba takes most of a second to import.
        from .fused import FusedAudibility

        weights = self.weights(encoder)
        return FusedAudibility(encoder, weights.of_bins.float().numpy(), weights.band.cpu().numpy())

    def weights(self, encoder: MaskEncoder) -> "AudibilityWeights":
        """Return what the squared mask is multiplied by in ``E / T``, in float64."""
        matrix, per_threshold = self._bands(encoder)
        band = matrix.argmax(dim=0)
        change = (encoder.image_magnitude - encoder.audio_magnitude).double()
        return AudibilityWeights(change.square_() * per_threshold[band], band)

    def _bands(self, encoder: MaskEncoder) -> tuple[Tensor, Tensor]:
        """Return the bins ``(B, F)`` of each band that has any, and ``(B, T)`` E / T of a magnitude 1."""
        song = encoder.all_bins().double()
        bins, n_fft = len(song), encoder.n_fft
        frequencies = torch.arange(bins, dtype=torch.float64) * encoder.sample_rate / n_fft
        frequencies = frequencies.to(song.device)
        hop_seconds = encoder.hop_length / encoder.sample_rate
        threshold = masking_threshold(song, frequencies, n_fft, hop_seconds, self.full_scale_db)
        matrix = bands_of(frequencies).matrix[:, encoder.bins]
        covered = matrix.any(dim=1)
        unit = pressure(song.new_ones(()), n_fft, self.full_scale_db)
        return matrix[covered], unit / threshold[covered]


class AudibilityWeights(NamedTuple):
    """``E / T`` in a band and frame is ``sum of_bins * M^2`` over the band's bins.

    Attributes:
        of_bins: ``(F, T)`` float64.
        band: ``(F,)`` which band each bin is in, from 0, rising.
    """

    of_bins: Tensor
    band: Tensor


def _loss(ratio: Tensor) -> Tensor:
    """Return the mean of ratios ``(n, B, T)`` of energy to threshold in dB, row by row for any batch."""
    return torch.log1p(ratio).mean(dim=-1).mean(dim=-1) * DECIBELS


class _AudibilityKernel:
    """Kernel of `AudioAudibility`, evaluated tile by tile."""

    def __init__(self, weights: AudibilityWeights, encoder: MaskEncoder) -> None:
        self._map, self._frames = encoder.mask_map, encoder.plane[1]
        self._band, self._bands = weights.band, int(weights.band[-1]) + 1
        self._weights = weights.of_bins.to(encoder.picture)
        height, width = self._map.tile_shape
        values = _TILES_HELD * height * width + 2 * self._bands * self._frames
        self.bytes_per_mask = values * encoder.picture.element_size()

    def value(self, grids: Grids) -> Tensor:
        """Return losses ``(n,)``."""
        return _loss(self._ratio(grids).double())

    def value_and_gradient(self, grids: Grids) -> tuple[Tensor, Tensor]:
        """Return losses ``(n,)`` and their gradients ``(n, gh, gw)``."""
        ratio, gradient = self._ratio(grids), torch.zeros_like(grids.levels)
        slope = (2.0 * DECIBELS / (self._bands * self._frames)) / (1.0 + ratio)
        for tile in self._map.tiles(grids):
            of_tile = slope[:, self._band[tile.bins], tile.frames].mul_(tile.mask)
            of_tile.mul_(self._weights[tile.bins, tile.frames])
            self._map.add_adjoint(gradient, of_tile, tile.bins, tile.frames)
        return _loss(ratio.double()), gradient

    def _ratio(self, grids: Grids) -> Tensor:
        """Compute the ratio ``(n, B, T)`` of energy to threshold."""
        ratio = grids.levels.new_zeros(len(grids.levels), self._bands, self._frames)
        for tile in self._map.tiles(grids):
            energy = tile.mask.square().mul_(self._weights[tile.bins, tile.frames])
            ratio[:, :, tile.frames].index_add_(1, self._band[tile.bins], energy)
        return ratio
