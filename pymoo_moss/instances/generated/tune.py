"""Tunes: sounds of notes, bursts of noise and pauses from a seed."""

import math
from functools import lru_cache

import numpy as np

from .draws import Draws
from .kinds import TuneKind

SAMPLE_RATE = 16000
SECONDS = 4
_LENGTH = SAMPLE_RATE * SECONDS
_FULL_SCALE = 32767
_PEAK = 0.9
_TURN = 2**32
"""Units of phase in a turn: unsigned whole numbers that overflow exactly."""
_TABLE_BITS = 16
"""Leading bits of a phase by which a sine is looked up."""
_LOWEST, _SEMITONES = 65.4064, 60
"""Frequency in Hz of the lowest note, and the range above it."""
_ATTACK = 0.01
"""Duration in s of the rise of notes and bursts."""
_DAMPING = 0.2
"""What each further partial adds to the rate of decay, as a share of it."""
_PAUSES = 3
_FADE = 0.02
"""Duration in s of the edge of a pause."""


def play(kind: TuneKind, draws: Draws) -> np.ndarray:
    """Play a tune of `SECONDS` at `SAMPLE_RATE`: samples ``(n,)`` in int16."""
    return np.round(samples(kind, draws)).astype(np.int16)


def samples(kind: TuneKind, draws: Draws) -> np.ndarray:
    """Play a tune as float64 samples from -32767 to 32767, before they are rounded."""
    piece = np.zeros(_LENGTH)
    for _ in range(kind.notes):
        _add_note(kind, draws, piece)
    for _ in range(kind.bursts):
        _add_burst(kind, draws, piece)
    piece *= _gate(kind, draws)
    piece *= _PEAK / np.abs(piece).max()
    piece += _amplitude(kind.floor) * draws.array(-1.0, 1.0, _LENGTH)
    return np.asarray(_FULL_SCALE * np.clip(piece, -1.0, 1.0))


def _add_note(kind: TuneKind, draws: Draws, piece: np.ndarray) -> None:
    """Add a note: partials that decay, the higher the faster."""
    start = draws.whole(0, _LENGTH * 7 // 8)
    time = np.arange(_LENGTH - start, dtype=np.uint32)
    frequency = _LOWEST * 2 ** (draws.whole(0, _SEMITONES) / 12)
    level, decay, slope = draws.number(0.3, 1.0), draws.number(0.2, 1.5), draws.number(0.7, 1.5)
    age = time / (decay * SAMPLE_RATE)
    fading = level * np.minimum(time / (_ATTACK * SAMPLE_RATE), 1.0) * np.exp(-age)
    damping = np.exp(-_DAMPING * age)
    for partial in range(1, kind.partials + 1):
        fading *= damping
        phase = draws.whole(0, _TURN - 1)
        if partial * frequency < SAMPLE_RATE / 2:
            piece[start:] += partial**-slope * fading * _wave(partial * frequency, phase, time)


def _wave(frequency: float, phase: int, time: np.ndarray) -> np.ndarray:
    """Compute a sine wave ``(n,)`` at whole numbers of samples."""
    step = round(frequency / SAMPLE_RATE * _TURN)
    turned = time * np.uint32(step) + np.uint32(phase)
    return np.asarray(_sines()[turned >> np.uint32(32 - _TABLE_BITS)])


@lru_cache(maxsize=1)
def _sines() -> np.ndarray:
    return np.asarray(np.sin(2 * math.pi / 2**_TABLE_BITS * np.arange(2**_TABLE_BITS)))


def _add_burst(kind: TuneKind, draws: Draws, piece: np.ndarray) -> None:
    """Add a burst of noise in a band around some frequency."""
    start = draws.whole(0, _LENGTH * 7 // 8)
    time = np.arange(_LENGTH - start) / SAMPLE_RATE
    noise = draws.array(-1.0, 1.0, len(time))
    octaves = np.log2(np.fft.rfftfreq(len(noise), 1 / SAMPLE_RATE) + 1.0)
    centre, width = math.log2(draws.number(300.0, 6000.0)), draws.number(0.5, 2.0)
    shaped = np.fft.irfft(np.fft.rfft(noise) * np.exp(-(((octaves - centre) / width) ** 2)), len(noise))
    attack = np.minimum(time / _ATTACK, 1.0)
    piece[start:] += _amplitude(kind.burst_level) * attack * np.exp(-time / draws.number(0.1, 0.5)) * shaped


def _gate(kind: TuneKind, draws: Draws) -> np.ndarray:
    """Return factors ``(n,)`` that are 0 in pauses."""
    gate = np.ones(_LENGTH)
    time = np.arange(_LENGTH) / SAMPLE_RATE
    for _ in range(_PAUSES if kind.pauses else 0):
        half = kind.pauses * SECONDS / _PAUSES / 2
        distance = np.abs(time - draws.number(0.0, SECONDS)) - half
        gate *= np.clip(distance / _FADE, 0.0, 1.0)
    return gate


def _amplitude(level: float) -> float:
    return float(10 ** (level / 20))
