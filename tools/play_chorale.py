"""Play an embedded sound: the first two lines of the psalm tune Old Hundredth (Geneva, 1551) on an organ.

Run ``python tools/play_chorale.py [OUT]``; the output is the same every time, to the byte.
"""

import numpy as np
from playing import SAMPLE_RATE, SECONDS, frequency, recorded, save_as

LINES = (
    ("G4 D4 B3 G3", "G4 E4 B3 E3", "F#4 D4 A3 D3", "E4 C4 G3 C3",
     "D4 B3 G3 B2", "G4 E4 B3 E3", "A4 D4 A3 F#3", "B4 D4 B3 G3"),
    ("B4 D4 G3 G3", "B4 E4 G3 E3", "B4 D4 G3 B2", "A4 D4 F#3 D3",
     "G4 B3 G3 E3", "C5 E4 G3 C3", "B4 D4 G3 D3", "A4 D4 F#3 D3"),
)  # fmt: skip
"""Chords, from the highest voice to the lowest."""

BEAT = 0.53
STOPS = ((1.0, 1.0), (2.0, 0.55), (3.0, 0.28), (4.0, 0.30), (6.0, 0.10), (8.0, 0.12))
"""Ranks of pipes: multiple of the key's frequency, and loudness."""


def pipe(pitch: float, seconds: float, rng: np.random.Generator) -> np.ndarray:
    """Synthesise a held key: every rank slightly detuned, with tremor and a soft attack."""
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    tone = np.zeros_like(time)
    for multiple, loudness in STOPS:
        rank = pitch * multiple * 2 ** (rng.normal(0, 1.5) / 1200)
        tremor = 0.004 * np.sin(2 * np.pi * 5.3 * time + rng.uniform(0, 2 * np.pi))
        phase = 2 * np.pi * rank * time + rng.uniform(0, 2 * np.pi) + tremor
        # The overtones of a flue pipe decrease by 15 dB each.
        for overtone in (1, 2, 3, 4):
            if rank * overtone < 0.45 * SAMPLE_RATE:
                tone += loudness * 10 ** (-0.75 * (overtone - 1)) * np.sin(overtone * phase)
    return tone * np.clip(time / 0.045, 0, 1) * np.clip((seconds - time) / 0.06, 0, 1)


def perform() -> np.ndarray:
    """Play the two lines, ``(samples,)``, normalised to `PEAK`."""
    rng = np.random.default_rng(1551)
    piece = np.zeros(int(SECONDS * SAMPLE_RATE))
    start = 0.1
    for line in LINES:
        for number, chord in enumerate(line):
            beats = 2.0 if number == len(line) - 1 else 1.0
            for name in chord.split():
                note = pipe(frequency(name), beats * BEAT - 0.015, rng)
                begin = round(start * SAMPLE_RATE)
                end = min(begin + len(note), len(piece))
                piece[begin:end] += note[: end - begin]
            start += beats * BEAT
    return recorded(piece, rng)


if __name__ == "__main__":
    save_as(__doc__, perform, "chorale.flac")
