"""What judges hear: a part of a file, at the rate and the level of what it is compared with."""

from math import gcd
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from .folder import Rectangle

SECONDS = 10.0
"""That are listened to, around the middle of the picture: as long as items in listening tests are."""
RATE = 48_000
"""Hz, of the models of listeners."""


def part_to_listen_to(rectangle: Rectangle, length: float, seconds: float = SECONDS) -> tuple[float, float]:
    """Return start and stop in seconds of the part of a sound that is listened to.

    Args:
        rectangle: where the picture is.
        length: of the sound in seconds.
        seconds: of the part; shorter sounds are listened to as a whole.
    """
    middle = (rectangle.start + rectangle.stop) / 2
    start = min(max(middle - seconds / 2, 0.0), max(length - seconds, 0.0))
    return start, min(start + seconds, length)


def read_mono(path: Path) -> tuple[np.ndarray, int]:
    """Read a file and average its channels."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return samples.mean(axis=1), rate


def resampled(samples: np.ndarray, rate: int, target: int = RATE) -> np.ndarray:
    """Bring samples to another rate."""
    if rate == target:
        return samples
    common = gcd(rate, target)
    return resample_poly(samples, target // common, rate // common).astype(np.float32)


def matched(sound: np.ndarray, song: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut both to the same length and bring the sound to the song's level, as in listening tests."""
    length = min(len(sound), len(song))
    sound, song = sound[:length], song[:length]
    level, wanted = (np.sqrt(np.mean(one.astype(np.float64) ** 2)) for one in (sound, song))
    return (sound * (wanted / max(level, 1e-12))).astype(np.float32), song
