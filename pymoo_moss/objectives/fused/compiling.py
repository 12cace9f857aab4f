"""How loops are compiled, and how chunks of work are shared out to threads."""

import functools
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numba
import torch

Item = TypeVar("Item")
Result = TypeVar("Result")


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function at its first call, and keep the machine code on disk where there is a place.

    numba compiles anew when the file of a function has changed, but not when only one that it calls into has.
    So what is kept goes by a name that changes with any of these files.
    """
    function.__qualname__ += f"_{_version_of_loops()}"
    options = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no folder that numba could keep code in
        return numba.njit(**options)(function)


@functools.cache
def _version_of_loops() -> str:
    folder = Path(__file__).parent
    sources = sorted([*folder.glob("*.py"), *folder.parent.glob("_ssim.py")])
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]


def parallel_map(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Results of compiled work on every item, in order, by as many threads as torch has.

    Torch's number is what joblib and dask set in their workers (by ``OMP_NUM_THREADS``), and what
    `torch_threads` sets for a block. Items are handed out one by one as threads become free.
    """
    threads = min(torch.get_num_threads(), len(items))
    if threads == 1:
        return [work(item) for item in items]
    results: list[Any] = [None] * len(items)
    waiting = iter(range(len(items)))

    def help_out(_: int) -> None:
        for number in waiting:
            results[number] = work(items[number])

    with ThreadPoolExecutor(threads) as executor:
        list(executor.map(help_out, range(threads)))
    return results
