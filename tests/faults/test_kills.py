"""A run is killed at random moments, gone on with, and compared with the run that nobody killed."""

import os
import random
import signal
import time

import pytest

from pymoo_moss.explore import RunResult, resume
from pymoo_moss.search.checkpoint_file import read_facts

from .conftest import assert_complete, assert_same, search_and_write

KILLS = 50
IN_EVERY_RUN_OF_THE_TESTS = (3,)


@pytest.fixture(scope="session")
def duration(processes, tmp_path_factory):
    """Seconds that the run takes in a process of its own, and that its search takes of these."""
    folder = tmp_path_factory.mktemp("timed")
    process = processes.Process(target=search_and_write, args=(folder / "run", folder / "told"))
    process.start()
    began = time.monotonic()
    while not (folder / "told").exists() or "30\n" not in (folder / "told").read_text():
        assert process.is_alive()
        time.sleep(0.01)
    searched = time.monotonic() - began
    process.join()
    return time.monotonic() - began, searched


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(
            number, marks=pytest.mark.process if number in IN_EVERY_RUN_OF_THE_TESTS else pytest.mark.slow
        )
        for number in range(KILLS)
    ],
)
def test_killed_at_a_random_moment_and_gone_on_with(number, duration, processes, whole, tmp_path):
    # Half of the moments are while it searches, half while it writes.
    whole_time, searched = duration
    begin, end = (0.0, searched) if number % 2 else (searched, whole_time)
    moment = random.Random(number).uniform(begin, end)
    folder, told = tmp_path / "run", tmp_path / "told"
    process = processes.Process(target=search_and_write, args=(folder, told))
    process.start()
    process.join(moment)
    if process.is_alive():
        os.kill(process.pid, signal.SIGKILL)
    process.join()

    lines = told.read_text().split() if told.exists() else []
    kept = sorted((folder / "checkpoint").glob("generation-*.npz"))
    for path in kept:
        read_facts(path)
    generations = [int(line) for line in lines if line != "written"]
    if generations:
        assert int(kept[-1].stem.partition("-")[2]) >= generations[-1] // 2 * 2
    if "written" in lines or (folder / "run.json").exists():
        assert_same_masks(RunResult.load(folder), whole)
    if not kept:
        assert not generations
        return
    assert_same(resume(folder), whole)
    assert_complete(folder)


def assert_same_masks(read: RunResult, whole: RunResult) -> None:
    assert read.X.shape == whole.X.shape
    assert abs(read.X - whole.X).max() < 1e-3
