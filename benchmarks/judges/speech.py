"""Speech, as PocketSphinx understands it with the US English model of its wheel."""

from collections.abc import Callable

import numpy as np
from pocketsphinx import Decoder

from .distance import word_error_rate
from .listening import RATE, resampled

_MODEL_RATE = 16_000
_PEAK = 0.9


def prepare(transcript: str) -> Callable[[np.ndarray], float]:
    return lambda sound: word_error_rate(transcript, heard(sound))


def heard(sound: np.ndarray) -> str:
    """Return the words that are heard in samples ``(n,)`` at `RATE`."""
    samples = resampled(sound, RATE, _MODEL_RATE)
    whole = (samples * (_PEAK * 32767 / max(float(np.abs(samples).max()), 1e-9))).astype(np.int16)
    decoder = Decoder(samprate=float(_MODEL_RATE), loglevel="FATAL")
    decoder.start_utt()
    decoder.process_raw(whole.tobytes(), full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    return "" if hypothesis is None else str(hypothesis.hypstr)
