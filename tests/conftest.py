"""Small inputs shared by all tests, made here so that nothing has to be downloaded."""

import signal
from pathlib import Path

import numpy as np
import pytest
import torch

from pymoo_moss import MaskEncoder, MOSSProblem
from pymoo_moss.explore import Checkpoints, Renderer
from pymoo_moss.testing.common import small_picture

from . import CORES
from .real_data import VARIABLE, real_data

SAMPLE_RATE = 16000
GRID = (9, 14)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Processes of ``-n auto``: one a core, at most four, since each takes a gigabyte of memory."""
    return min(CORES, 4)


class PlainRenderer(Renderer):
    """Leaves pictures and page blank: drawing them takes most of the time that a small run takes."""

    def _leave_blank(self, path, *args):
        path.write_bytes(b"")

    spectrogram = solutions = inputs = front = evolution = _leave_blank

    def page(self, path, *args):
        path.write_text("</html>")


PLAIN = PlainRenderer()
OFTEN = Checkpoints(every=2, seconds=float("inf"))
"""Which generations have a checkpoint does not depend on how busy the machine is."""


@pytest.fixture(scope="session")
def picture() -> np.ndarray:
    return small_picture()


@pytest.fixture(scope="session")
def sound() -> tuple[np.ndarray, int]:
    """Two decaying notes with harmonics, noise, and a tail of digital silence."""
    time = np.arange(int(1.3 * SAMPLE_RATE)) / SAMPLE_RATE
    rng = np.random.default_rng(0)
    notes = sum(
        np.sin(2 * np.pi * 330 * k * time) * np.exp(-3 * time) / k
        + np.sin(2 * np.pi * 495 * k * time) * np.exp(-5 * (time - 0.5)) * (time > 0.5) / k
        for k in range(1, 8)
    )
    waveform = 0.2 * notes + 0.003 * rng.standard_normal(len(time))
    waveform[time > 1.15] = 0.0
    return waveform, SAMPLE_RATE


@pytest.fixture(scope="session")
def encoder(picture, sound) -> MaskEncoder:
    return MaskEncoder(picture, sound, grid=GRID)


@pytest.fixture(scope="session")
def exact_encoder(picture, sound) -> MaskEncoder:
    return MaskEncoder(picture, sound, grid=GRID, dtype=torch.float64)


@pytest.fixture(scope="session")
def problem(encoder) -> MOSSProblem:
    return MOSSProblem(encoder=encoder)


@pytest.fixture(scope="session")
def display_problem(picture, sound) -> MOSSProblem:
    return MOSSProblem(picture, sound, preset="display", grid=GRID)


@pytest.fixture
def interrupts():
    """Let processes that a test starts be interrupted, also where the tests are a script's background job.

    And be hung up, also where the tests are not: they may have been started by nohup.
    """
    handlers = {signal.SIGINT: signal.default_int_handler}
    if hasattr(signal, "SIGHUP"):
        handlers[signal.SIGHUP] = signal.SIG_DFL
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(1)


@pytest.fixture(scope="session")
def find_real_file():
    """Gives the path of a real picture or sound; skips the test where it is not at hand."""

    def find(name: str) -> Path:
        folder = real_data()
        if folder is None or not (folder / name).is_file():
            pytest.skip(f"no real {name}: set {VARIABLE} to the folder that holds it")
        return folder / name

    return find
