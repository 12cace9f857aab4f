"""Torch's thread count: set for the length of a block, shared out, and one in processes made by forking."""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

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


@contextmanager
def side_by_side(most: int) -> Iterator[Callable[..., Iterator[Any]]]:
    """Give a block a ``map`` that works on several items at a time, each with one of torch's threads.

    They are as many as torch has threads, and at most ``most``.

    Results come in the order of the items, and do not depend on the number of threads: torch spreads no
    operation over several. After an error the items that were begun are finished, and no others.
    """
    count = min(torch.get_num_threads(), most)
    with torch_threads(1):
        if count <= 1:
            yield map
            return
        with ThreadPoolExecutor(count) as executor:
            try:
                yield executor.map
            finally:
                executor.shutdown(cancel_futures=True)
