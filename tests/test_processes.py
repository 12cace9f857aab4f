"""Child processes of every kind: none waits for ever, and all find the last bits that one thread finds."""

import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from numba.core.compiler_lock import global_compiler_lock

from .processes import PATIENCE
from .work import WORK, same

pytestmark = pytest.mark.process

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")

# Each way has one number of threads; what a number does is the same for all ways.
WAYS = [
    pytest.param("pool", "fork", None, marks=forks),
    ("pool", "spawn", 2),
    pytest.param("pool", "forkserver", 2, marks=forks),
    pytest.param("executor", "fork", 1, marks=forks),
    pytest.param("nested", "fork", 2, marks=forks),
    ("nested", "spawn", 2),
    ("joblib_backend", "loky", 2),
    pytest.param("joblib_backend", "multiprocessing", 2, marks=forks),
    ("dask_cluster", "processes", 2),
    ("dask_cluster", "threads", 2),
    pytest.param("by_hand", "fork", 2, marks=forks),
    pytest.param("busy", "fork", 2, marks=forks),
]


def run_python(*arguments: str, **variables: str) -> None:
    """Run Python until it ends; one that hangs is killed with all of its children, and the test fails."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, **variables},
    )
    hung = threading.Event()

    def kill() -> None:
        hung.set()
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()

    guard = threading.Timer(PATIENCE, kill)
    guard.start()
    try:
        _, said = process.communicate()
    finally:
        guard.cancel()
    assert not hung.is_set(), f"killed after {PATIENCE} s: {said}"
    assert process.returncode == 0, said


@pytest.mark.parametrize(("way", "kind", "threads"), WAYS)
def test_children_find_what_their_parent_finds(way, kind, threads):
    run_python("-m", "tests.parallel", way, kind, str(threads))


@forks
def test_a_forked_child_may_be_the_first_to_import_the_package():
    run_python("-m", "tests.late_import")


@pytest.mark.parametrize("flags", [["-OO"], ["-W", "error"]], ids="".join)
def test_flags_of_python_change_no_bit(flags, tmp_path):
    run_python(*flags, "-m", "tests.work", str(tmp_path))
    for name, work in WORK.items():
        with np.load(tmp_path / f"{name}.npz") as found:
            assert same(list(found.values()), work()), name


def test_loops_from_the_cache_find_what_loops_just_compiled_find(tmp_path):
    for folder in ("compiled", "cached"):
        (tmp_path / folder).mkdir()
        run_python(
            "-m",
            "tests.work",
            str(tmp_path / folder),
            "smooth_noise",
            NUMBA_CACHE_DIR=str(tmp_path / "loops"),
        )
    compiled, cached = (np.load(tmp_path / folder / "smooth_noise.npz") for folder in ("compiled", "cached"))
    with compiled, cached:
        assert same(list(compiled.values()), list(cached.values()))


class Asked:
    """A lock that tells when it is asked for."""

    def __init__(self, lock) -> None:
        self._lock, self.asked = lock, threading.Event()

    def acquire(self, *arguments, **options):
        self.asked.set()
        return self._lock.acquire(*arguments, **options)

    def release(self):
        self._lock.release()


@forks
def test_forking_waits_for_a_compilation(monkeypatch):
    lock = Asked(threading.RLock())
    monkeypatch.setattr(global_compiler_lock, "_lock", lock)
    compiling = threading.Event()

    def compile_until_asked_for() -> None:
        with global_compiler_lock:
            lock.asked.clear()
            compiling.set()
            lock.asked.wait(PATIENCE)

    other = threading.Thread(target=compile_until_asked_for)
    other.start()
    compiling.wait()
    child = os.fork()
    if not child:
        os._exit(0 if lock.acquire(blocking=False) else 1)
    lock.asked.set()
    other.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("work", ["evaluated", "resampled"])
def test_one_thread_calls_a_vector_function_first(work):
    run_python("-m", "tests.first_calls", work)
