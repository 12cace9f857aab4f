"""How loud a hidden picture is: as loud as is hardly heard, and no quieter than viewers show."""

import math

from ..objectives import AudioAudibility
from ..spectrogram import MaskEncoder

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


def chosen_level(encoder: MaskEncoder) -> float:
    """Choose the loudest level of white at which the picture alone is hardly heard.

    It is no quieter than what viewers show, codecs keep, and stands out of the song's own sound in the band,
    if it need not be louder than the song's loud bins for that.

    Args:
        encoder: of the rectangle, whose white is at the level `LOUDEST_DB`.

    Returns:
        The level in decibels relative to the song's loud bins.
    """
    own = float(encoder.audio_magnitude.square().mean().log()) / 2
    at_loudest = encoder.log_ceiling / _NEPERS_PER_DECIBEL - LOUDEST_DB
    least = max(
        own / _NEPERS_PER_DECIBEL + _OVER_SONG_DB - at_loudest,
        LOUDEST_DB + _SEEN_DBFS - white_in_full_scale(encoder),
        QUIETEST_DB,
    )
    least = min(least, 0.0)
    level, audible_db = max(LOUDEST_DB, least), AudioAudibility().prepare(encoder)
    while level > least:
        # The picture's magnitudes are in proportion to its white.
        quieter = encoder.image_magnitude * math.exp((level - LOUDEST_DB) * _NEPERS_PER_DECIBEL)
        if float(audible_db(quieter[None])) <= HARDLY_HEARD_DB:
            break
        level = max(level - _STEP_DB, least)
    return level


def white_in_full_scale(encoder: MaskEncoder) -> float:
    """Return the level of the picture's white in decibels, where a sine at full scale has 0."""
    return (encoder.log_ceiling - math.log(encoder.n_fft / 4)) / _NEPERS_PER_DECIBEL
