"""Pitches, a hall, and the file format of the embedded sounds."""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import fftconvolve, lfilter

SAMPLE_RATE = 16000
SECONDS = 10.0
PEAK = 10 ** (-1 / 20)
NOISE_FLOOR = 10 ** (-78 / 20)
TONES = {"C": 0, "D": 2, "E": 4, "F": 5, "F#": 6, "G": 7, "A": 9, "B": 11}

_DATA = Path(__file__).parents[1] / "pymoo_moss" / "instances" / "data"


def frequency(name: str) -> float:
    """Return the equal-tempered frequency in Hz of a note such as A4, which is 440."""
    semitones = TONES[name[:-1]] + 12 * (int(name[-1]) - 4) - 9
    return float(440.0 * 2 ** (semitones / 12))


def room(rng: np.random.Generator) -> np.ndarray:
    """Synthesise the impulse response of a small hall: low-passed noise that decays by 60 dB in 1.1 s."""
    time = np.arange(int(1.1 * SAMPLE_RATE)) / SAMPLE_RATE
    noise = rng.standard_normal(len(time)) * 10 ** (-3 * time / 1.1)
    response = 0.03 * lfilter([0.4], [1, -0.6], noise)
    response[0] = 1.0
    return response


def recorded(piece: np.ndarray, rng: np.random.Generator, fade: float = 0.3) -> np.ndarray:
    """Play a dry piece in the hall: remove the offset, fade out, add noise, and normalise to `PEAK`."""
    piece = fftconvolve(piece, room(rng))[: len(piece)]
    piece = lfilter([1, -1], [1, -0.995], piece)
    piece *= np.clip((SECONDS - np.arange(len(piece)) / SAMPLE_RATE) / fade, 0, 1)
    piece = piece / np.abs(piece).max() + NOISE_FLOOR * rng.standard_normal(len(piece))
    return PEAK * piece / np.abs(piece).max()


def save_as(description: str | None, perform: Callable[[], np.ndarray], name: str) -> None:
    """Write the sound to the path on the command line, by default to its place in the package."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("out", nargs="?", type=Path, default=_DATA / name)
    out = parser.parse_args().out
    out.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(out, perform(), SAMPLE_RATE, format="FLAC", subtype="PCM_16")
