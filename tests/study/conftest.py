"""A small picture and sound, so that a run takes a fraction of a second."""

import numpy as np
import pytest

from pymoo_moss import MOSSProblem
from pymoo_moss.study import AlgorithmChoice, Study

BUDGETS = (200, 600)


def tiny_problem():
    rng = np.random.default_rng(3)
    picture = np.outer(np.linspace(0, 1, 24), np.linspace(1, 0, 40))
    sound = 0.3 * rng.standard_normal(4000) * np.exp(-np.arange(4000) / 1500)
    return MOSSProblem(picture, (sound, 8000), sample_rate=8000, n_fft=256, hop_length=64, grid=(6, 8))


ALGORITHMS = {
    "levels": AlgorithmChoice("nsga2", population=20, sampling="levels"),
    "noise": AlgorithmChoice("nsga2", population=20, sampling="smooth-noise", variation="masks"),
    "swarm": AlgorithmChoice("cmopso", population=20, sampling="levels"),
}


@pytest.fixture
def make_study(tmp_path):
    def make(folder="study", problems=None, algorithms=None, seeds=2, budget=BUDGETS):
        return Study(
            problems or {"tiny": tiny_problem}, algorithms or ALGORITHMS, seeds, budget, tmp_path / folder
        )

    return make
