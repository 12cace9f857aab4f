"""First calls of torch's elementwise functions, made by one thread.

MKL chooses the machine code of a vector function at its first call. Before version 2025.0, of several threads
that make this call together one may compute its share with 11 correct bits
(https://github.com/pytorch/pytorch/issues/188792). Once a function has been called, it is right.
"""

import functools

import torch

_FUNCTIONS = (
    *(
        "acos",
        "asin",
        "atan",
        "cos",
        "cosh",
        "erf",
        "erfc",
        "erfinv",
        "exp",
        "expm1",
        "log",
        "log10",
        "log1p",
    ),
    *("log2", "sin", "sinh", "sqrt", "tan", "tanh"),
)
"""Those that torch may leave to MKL."""


@functools.cache
def prepare_vector_math() -> None:
    """Call every function in both precisions on one number, which torch does not share out to threads."""
    for dtype in (torch.float32, torch.float64):
        number = torch.full((1,), 0.5, dtype=dtype)
        for name in _FUNCTIONS:
            getattr(torch, name)(number)
