"""Zimtohrli's model of a listener who compares with the song."""

from collections.abc import Callable

import numpy as np
import zimtohrli

from .listening import matched


def prepare(song: np.ndarray) -> Callable[[np.ndarray], float]:
    def opinion(sound: np.ndarray) -> float:
        louder, reference = matched(sound, song)
        return float(zimtohrli.mos_from_signals(reference, louder))

    return opinion
