"""Synthetic pieces that no recording has rights on: fast arpeggios, and a canon without treble."""

import numpy as np

RATE = 44_100
_SCALE = (0, 2, 4, 5, 7, 9, 11)


def fast_piece(seconds: float = 12.0) -> np.ndarray:
    """Play twelve bright notes a second, the two hands left and right: samples ``(n, 2)`` at `RATE`."""
    rng = np.random.default_rng(21)
    right = _line(_steps(rng, round(12 * seconds), 7), 1 / 12, 261.6, partials=24, decay=14.0)
    left = _line(_steps(rng, round(6 * seconds), 5), 1 / 6, 130.8, partials=24, decay=8.0)
    return _mastered(np.stack([0.8 * right + 0.4 * left, 0.4 * right + 0.8 * left], axis=1))


def canon(seconds: float = 12.0) -> np.ndarray:
    """Play one line against itself, two seconds later and an octave lower; silent above 3 kHz.

    Returns:
        Samples ``(n, 2)`` at `RATE`.
    """
    rng = np.random.default_rng(7)
    steps = _steps(rng, round(3 * seconds), 4)
    first = _line(steps, 1 / 3, 293.7, partials=6, decay=2.5)
    second = _line(np.concatenate([np.full(6, -99), steps[:-6]]), 1 / 3, 146.8, partials=10, decay=2.5)
    return _mastered(np.stack([0.7 * first + 0.3 * second, 0.3 * first + 0.7 * second], axis=1))


def _steps(rng: np.random.Generator, count: int, leap: int) -> np.ndarray:
    """Walk at random on the scale, within two octaves."""
    steps = np.zeros(count, dtype=int)
    for index in range(1, count):
        steps[index] = np.clip(steps[index - 1] + rng.integers(-leap, leap + 1), -7, 7)
    return steps


def _line(steps: np.ndarray, seconds: float, root: float, *, partials: int, decay: float) -> np.ndarray:
    """Play steps of a scale, one after another; steps below the scale are rests."""
    length = round(seconds * RATE)
    line = np.zeros(length * (len(steps) + 4))
    time = np.arange(4 * length) / RATE
    envelope = (
        np.exp(-decay * time) * np.minimum(1.0, time / 0.004) * np.minimum(1.0, (time[-1] - time) / 0.02)
    )
    for index, step in enumerate(steps):
        if step < -14:
            continue
        pitch = root * 2 ** ((12 * (step // 7) + _SCALE[step % 7]) / 12)
        harmonics = (
            np.sin(2 * np.pi * n * pitch * time) / n**1.5
            for n in range(1, partials + 1)
            if n * pitch < 18_000
        )
        line[index * length :][: 4 * length] += envelope * sum(harmonics)
    return line[: length * len(steps)]


def _mastered(samples: np.ndarray) -> np.ndarray:
    """Bring samples to a peak of -3 dB, over the hiss of a quiet recording."""
    hiss = 1e-5 * np.random.default_rng(0).standard_normal(samples.shape)
    return (10 ** (-3 / 20) * samples / np.abs(samples).max() + hiss).astype(np.float32)
