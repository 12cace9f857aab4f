"""``python -m tests.first_calls WORK`` fails if several threads make a first call of a function of torch."""

import sys

import torch

from pymoo_moss._vector_math import _FUNCTIONS
from pymoo_moss.spectrogram.sample_rates import resample

from .work import make_problem


class FirstCalls(torch.overrides.TorchFunctionMode):
    """Notes how many numbers the first call of every function in each precision is about."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: dict[tuple[str, torch.dtype], int] = {}

    def __torch_function__(self, function, types, args=(), kwargs=None):
        name = getattr(function, "__name__", "").rstrip("_")
        if name in _FUNCTIONS:
            self.sizes.setdefault((name, args[0].dtype), args[0].numel())
        return function(*args, **(kwargs or {}))


def _evaluated() -> None:
    problem = make_problem("display", threads=2, engine="torch")
    problem.evaluate(problem.ends, return_values_of=["F", "dF"])


def _resampled() -> None:
    resample(torch.rand(11025), 11025, 8000)


WORK = {"evaluated": _evaluated, "resampled": _resampled}

if __name__ == "__main__":
    torch.set_num_threads(2)
    with FirstCalls() as calls:
        WORK[sys.argv[1]]()
    assert calls.sizes, "no function was seen"
    assert set(calls.sizes.values()) == {1}, calls.sizes
