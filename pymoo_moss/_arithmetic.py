"""Arithmetic that does not depend on the modes in which a caller computes."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
import torch

from ._threads import torch_threads
from ._vector_math import prepare_vector_math

_DEVICES_WITH_AUTOCAST = ("cpu", "cuda", "xpu")
_USUAL = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}
"""What numpy does about errors of floating point, unless it is told otherwise."""


@contextmanager
def plain_arithmetic() -> Iterator[None]:
    """Run a block as outside of inference mode, autocast, another default device, and numpy's reports.

    Inference mode and autocast lose gradients and digits; tensors that are made on another device do not meet
    those of the CPU; numbers that underflow to 0 are no error. Whether torch records a graph stays as it is.
    """
    # Asked first, because entering all of them takes as long as some evaluations.
    with ExitStack() as modes:
        if torch.is_inference_mode_enabled():
            modes.enter_context(torch.inference_mode(False))
            # Which it would turn on.
            modes.enter_context(torch.no_grad())
        for device in _DEVICES_WITH_AUTOCAST:
            if torch.is_autocast_enabled(device):
                modes.enter_context(torch.autocast(device, enabled=False))
        if torch.empty(0).device.type != "cpu":
            modes.enter_context(torch.device("cpu"))
        reported = [kind for kind, action in np.geterr().items() if action not in ("ignore", _USUAL[kind])]
        if reported:
            modes.enter_context(np.errstate(**dict.fromkeys(reported, "ignore")))  # type: ignore[arg-type]
        prepare_vector_math()
        yield


@contextmanager
def single_precision() -> Iterator[None]:
    """Run a block, in which tensors are made without a precision, as if torch's default were float32."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextmanager
def computing(threads: int | None) -> Iterator[None]:
    """Run a block in plain arithmetic with so many torch threads; see `torch_threads`."""
    with torch_threads(threads), plain_arithmetic():
        yield
