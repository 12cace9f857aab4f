"""Ways of computing in several processes: ``python -m tests.parallel WAY KIND THREADS`` fails where one does.

Run by `test_processes`, in a process of its own that can be killed with its children if they hang.
"""

import multiprocessing
import os
import sys
import threading
from concurrent.futures import ProcessPoolExecutor

import joblib
import numpy as np
import torch

from pymoo_moss import MOSSProblem

from . import work
from .work import WORK, make_problem, same

JOBS = ("notebook", "display", "by_autograd", "seeds", "hybrid", "weighted", "exported")
"""What the children do, each with a problem that it makes itself."""

_FORKS = 6


def use_all_threads() -> None:
    """Start torch's own threads, which a forked child does not have."""
    torch.set_num_threads(2)
    noise = torch.rand(1 << 20)
    for _ in range(3):
        noise.exp().sum()
        noise[: 1 << 18].reshape(512, 512) @ noise[: 1 << 18].reshape(512, 512)
        torch.stft(noise, 1024, window=torch.hann_window(1024), return_complex=True)


def values_of(problem: MOSSProblem) -> list[np.ndarray]:
    return list(problem.evaluate(np.full((40, problem.n_var), 0.3), return_values_of=["F", "dF"]))


def do(job: str, threads: int | None) -> list[np.ndarray]:
    work.THREADS = threads
    return WORK[job]()


def do_all_in_children(job: str, threads: int | None) -> list[np.ndarray]:
    with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as executor:
        return executor.submit(do, job, threads).result()


class Expected:
    """What comes out in this process with one thread, and a problem that was made and used here."""

    def __init__(self, threads: int | None) -> None:
        self.alone = {job: do(job, 1) for job in JOBS}
        use_all_threads()
        self.problem = make_problem("display", threads=threads)
        self.values = values_of(make_problem("display", threads=1))
        assert same(values_of(self.problem), self.values)

    def check(self, values: list, found: list) -> None:
        assert all(same(one, self.values) for one in values)
        for job, one in zip(JOBS, found, strict=True):
            assert same(one, self.alone[job]), job


def pool(method: str, threads: int | None) -> None:
    expected = Expected(threads)
    with multiprocessing.get_context(method).Pool(2) as children:
        values = children.map(values_of, [expected.problem] * 3)
        expected.check(values, children.starmap(do, [(job, threads) for job in JOBS]))


def executor(method: str, threads: int | None) -> None:
    expected = Expected(threads)
    with ProcessPoolExecutor(2, multiprocessing.get_context(method)) as children:
        values = list(children.map(values_of, [expected.problem] * 3))
        expected.check(values, list(children.map(do, JOBS, [threads] * len(JOBS))))


def nested(method: str, threads: int | None) -> None:
    expected = Expected(threads)
    with ProcessPoolExecutor(2, multiprocessing.get_context(method)) as children:
        expected.check([], list(children.map(do_all_in_children, JOBS, [threads] * len(JOBS))))


def joblib_backend(backend: str, threads: int | None) -> None:
    expected = Expected(threads)
    parallel = joblib.Parallel(n_jobs=2, backend=backend)
    values = parallel(joblib.delayed(values_of)(expected.problem) for _ in range(3))
    expected.check(values, parallel(joblib.delayed(do)(job, threads) for job in JOBS))


def dask_cluster(kind: str, threads: int | None) -> None:
    from dask.distributed import Client, LocalCluster

    expected = Expected(threads)
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": kind == "processes"}
    with LocalCluster(dashboard_address=None, **options) as cluster, Client(cluster) as client:
        values = client.gather([client.submit(values_of, expected.problem, pure=False) for _ in range(3)])
        found = client.gather([client.submit(do, job, threads, pure=False) for job in JOBS])
        expected.check(values, found)


def by_hand(_: str, threads: int | None) -> None:
    expected = Expected(threads)
    _check_in_forked_children(expected, threads)


def busy(_: str, threads: int | None) -> None:
    """Fork while other threads evaluate, make problems, and compile loops."""
    expected = Expected(threads)
    ended = threading.Event()

    def evaluate() -> None:
        while not ended.is_set():
            values_of(expected.problem)

    def make() -> None:
        # Loops are compiled for every width of the mask's bands.
        for columns in range(4, 60):
            if not ended.is_set():
                make_problem("display", grid=(5, columns))

    others = [threading.Thread(target=one) for one in (evaluate, make)]
    for other in others:
        other.start()
    try:
        _check_in_forked_children(expected, threads)
    finally:
        ended.set()
        for other in others:
            other.join()


def _check_in_forked_children(expected: Expected, threads: int | None) -> None:
    for _ in range(_FORKS):
        child = os.fork()
        if not child:
            code = 1
            try:
                expected.check([values_of(expected.problem)], [do(job, threads) for job in JOBS])
                code = 0
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


WAYS = {
    function.__name__: function
    for function in (pool, executor, nested, joblib_backend, dask_cluster, by_hand, busy)
}

if __name__ == "__main__":
    way, kind, threads = sys.argv[1:]
    WAYS[way](kind, None if threads == "None" else int(threads))
