"""Runs in processes of their own, so that something can happen to them."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from pymoo_moss import get_problem
from pymoo_moss.explore import RunResult, SearchPlan, Watch, run_in_folder, run_search
from pymoo_moss.search.adam import keep_going

from ..conftest import OFTEN
from ..processes import guarded

PROBLEM = "owl-drums-16x32"
PLAN = SearchPlan("hybrid", generations=30, population=12, steps=4, seed=5)
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Disk:
    """A file system of its own, as small as a test wants it."""

    folder: Path

    def hold(self, size: str) -> None:
        self._remount(f"size={size}")

    def refuse_writing(self) -> None:
        self._remount("ro")

    def take_writing(self) -> None:
        self._remount("rw")

    def _remount(self, options: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{options}", self.folder], check=True)


@pytest.fixture
def disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=32m", "moss", folder], capture_output=True, text=True
        )
    except OSError as error:
        pytest.skip(f"no disk of its own: {error}")
    if mounted.returncode != 0:
        pytest.skip(f"no disk of its own: {mounted.stderr.strip()}")
    yield Disk(folder)
    subprocess.run(["umount", folder], check=True)


def search_and_write(folder: Path, told: Path) -> None:
    """The run, with a checkpoint after every second generation; every generation is told in a file."""
    with told.open("a", buffering=1) as file:
        run_in_folder(
            folder,
            get_problem(PROBLEM),
            PLAN,
            settings={"problem": PROBLEM, "options": {}},
            count=2,
            watch=Watch(after_generation=lambda number: print(number, file=file)),
            checkpoints=OFTEN,
        )
        print("written", file=file)


@pytest.fixture(scope="session")
def processes():
    """Starts processes that have imported everything already."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        pytest.skip("no processes of this kind on this system")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pymoo_moss.explore.job"])
    return context


@pytest.fixture(scope="session")
def whole() -> RunResult:
    """The run that nothing happens to."""
    problem = get_problem(PROBLEM)
    algorithm = PLAN.make_algorithm(problem.n_obj, keep_going)
    return run_search(problem, algorithm, PLAN.termination(), seed=PLAN.seed)


def assert_same(result: RunResult, other: RunResult) -> None:
    np.testing.assert_array_equal(result.X, other.X)
    np.testing.assert_array_equal(result.F, other.F)
    assert result.n_eval == other.n_eval


def assert_complete(folder: Path) -> None:
    """All of a run stands there, and nothing that was left on the way."""
    assert json.loads((folder / "run.json").read_text())["n_eval"] > 0
    assert len(RunResult.load(folder).X) > 0
    assert (folder / "index.html").read_text().rstrip().endswith("</html>")
    assert not [name for name in os.listdir(folder) if name.startswith(".")]
    assert not list((folder / "checkpoint").glob(".*"))


@pytest.fixture
def command(interrupts):
    """Start ``pymoo-moss``, or a module in its place, in a process of its own; one that hangs is killed."""
    if sys.platform == "win32":
        pytest.skip("no signals of this kind on this system")

    def start(
        *arguments: object, module: str = "pymoo_moss", ignoring_interrupts: bool = False
    ) -> subprocess.Popen:
        if ignoring_interrupts:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        process = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, arguments)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return begun.enter_context(guarded(process))

    with ExitStack() as begun:
        yield start
