"""Compilation of loops, and their distribution over threads."""

import functools
import hashlib
import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numba
import torch
from numba.core.compiler_lock import global_compiler_lock

Item = TypeVar("Item")
Result = TypeVar("Result")

_MOST_HELPERS = 1024

# A child that is forked while another thread compiles would wait for numba's lock for ever. Forking therefore
# waits for the end of the compilation. Windows has no fork.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=global_compiler_lock.acquire,
        after_in_parent=global_compiler_lock.release,
        after_in_child=global_compiler_lock.release,
    )


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function at its first call, and cache the machine code on disk if there is a writable folder.

    numba recompiles a function when its file has changed, but not when only a file that it calls into has.
    The name under which the code is cached therefore contains a hash of all files that others call into.
    """
    return _compiled(function)


def compiled_within(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that only compiled functions call; Python must not.

    It lacks what Python would call it by, which takes a sixth to a quarter of the time of all compilation.
    """
    return _compiled(function, no_cpython_wrapper=True)


def _compiled(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    function.__qualname__ += f"_{_version_of_loops()}"
    # Inlined, because a call that is left may reach code that was compiled apart and rounds differently;
    # which it reaches depends on what was in the cache.
    options |= {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}, "forceinline": True}
    # Nothing of C calls it.
    options |= {"no_cfunc_wrapper": True}
    loop: Callable[..., Any]
    try:
        loop = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # numba found no folder for its cache
        loop = numba.njit(**options)(function)
    return loop


@functools.cache
def _version_of_loops() -> str:
    objectives = Path(__file__).parent / "objectives"
    sources = sorted([Path(__file__), objectives / "_ssim.py", *(objectives / "fused").glob("*.py")])
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]


_pool = ThreadPoolExecutor(_MOST_HELPERS)
"""Threads that help with compiled work; they are started when they are first needed."""


def _renew_pool() -> None:
    global _pool
    _pool = ThreadPoolExecutor(_MOST_HELPERS)


# A forked child has none of its parent's threads.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_pool)


def parallel_map(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Return the results of compiled work on every item, in order, computed by as many threads as torch has.

    Torch's number of threads is what joblib and dask set in their workers (by ``OMP_NUM_THREADS``), and what
    `torch_threads` sets for a block. The caller's thread is one of them, and begins at once: work of a few
    microseconds is over before another thread has woken up.
    """
    threads = min(torch.get_num_threads(), len(items))
    if threads <= 1:
        return [work(item) for item in items]
    results: dict[int, Result] = {}
    waiting = deque(enumerate(items))

    def take() -> None:
        try:
            while waiting:
                try:
                    number, item = waiting.popleft()
                except IndexError:  # another thread took the last one
                    return
                results[number] = work(item)
        except BaseException:
            waiting.clear()
            raise

    helpers = [_pool.submit(take) for _ in range(threads - 1)]
    try:
        take()
    finally:
        for helper in helpers:
            if not helper.cancel():
                helper.result()
    return [results[number] for number in range(len(items))]
