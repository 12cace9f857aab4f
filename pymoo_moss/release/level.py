"""How loud a hidden picture is: as loud as is not noticed, and no quieter than viewers show."""

import math

import torch

from ..objectives import AudioAudibility
from ..spectrogram import MaskEncoder

LOUDEST_DB, QUIETEST_DB = -12.0, -60.0
"""Levels of white between which one is chosen, in decibels relative to the song's loud bins."""

_UNHEARD_DB = 0.1
"""Mean audibility in the picture's band up to which listeners notice nothing (``benchmarks/JUDGES.md``)."""

_STEP_DB = 1.0
_OVER_SONG_DB = 6.0
"""Least decibels of white over the song's own sound in the band, in the mean; less would be faint."""
_SEEN_DBFS = -66.0
"""Least level of white in decibels of full scale: viewers show 80 to 120 dB, and codecs keep that."""
_NEPERS_PER_DECIBEL = math.log(10.0) / 20.0


def chosen_level(encoder: MaskEncoder) -> float:
    """Choose the loudest level of white at which the picture alone is not noticed.

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
    level, audible_db = max(LOUDEST_DB, least), AudioAudibility().prepare(encoder)
    kept = (1 - share) * song
    while level > least:
        # The picture's magnitudes are in proportion to its white, and what is kept of the song is not.
        quieter = kept + (encoder.image_magnitude - kept) * math.exp(
            (level - LOUDEST_DB) * _NEPERS_PER_DECIBEL
        )
        if float(audible_db(quieter[None])) <= _UNHEARD_DB:
            break
        level = max(level - _STEP_DB, least)
    return level


def white_in_full_scale(encoder: MaskEncoder) -> float:
    """Return the level of the picture's white in decibels, where a sine at full scale has 0."""
    return (encoder.log_ceiling - math.log(encoder.n_fft / 4)) / _NEPERS_PER_DECIBEL
