"""ViSQOL's model of a listener who compares with the song, in its mode for music."""

from collections.abc import Callable

import numpy as np
from visqol import VisqolApi

from .listening import RATE, matched


def prepare(song: np.ndarray) -> Callable[[np.ndarray], float]:
    model = VisqolApi()
    model.create(mode="audio")

    def opinion(sound: np.ndarray) -> float:
        louder, reference = (one.astype(np.float64) for one in matched(sound, song))
        return float(model.measure_from_arrays(reference, louder, sample_rate=RATE).moslqo)

    return opinion
