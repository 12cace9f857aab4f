"""A song of a few seconds that is dense below 5 kHz, and a picture with bright and dark parts."""

import numpy as np
import pytest
from scipy import signal

RATE = 32_000


@pytest.fixture(scope="session")
def song():
    rng = np.random.default_rng(11)
    low = signal.sosfilt(signal.butter(6, 5000, fs=RATE, output="sos"), rng.standard_normal((2, 9 * RATE)))
    # The middle is louder.
    loudness = np.interp(np.arange(9 * RATE) / RATE, [0, 3, 4, 8, 9], [0.05, 0.05, 0.2, 0.2, 0.05])
    return 0.5 * low * loudness + 1e-5 * rng.standard_normal((2, 9 * RATE)), RATE


@pytest.fixture(scope="session")
def portrait():
    y, x = np.mgrid[-1:1:120j, -1:1:90j]
    face = np.exp(-3 * (x**2 + 0.7 * y**2)) + 0.2 * (np.abs(x) > 0.8)
    return (face - face.min()) / np.ptp(face)
