"""Play an embedded sound: four bars on a drum kit.

Run ``python tools/beat_drums.py [OUT]``; the output is the same every time, to the byte.
"""

import numpy as np
from playing import SAMPLE_RATE, SECONDS, recorded, save_as
from scipy.signal import butter, lfilter

SIXTEENTH = 0.15
BARS = (
    {
        "kick": "x.....x.x.......",
        "snare": "....x.......x..o",
        "hat": "x.x.x.x.x.x.x.x.",
        "crash": "x...............",
    },
    {"kick": "x.....x.x.....x.", "snare": "....x..o....x...", "hat": "x.x.x.x.x.xxx.x."},
    {"kick": "x.....x.x.x.....", "snare": "....x.......x..o", "hat": "x.x.x.x.x.x.x.x."},
    {
        "kick": "x.....x.........",
        "snare": "....x...x.......",
        "hat": "x.x.x.x.........",
        "tom": "..........xxx.x.",
    },
)
"""Sixteenth notes of each bar: x is a stroke, o a soft one."""


def _time(seconds: float) -> np.ndarray:
    return np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def _noise(low: float, high: float, time: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return lfilter(*butter(2, [low, high], btype="bandpass", fs=SAMPLE_RATE), rng.standard_normal(len(time)))


def kick(rng: np.random.Generator) -> np.ndarray:
    """Synthesise a skin whose pitch falls from 160 to 48 Hz, with the beater's click."""
    time = _time(0.4)
    phase = 2 * np.pi * (48 * time + 112 * 0.03 * (1 - np.exp(-time / 0.03)))
    return 1.1 * np.sin(phase) * np.exp(-time / 0.11) + 0.3 * _noise(1500, 4500, time, rng) * np.exp(
        -time / 0.004
    )


def snare(rng: np.random.Generator) -> np.ndarray:
    """Synthesise two modes of the skin and the rattle of the wires."""
    time = _time(0.3)
    skin = (np.sin(2 * np.pi * 185 * time) + 0.6 * np.sin(2 * np.pi * 330 * time)) * np.exp(-time / 0.05)
    return 0.5 * skin + 0.75 * _noise(900, 6500, time, rng) * np.exp(-time / 0.075)


def hat(rng: np.random.Generator) -> np.ndarray:
    """Synthesise a closed pair of cymbals."""
    time = _time(0.12)
    return 0.55 * _noise(5000, 7900, time, rng) * np.exp(-time / 0.022)


def crash(rng: np.random.Generator) -> np.ndarray:
    """Synthesise a cymbal that rings for two seconds and whose high tones decay first."""
    time = _time(2.2)
    high = _noise(4500, 7900, time, rng) * np.exp(-time / 0.35)
    return 0.5 * high + 0.35 * _noise(2200, 5000, time, rng) * np.exp(-time / 0.6)


def tom(rng: np.random.Generator) -> np.ndarray:
    """Synthesise a tuned skin whose pitch falls from 150 to 105 Hz."""
    time = _time(0.45)
    phase = 2 * np.pi * (105 * time + 45 * 0.05 * (1 - np.exp(-time / 0.05)))
    return 0.9 * np.sin(phase) * np.exp(-time / 0.13) + 0.15 * _noise(800, 3000, time, rng) * np.exp(
        -time / 0.01
    )


DRUMS = {"kick": kick, "snare": snare, "hat": hat, "crash": crash, "tom": tom}


def perform() -> np.ndarray:
    """Play the four bars, ``(samples,)``, normalised to `PEAK`."""
    rng = np.random.default_rng(1909)
    piece = np.zeros(int(SECONDS * SAMPLE_RATE))
    for number, bar in enumerate(BARS):
        for drum, strokes in bar.items():
            for step, stroke in enumerate(strokes):
                if stroke == ".":
                    continue
                start = 0.08 + SIXTEENTH * (16 * number + step) + rng.normal(0, 0.003)
                sound = (1.0 if stroke == "x" else 0.35) * rng.uniform(0.85, 1.0) * DRUMS[drum](rng)
                begin = round(start * SAMPLE_RATE)
                end = min(begin + len(sound), len(piece))
                piece[begin:end] += sound[: end - begin]
    return recorded(piece, rng)


if __name__ == "__main__":
    save_as(__doc__, perform, "drums.flac")
