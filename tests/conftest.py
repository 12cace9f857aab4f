"""Small inputs shared by all tests, made here so that nothing has to be downloaded."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from pymoo_moss import MaskEncoder, MOSSProblem
from pymoo_moss.explore import export

SAMPLE_RATE = 16000
GRID = (9, 14)


@pytest.fixture(scope="session")
def picture() -> np.ndarray:
    """A bright disc over a gradient, darker to the left: no symmetry, so that flips show."""
    rows, columns = np.mgrid[:40, :60]
    disc = (rows - 12) ** 2 + (columns - 40) ** 2 < 80
    return np.where(disc, 1.0, 0.3 * columns / 60 + 0.2 * rows / 40)


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


@pytest.fixture(scope="module")
def plain_pictures() -> Iterator[None]:
    """Runs are written with blank pictures and page, which take most of the time that a small run takes."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("front_figure", "inputs_figure", "solutions_figure", "spectrogram_figure"):
            patch.setattr(export, name, lambda *args, **options: Figure((1, 1)))
        patch.setattr(export, "save_evolution", lambda path, *args: path.write_bytes(b""))
        patch.setattr(export, "explorer_page", lambda *args, **options: "</html>")
        yield


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(1)


@pytest.fixture(scope="session")
def real_data() -> Path:
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not (folder / "oracle.json").is_file():
        pytest.skip("no real pictures and music beside this checkout")
    return folder
