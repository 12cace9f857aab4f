"""Play an embedded sound: the opening of Bach's Prelude in C major, BWV 846, on plucked strings.

Run ``python tools/pluck_prelude.py [OUT]``; the output is the same every time, to the byte.

Sources: Karplus and Strong, "Digital synthesis of plucked-string and drum timbres", Computer Music Journal
7 (1983); Jaffe and Smith, "Extensions of the Karplus-Strong plucked-string algorithm", the same volume.
"""

import numpy as np
from playing import NOISE_FLOOR, PEAK, SAMPLE_RATE, SECONDS, frequency, room, save_as
from scipy.signal import butter, fftconvolve, lfilter

BARS = (
    ("C4", "E4", "G4", "C5", "E5"),
    ("C4", "D4", "A4", "D5", "F5"),
    ("B3", "D4", "G4", "D5", "F5"),
    ("C4", "E4", "G4", "C5", "E5"),
)
"""Five notes of each bar, lowest first; a half bar plays them as 1 2 3 4 5 3 4 5."""

FIGURE = (0, 1, 2, 3, 4, 2, 3, 4)
FINAL_CHORD = ("C3", "G3", "C4", "E4", "G4", "C5")
SIXTEENTH = 0.115
"""Duration of a sixteenth note in seconds."""


def pluck(pitch: float, seconds: float, loudness: float, rng: np.random.Generator) -> np.ndarray:
    """Synthesise one plucked string.

    A low-passed burst of noise circulates in a loop of one period: a two-point average damps its high tones,
    and a first-order allpass delays it by the fraction of a sample that tunes it.

    Args:
        pitch: fundamental in Hz.
        seconds: length of the note.
        loudness: 0 to 1; harder plucks are brighter.
        rng: generator of the burst.
    """
    period = SAMPLE_RATE / pitch
    whole = int(period - 0.5 - 0.2)
    fraction = period - 0.5 - whole
    allpass = np.sin((1 - fraction) * np.pi / period) / np.sin((1 + fraction) * np.pi / period)
    # The decay by 60 dB takes about the same time at every pitch, a little less at high ones.
    loss = 10 ** (-3 / (pitch * (4.5 - 1.5 * min(pitch / 700, 1))))
    softness = 0.9 - 0.2 * loudness
    burst = rng.uniform(-1, 1, whole)
    for _ in range(2):
        burst = lfilter([1 - softness], [1, -softness], burst)
    burst = (burst - burst.mean()) / np.abs(burst).max()
    # The string is plucked at a seventh of its length, which weakens every seventh harmonic.
    excitation = np.zeros(int(seconds * SAMPLE_RATE))
    excitation[:whole] = burst
    position = max(1, round(period / 7))
    excitation[position:] -= 0.8 * excitation[:-position].copy()
    # The loop y[n] = x[n] + loss * allpass(average(y[n - whole])) as one recursive filter.
    average = np.array([0.5, 0.5])
    numerator = np.array([1.0, allpass])
    feedback = np.zeros(whole + 3)
    feedback[whole : whole + 3] = loss * np.convolve(average, [allpass, 1.0])
    feedback[:2] += -numerator
    note = lfilter(numerator, -feedback, excitation)
    return loudness * release(note, seconds)


def release(note: np.ndarray, seconds: float) -> np.ndarray:
    """Fade out the last 30 ms of a note to avoid a click."""
    fade = np.clip((seconds - np.arange(len(note)) / SAMPLE_RATE) / 0.03, 0, 1)
    return note * fade


def score(rng: np.random.Generator) -> list[tuple[float, float, str, float]]:
    """Return notes as start and length in seconds, name, and loudness, with small random deviations."""
    notes, start = [], 0.05
    for number, bar in enumerate(BARS):
        swell = 0.62 + 0.1 * np.sin(np.pi * number / len(BARS))
        for step in range(16):
            tone = FIGURE[step % 8]
            length = 1.8 if tone < 2 else 0.9
            accent = 0.16 if step % 8 == 0 else 0.05 if tone == 4 else 0.0
            jitter = rng.normal(0, 0.004)
            notes.append((start + jitter, length, bar[tone], swell + accent + rng.normal(0, 0.02)))
            # The last bar slows down towards the closing chord.
            start += SIXTEENTH * (1.0 + (0.25 * step / 16 if number == len(BARS) - 1 else 0.0))
    for number, name in enumerate(FINAL_CHORD):
        notes.append((start + 0.05 + 0.035 * number, SECONDS - start - 0.4, name, 0.72))
    return notes


def perform() -> np.ndarray:
    """Play the piece, ``(samples,)``, normalised to `PEAK`."""
    rng = np.random.default_rng(1722)
    piece = np.zeros(int(SECONDS * SAMPLE_RATE))
    for start, length, name, loudness in score(rng):
        note = pluck(frequency(name), min(length, SECONDS - start), loudness, rng)
        begin = round(start * SAMPLE_RATE)
        end = min(begin + len(note), len(piece))
        piece[begin:end] += note[: end - begin]
    piece = fftconvolve(piece, room(rng))[: len(piece)]
    # A lute's body radiates little above 2.5 kHz; below its lowest string there is only rumble and offset.
    piece = lfilter(*butter(3, 2500, fs=SAMPLE_RATE), piece)
    piece = lfilter([1, -1], [1, -0.995], piece)
    piece *= np.clip((SECONDS - np.arange(len(piece)) / SAMPLE_RATE) / 0.6, 0, 1)
    piece += NOISE_FLOOR * rng.standard_normal(len(piece))
    return PEAK * piece / np.abs(piece).max()


if __name__ == "__main__":
    save_as(__doc__, perform, "prelude.flac")
