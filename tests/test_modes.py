"""The modes of torch and numpy around a call change no bit of what comes out, and are the same afterwards."""

import warnings
from contextlib import contextmanager

import numpy as np
import pytest
import torch

from pymoo_moss import MOSSProblem
from pymoo_moss.errors import OptionError

from .marks import few
from .work import WORK, make_problem, same


@contextmanager
def default_precision(dtype):
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


@contextmanager
def default_device(device):
    torch.set_default_device(device)
    try:
        yield
    finally:
        torch.set_default_device(None)


@contextmanager
def deterministic_algorithms():
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(False)


@contextmanager
def raised_by_numpy_with_a_function():
    before = np.geterrcall()

    def fail(kind, flag):
        raise FloatingPointError(kind)

    try:
        with np.errstate(all="call", call=fail):
            yield
    finally:
        np.seterrcall(before)


@contextmanager
def autocast_on_a_gpu():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "CUDA is not available")  # torch's own, without a GPU
        mode = torch.autocast("cuda")
    with mode:
        yield


MODES = {
    "inference mode": torch.inference_mode,
    "no_grad": torch.no_grad,
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "autocast on a GPU": autocast_on_a_gpu,
    "float64": lambda: default_precision(torch.float64),
    "bfloat16": lambda: default_precision(torch.bfloat16),
    "meta": lambda: default_device("meta"),
    "cpu": lambda: default_device("cpu"),
    "deterministic": deterministic_algorithms,
    "numpy raises": lambda: np.errstate(all="raise"),
    "numpy calls": raised_by_numpy_with_a_function,
}


@pytest.fixture(scope="module")
def outside():
    """What each piece of work gives outside of all modes, done when it is first asked for."""
    known = {}

    def find(name):
        if name not in known:
            known[name] = WORK[name]()
        return known[name]

    return find


def settings():
    return {
        "gradients": torch.is_grad_enabled(),
        "inference": torch.is_inference_mode_enabled(),
        "autocast": torch.is_autocast_enabled("cpu"),
        "precision": torch.get_default_dtype(),
        "device": torch.get_default_device(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "threads": torch.get_num_threads(),
        "numpy": np.geterr(),
    }


OFTEN = ["construction", "notebook", "display", "by_autograd", "exported", "differentiated", "run"]


@pytest.mark.parametrize("name", few(WORK, OFTEN, "matrix"))
@pytest.mark.parametrize("mode", MODES)
def test_a_mode_changes_no_bit(mode, name, outside):
    expected = outside(name)
    with MODES[mode]():
        before = settings()
        found = WORK[name]()
        assert settings() == before
    assert same(found, expected)


@pytest.mark.parametrize("mode", MODES)
def test_an_error_leaves_the_mode_as_it_was(mode, encoder):
    with MODES[mode]():
        before = settings()
        with pytest.raises(OSError, match="no such plane"):
            MOSSProblem(
                encoder=encoder, objectives=["visual_l1", NamedFailure()], threads=before["threads"] + 1
            )
        assert settings() == before


class NamedFailure:
    name = "failure"

    def __call__(self, mix, encoder):
        raise OSError("no such plane")


def test_a_problem_cannot_be_on_a_device_without_values():
    with pytest.raises(OptionError, match="computes no values"):
        make_problem(device="meta")
