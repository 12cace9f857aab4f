"""Own notes: how many of the song's are heard in a sound, whatever else is."""

from collections.abc import Callable

import numpy as np

from .note_matching import share_found
from .transcription import transcribed


def prepare(song: np.ndarray) -> Callable[[np.ndarray], float] | None:
    """Return the judge of a song; None where no notes are heard in it."""
    own = transcribed(song)
    return (lambda sound: share_found(own, transcribed(sound))) if own else None
