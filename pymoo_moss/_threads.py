"""Torch's thread count: set for the length of a block, and one in processes that were made by forking."""

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_forked = False
"""Whether this process is a forked child."""


def _keep_one_thread() -> None:
    global _forked
    _forked = True
    torch.set_num_threads(1)


# A forked child has a copy of the pool of OpenMP's threads, but not the threads: it would wait for them for
# ever. Registered at import, because it has to be before the process forks. Windows has no fork.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_keep_one_thread)
# The parent may have started torch's threads without this package, which only its child imports.
if multiprocessing.parent_process() and multiprocessing.get_start_method(allow_none=True) == "fork":
    _keep_one_thread()


@contextmanager
def torch_threads(count: int | None) -> Iterator[None]:
    """Run a block with ``count`` torch threads; None leaves the number alone. A forked child has one."""
    if _forked:
        count = 1
    before = torch.get_num_threads()
    if count is None or count == before:
        yield
        return
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
