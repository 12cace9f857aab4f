"""Distance from the sound in mel bands, which follow the resolution of hearing."""

from collections.abc import Callable
from typing import ClassVar

import torch
from torch import Tensor

from ..spectrogram import MAGNITUDE_FLOOR, MaskEncoder, mel_filter_bank
from .base import Objective
from .distance import distance
from .sides import Side


class AudioMel(Objective):
    """Mean absolute difference of log mel-band magnitudes, in nepers.

    Differences within a band may cancel, as in hearing. Mel filters by torchaudio (HTK scale); a rectangle's
    plane has those that reach into it.

    Args:
        bands: number of mel bands.
    """

    name: ClassVar[str] = "audio_mel"
    side: ClassVar[Side | None] = "sound"
    lower_bound: ClassVar[float | None] = 0.0

    def __init__(self, bands: int = 64) -> None:
        self.bands = bands

    def prepare(self, encoder: MaskEncoder) -> Callable[[Tensor], Tensor]:
        """Return the loss, with filters and the sound's own bands computed once."""
        filters = self._filters(encoder)
        audio, image = (
            _log_bands(plane, filters) for plane in (encoder.audio_magnitude, encoder.image_magnitude)
        )
        return lambda mix: distance(_log_bands(mix, filters), audio, image, unit=1.0).mean(dim=(-2, -1))

    def upper_bound(self, encoder: MaskEncoder) -> float | None:
        """Return the loss with every band as far from the sound's as the picture's bins allow."""
        filters = self._filters(encoder)
        audio = _log_bands(encoder.audio_magnitude, filters)
        louder = torch.maximum(encoder.audio_magnitude, encoder.image_magnitude)
        softer = torch.minimum(encoder.audio_magnitude, encoder.image_magnitude)
        up, down = _log_bands(louder, filters) - audio, audio - _log_bands(softer, filters)
        return float(torch.maximum(up, down).mean())

    def _filters(self, encoder: MaskEncoder) -> Tensor:
        filters = mel_filter_bank(self.bands, encoder.n_fft, encoder.sample_rate).to(encoder.picture)
        if not encoder.is_rectangle:
            return filters
        filters = filters[:, encoder.bins]
        weights = filters.sum(dim=1, keepdim=True)
        covered = weights[:, 0] > 0
        return filters[covered] / weights[covered]


def _log_bands(magnitude: Tensor, filters: Tensor) -> Tensor:
    return torch.log(filters @ magnitude + MAGNITUDE_FLOOR)
