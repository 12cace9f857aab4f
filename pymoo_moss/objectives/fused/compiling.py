"""Compilation of loops, and their distribution over threads."""

import functools
import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numba
import torch
from numba.core.compiler_lock import global_compiler_lock

Item = TypeVar("Item")
Result = TypeVar("Result")

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
    The name under which the code is cached therefore contains a hash of all these files.
    """
    function.__qualname__ += f"_{_version_of_loops()}"
    # Inlined, because a call that is left may reach code that was compiled apart and rounds differently;
    # which it reaches depends on what was in the cache.
    options = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}, "forceinline": True}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # numba found no folder for its cache
        return numba.njit(**options)(function)


@functools.cache
def _version_of_loops() -> str:
    folder = Path(__file__).parent
    sources = sorted([*folder.glob("*.py"), *folder.parent.glob("_ssim.py")])
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]


def parallel_map(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Return the results of compiled work on every item, in order, computed by as many threads as torch has.

    Torch's number of threads is what joblib and dask set in their workers (by ``OMP_NUM_THREADS``), and what
    `torch_threads` sets for a block.
    """
    threads = min(torch.get_num_threads(), len(items))
    if threads <= 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(threads) as executor:
        return list(executor.map(work, items))
