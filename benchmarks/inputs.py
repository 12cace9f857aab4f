"""Inputs of the benchmarks: real ones if available, otherwise embedded ones; synthetic ones."""

from pathlib import Path

import numpy as np

from pymoo_moss import MOSSProblem, get_problem, list_problems
from tests.real_data import real_data

_SAMPLE_RATE = 16000


def title() -> str:
    """Describe the inputs of `make_problem`."""
    return "Mona Lisa x Tchaikovsky, 75 s" if real_pair() else "the embedded lighthouse x prelude, 10 s"


def make_problem(preset: str = "notebook", engine: str = "auto") -> MOSSProblem:
    """Make the real problem if available, otherwise the embedded one, with 64 x 128 variables."""
    pair = real_pair()
    if pair is None:
        return get_problem(list_problems()[0], preset=preset, engine=engine)
    return MOSSProblem(*pair, preset=preset, engine=engine)


def synthetic_problem(seconds: float, grid: tuple[int, int] = (64, 128)) -> MOSSProblem:
    """Make a problem of decaying notes with some noise, of any length, and a gradient as its picture."""
    time = np.arange(int(seconds * _SAMPLE_RATE)) / _SAMPLE_RATE
    noise = np.random.default_rng(0).standard_normal(len(time))
    notes = 220 * 2 ** (np.floor(2 * time) % 12 / 12)
    waveform = 0.3 * np.sin(2 * np.pi * notes * time) * np.exp(-3 * (2 * time % 1)) + 0.003 * noise
    picture = np.add.outer(np.linspace(0, 1, 64), np.sin(np.linspace(0, 9, 128)))
    return MOSSProblem(picture, (waveform, _SAMPLE_RATE), grid=grid)


def random_masks(count: int, n_var: int = 8192) -> np.ndarray:
    """Draw uniform random masks ``(count, n_var)``."""
    return np.random.default_rng(0).random((count, n_var))


def real_pair(image: str = "monalisa.jpg", audio: str = "tchaikovsky.mp3") -> tuple[Path, Path] | None:
    """Return the paths of a real picture and sound, or None if one is unavailable."""
    folder = real_data()
    if folder is None:
        return None
    pair = folder / image, folder / audio
    return pair if all(path.is_file() for path in pair) else None
