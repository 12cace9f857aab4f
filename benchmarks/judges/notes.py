"""Notes: how well the transcription of a sound agrees with the song's."""

from collections.abc import Callable

import numpy as np

from .note_matching import f_measure
from .transcription import transcribed


def prepare(song: np.ndarray) -> Callable[[np.ndarray], float] | None:
    """Return the judge of a song; None where no notes are heard in it."""
    own = transcribed(song)
    return (lambda sound: f_measure(own, transcribed(sound))) if own else None
