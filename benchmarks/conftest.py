"""Real inputs where they lie beside the checkout, the embedded ones otherwise."""

from pathlib import Path

import numpy as np
import pytest

from pymoo_moss import MOSSProblem, get_problem, list_problems


@pytest.fixture(scope="session", params=["notebook", "display"])
def preset(request) -> str:
    return request.param


@pytest.fixture(scope="session")
def make_problem():
    """Makes Mona Lisa x Tchaikovsky (75 s) where it is at hand, else the embedded problem (10 s)."""
    folder = Path(__file__).parents[2] / "shared" / "data"

    def make(preset: str) -> MOSSProblem:
        if (folder / "tchaikovsky.mp3").is_file():
            return MOSSProblem(folder / "monalisa.jpg", folder / "tchaikovsky.mp3", preset=preset)
        return get_problem(list_problems()[0], preset=preset)

    return make


@pytest.fixture(scope="session")
def masks() -> np.ndarray:
    """One hundred random masks, ``(100, 8192)``."""
    return np.random.default_rng(0).random((100, 8192))
