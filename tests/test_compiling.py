"""Compiled functions, and their work on several threads."""

import threading

import numba
import pytest
import torch

from pymoo_moss._compiling import compiled, parallel_map


def test_one_thread_works_in_the_callers_own():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        found = parallel_map(lambda item: (2 * item, threading.get_ident()), [1, 2, 3])
    finally:
        torch.set_num_threads(before)
    assert found == [(double, threading.get_ident()) for double in (2, 4, 6)]


def test_threads_do_every_item_once_and_return_results_in_order():
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    done = []
    try:
        results = parallel_map(lambda item: done.append(item) or 2 * item, range(5000))
        nothing = parallel_map(lambda item: item, [])
    finally:
        torch.set_num_threads(before)
    assert results == list(range(0, 10_000, 2))
    assert sorted(done) == list(range(5000))
    assert nothing == []


def test_functions_compile_where_code_cannot_be_kept():
    # Code without a file has no folder beside it.
    names: dict = {}
    exec("def increment(number): return number + 1", names)
    with pytest.raises(RuntimeError, match="cannot cache function"):
        numba.njit(cache=True)(names["increment"])
    assert compiled(names["increment"])(1) == 2


@pytest.mark.parametrize("kind", [ValueError, IndexError, KeyboardInterrupt])
@pytest.mark.parametrize("threads", [1, 2, 4])
def test_errors_in_threads_reach_the_caller(kind, threads):
    def fail(item):
        raise kind(f"item {item}")

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with pytest.raises(kind, match="item"):
            parallel_map(fail, [1, 2, 3])
    finally:
        torch.set_num_threads(before)


@pytest.mark.process
def test_joblib_workers_share_the_machines_threads():
    joblib = pytest.importorskip("joblib")
    threads = joblib.Parallel(n_jobs=2)(joblib.delayed(_threads)() for _ in range(2))
    assert sum(threads) <= max(joblib.cpu_count(), 2)


def _threads():
    """Count the threads that take part in the work of this process."""
    expected = torch.get_num_threads()
    together = threading.Barrier(expected)
    seen = set()

    def work(item):
        # No thread starts a second item before all threads have started their first.
        together.wait(timeout=300)
        seen.add(threading.get_ident())

    parallel_map(work, range(4 * expected))
    return len(seen)
