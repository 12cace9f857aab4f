"""Common parts of the checks: small problems, and assertions about masks and random numbers."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from ..instances import get_problem
from ..problem import MOSSProblem
from ..spectrogram import MaskEncoder

_PROBLEM = "owl-drums-16x32"
_SAMPLE_RATE = 8000


def small_problem() -> MOSSProblem:
    """Return a frozen problem of 512 variables."""
    return get_problem(_PROBLEM)


def small_picture() -> np.ndarray:
    """Return a bright disc on a gradient ``(40, 60)``, without symmetry, so that flips are detected."""
    rows, columns = np.mgrid[:40, :60]
    disc = (rows - 12) ** 2 + (columns - 40) ** 2 < 80
    return np.where(disc, 1.0, 0.3 * columns / 60 + 0.2 * rows / 40)


def small_encoder() -> MaskEncoder:
    """Return an encoder of `small_picture` and two decaying notes, on a plane of 257 x 94, grid of 8 x 12."""
    time = np.arange(int(1.5 * _SAMPLE_RATE)) / _SAMPLE_RATE
    notes = [np.sin(2 * np.pi * pitch * time) * np.exp(-3 * time) for pitch in (330, 495)]
    noise = 0.003 * np.random.default_rng(0).standard_normal(len(time))
    options: dict[str, Any] = {"sample_rate": _SAMPLE_RATE, "n_fft": 512, "hop_length": 128, "grid": (8, 12)}
    return MaskEncoder(small_picture(), (0.2 * sum(notes) + noise, _SAMPLE_RATE), **options)


@contextmanager
def assert_no_global_random_state(of: str) -> Iterator[None]:
    """Assert that a block leaves all global random number generators as they were.

    Args:
        of: name of the checked class, for the message.
    """
    before = _global_states()
    yield
    for library, state in _global_states().items():
        assert state == before[library], (
            f"expected {of} to draw all random numbers from its random_state, it drew from {library}'s "
            "global generator: two runs with one seed would differ"
        )


def _global_states() -> dict[str, Any]:
    numbers = np.random.get_state(legacy=False)  # noqa: NPY002
    state = {**numbers, "state": {**numbers["state"], "key": numbers["state"]["key"].tolist()}}
    return {"numpy": state, "torch": torch.get_rng_state().tolist(), "Python": random.getstate()}


def check_masks(X: np.ndarray, n_var: int, of: str) -> None:
    """Assert that masks are float64 arrays ``(n, n_var)`` with values in [0, 1].

    Args:
        X: the masks.
        n_var: number of variables of the problem.
        of: name of the checked class, for the message.
    """
    assert isinstance(X, np.ndarray), f"expected an array of masks from {of}, got {type(X).__name__}"
    assert X.shape == (len(X), n_var), (
        f"expected masks of shape (n, n_var) = (n, {n_var}) from {of}, got {X.shape}"
    )
    assert X.dtype == np.float64, f"expected float64 masks from {of}, got {X.dtype}"
    # Written so that NaN fails, too.
    assert X.size == 0 or (X.min() >= 0 and X.max() <= 1), (
        f"expected masks within [0, 1] from {of}, got values from {X.min()} to {X.max()}"
    )
