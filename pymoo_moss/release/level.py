"""How loud a hidden picture is: as loud as is hardly heard, and no quieter than viewers show."""

import math

import torch
from torch import Tensor

from ..spectrogram import MaskEncoder, audibility, magnitudes, masking_threshold

LOUDEST_DB, QUIETEST_DB = -12.0, -39.0
"""Levels of white between which one is chosen, in decibels relative to the song's loud bins."""

HARDLY_HEARD_DB = 1.0
"""Mean audibility in the picture's band up to which it is hardly heard."""

_STEP_DB = 1.0
_OVER_SONG_DB = 12.0
"""Least decibels of white over the song's own sound in the band, in the mean; less would be faint."""
_SEEN_DBFS = -66.0
"""Least level of white in decibels of full scale: viewers show 80 to 120 dB, and codecs keep that."""
_NEPERS_PER_DECIBEL = math.log(10.0) / 20.0


class Hearing:
    """What can be heard of changes in the band of a rectangle.

    Args:
        encoder: of the rectangle.
    """

    def __init__(self, encoder: MaskEncoder) -> None:
        rate, self._n_fft = encoder.sample_rate, encoder.n_fft
        self._encoder = encoder
        song = magnitudes(encoder.audio_waveform, self._n_fft, encoder.hop_length)
        self._frequencies = torch.arange(self._n_fft // 2 + 1, dtype=song.dtype) * rate / self._n_fft
        self._threshold = masking_threshold(song, self._frequencies, self._n_fft, encoder.hop_length / rate)
        self._error = torch.zeros_like(song)

    def audible_db(self, magnitude: Tensor) -> float:
        """Return the mean audibility in dB of magnitudes ``(F, T)`` in place of the song's."""
        encoder = self._encoder
        self._error[encoder.bins] = (magnitude - encoder.audio_magnitude).abs()
        within = (encoder.axis.low, encoder.axis.high)
        return audibility(self._error, self._threshold, self._frequencies, self._n_fft, within)


def chosen_level(encoder: MaskEncoder) -> float:
    """Choose the loudest level of white at which the picture alone is hardly heard.

    It is no quieter than what viewers show, codecs keep, and stands out of the song's own sound in the band,
    if it need not be louder than the song's loud bins for that.

    Args:
        encoder: of the rectangle, whose white is at the level `LOUDEST_DB`.

    Returns:
        The level in decibels relative to the song's loud bins.
    """
    song = encoder.audio_magnitude
    share = torch.ones_like(song) if encoder.layer_mask is None else encoder.layer_mask
    own = float(((share * song.square()).sum() / share.sum()).log()) / 2
    at_loudest = encoder.log_ceiling / _NEPERS_PER_DECIBEL - LOUDEST_DB
    least = max(
        own / _NEPERS_PER_DECIBEL + _OVER_SONG_DB - at_loudest,
        LOUDEST_DB + _SEEN_DBFS - white_in_full_scale(encoder),
        QUIETEST_DB,
    )
    least = min(least, 0.0)
    level, hearing = max(LOUDEST_DB, least), Hearing(encoder)
    kept = (1 - share) * song
    while level > least:
        # The picture's magnitudes are in proportion to its white, and what is kept of the song is not.
        quieter = kept + (encoder.image_magnitude - kept) * math.exp(
            (level - LOUDEST_DB) * _NEPERS_PER_DECIBEL
        )
        if hearing.audible_db(quieter) <= HARDLY_HEARD_DB:
            break
        level = max(level - _STEP_DB, least)
    return level


def white_in_full_scale(encoder: MaskEncoder) -> float:
    """Return the level of the picture's white in decibels, where a sine at full scale has 0."""
    return (encoder.log_ceiling - math.log(encoder.n_fft / 4)) / _NEPERS_PER_DECIBEL
