"""What ends a run from outside, and disks that give out: a clear line, and nothing lost that was there."""

import os
import shutil
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from pymoo_moss import get_problem
from pymoo_moss.errors import CheckpointError, CheckpointWarning, OutputError
from pymoo_moss.explore import (
    Checkpoints,
    RunResult,
    SearchPlan,
    Watch,
    check_output_folder,
    resume,
    run_in_folder,
)
from pymoo_moss.explore.morph import write_video
from pymoo_moss.spectrogram import save_wav

from ..conftest import OFTEN, PLAIN
from .conftest import PLAN, PROBLEM, assert_complete, assert_same
from .held_in_writing import IN_WRITING

pytestmark = pytest.mark.process

SETTINGS = {"problem": PROBLEM, "options": {}}


def start(folder, plan=PLAN, checkpoints=OFTEN, **watch):
    return run_in_folder(
        folder,
        get_problem(PROBLEM),
        plan,
        settings=SETTINGS,
        count=1,
        watch=Watch(**watch),
        checkpoints=checkpoints,
        renderer=PLAIN,
    )


@pytest.fixture
def unfinished(tmp_path):
    """The folder of a run of ten hours that stood still at its second generation."""

    class Stopped(BaseException):
        pass

    def after_generation(number):
        if number == 2:
            raise Stopped

    folder = tmp_path / "unfinished"
    plan = SearchPlan(generations=None, seconds=36000, population=8, steps=2)
    with pytest.raises(Stopped):
        start(folder, plan, Checkpoints(every=1), after_generation=after_generation)
    return folder


def generations(folder: Path) -> set[str]:
    return {path.name for path in (folder / "checkpoint").glob("generation-*.npz")}


def content_without_checkpoints(folder: Path) -> dict[Path, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and "checkpoint" not in path.parts)
    return {path: path.read_bytes() for path in files}


def goes_on(process, folder):
    """Wait until a run has written a checkpoint that was not there."""
    before = generations(folder)
    while generations(folder) == before:
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no hangups on this system")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_terminated_it_says_how_to_go_on(unfinished, command, name):
    process = command("resume", unfinished)
    goes_on(process, unfinished)
    process.send_signal(getattr(signal, name))
    _, said = process.communicate()
    assert process.returncode == 128 + getattr(signal, name)
    assert f"ended at once; to continue from the last checkpoint: pymoo-moss resume {unfinished}\n" in said
    assert "Traceback" not in said
    assert not (unfinished / "run.json").exists()
    assert not list(unfinished.rglob(".*"))
    assert len(resume(unfinished, ("n_gen", 3), renderer=PLAIN).X) > 0


STUDY = """
problems = ["owl-drums-16x32"]
algorithms = ["hybrid"]
seeds = 40
budget = 4000
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_terminated_study_takes_its_workers_along_and_says_how_to_go_on(tmp_path, command, name):
    (tmp_path / "study.toml").write_text(STUDY)
    process = command("study", tmp_path / "study.toml", "--out", tmp_path / "out", "--jobs", 2)
    while not list(tmp_path.glob("out/runs/*.npz")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(getattr(signal, name))
    # Workers that are left would keep the streams open.
    shown, said = process.communicate()
    assert process.returncode == 128 + getattr(signal, name)
    assert said.splitlines()[-1].startswith("ended at once; finished runs are kept, and the same command")
    assert shown == ""
    assert "Traceback" not in said


def test_another_run_is_refused_while_one_is_writing_to_the_folder(unfinished, command):
    process = command("resume", unfinished)
    goes_on(process, unfinished)
    second = command("resume", unfinished)
    _, said = second.communicate()
    assert second.returncode == 2
    assert f"another run is writing to '{unfinished}'" in said
    goes_on(process, unfinished)


def test_interrupted_once_it_keeps_what_was_found(unfinished, command):
    process = command("resume", unfinished)
    goes_on(process, unfinished)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate()
    assert process.returncode == 0
    assert "stopped early" in said
    assert_complete(unfinished)


def test_interrupted_twice_it_gives_up_and_the_earlier_run_stays_as_it_was(tmp_path, command):
    folder = tmp_path / "run"
    start(folder, SearchPlan(generations=2, population=8, steps=1))
    written = content_without_checkpoints(folder)
    process = command("resume", folder, "--generations", 3, module="tests.faults.held_in_writing")
    assert process.stdout.readline() == IN_WRITING, process.communicate()
    process.send_signal(signal.SIGINT)
    # Two signals before it looks would count as one.
    for line in process.stderr:
        if "press Ctrl-C again" in line:
            break
    process.send_signal(signal.SIGINT)
    process.wait()
    said = process.stderr.read()
    assert process.returncode == 130
    assert "to continue from the last checkpoint: pymoo-moss resume" in said
    assert "Traceback" not in said
    assert content_without_checkpoints(folder) == written
    assert not list(folder.glob(".*"))


def test_a_run_that_was_started_with_interrupts_ignored_goes_on_ignoring_them(tmp_path, command):
    folder, module = tmp_path / "run", "tests.faults.held_in_writing"
    start(folder, SearchPlan(generations=2, population=8, steps=1))
    process = command("resume", folder, "--generations", 3, module=module, ignoring_interrupts=True)
    assert process.stdout.readline() == IN_WRITING, process.communicate()
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    # The end of its standard input lets it go on.
    _, said = process.communicate()
    assert process.returncode == 0
    assert "Ctrl-C" not in said
    assert len(RunResult.load(folder).X) > 0


def test_a_full_disk_loses_no_checkpoint_and_no_earlier_run(disk, whole):
    folder, ballast = disk.folder / "run", disk.folder / "ballast"

    def fill(done, total):
        if done == 1:
            # After the last checkpoint, with no room for more sounds.
            ballast.write_bytes(bytes(shutil.disk_usage(disk.folder).free - 20_000))

    start(folder, SearchPlan(generations=2, population=8, steps=1, seed=3))
    earlier = content_without_checkpoints(folder)
    with pytest.raises(OutputError, match=r"No space left on device\): free space"):
        start(folder, on_solution=fill)
    assert content_without_checkpoints(folder) == earlier
    assert not list(folder.rglob(".*"))
    ballast.unlink()
    assert_same(resume(folder, renderer=PLAIN), whole)
    assert_complete(folder)


def test_a_disk_that_is_full_before_the_first_checkpoint(disk):
    disk.hold("32k")
    (disk.folder / "other").write_bytes(bytes(32 << 10))
    with pytest.raises((CheckpointError, OutputError), match="No space left on device"):
        start(disk.folder / "run")
    assert not list(disk.folder.rglob(".partial*"))


def test_a_disk_that_fills_while_it_searches(disk, whole):
    folder, ballast = disk.folder / "run", disk.folder / "ballast"

    def fill(number):
        if number == 5:
            free = shutil.disk_usage(disk.folder).free
            ballast.write_bytes(bytes(free))
        if number == 20:
            ballast.unlink()

    with pytest.warns(CheckpointWarning, match="No space left on device; the run continues without it"):
        assert_same(start(folder, after_generation=fill), whole)
    assert_complete(folder)


def test_a_video_on_a_full_disk(disk):
    encoder = get_problem(PROBLEM).encoder
    sound = disk.folder / "sound.wav"
    save_wav(sound, encoder.audio_waveform, encoder.sample_rate)
    write_video(disk.folder / "whole.mp4", encoder, encoder.audio_magnitude, "title", sound)
    taken = shutil.disk_usage(disk.folder).used
    disk.hold(f"{taken + 65_536}")
    with pytest.raises(OutputError, match="cannot write the video"):
        write_video(disk.folder / "half.mp4", encoder, encoder.audio_magnitude, "title", sound)


def test_a_folder_that_cannot_be_written(disk, command):
    disk.refuse_writing()
    with pytest.raises(OutputError, match="Read-only file system"):
        check_output_folder(disk.folder / "run", overwrite=False)
    with pytest.raises(OutputError, match="Read-only file system"):
        start(disk.folder / "run")
    process = command("demo", "--out", disk.folder / "run")
    _, said = process.communicate()
    assert process.returncode == 2
    assert said.count("\n") == 1
    assert "Read-only file system" in said


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions do not bind this user"
)
def test_a_folder_without_permission(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        start(tmp_path / "run")
    tmp_path.chmod(0o700)


@pytest.mark.parametrize("lost", ["checkpoint/generation-000004.npz", "checkpoint", "."])
def test_files_that_vanish_while_it_searches(lost, whole, tmp_path):
    folder = tmp_path / "run"

    def remove(number):
        if number == 5:
            path = folder / lost
            path.unlink() if path.is_file() else shutil.rmtree(path)

    assert_same(start(folder, after_generation=remove), whole)
    assert_complete(folder)
    assert_same(resume(folder, ("n_gen", 30), renderer=PLAIN), whole)


def test_runs_in_two_threads_of_one_process(tmp_path):
    refused = []

    def another(number):
        def run():
            with pytest.raises(OutputError, match="another run is writing"):
                start(tmp_path / "run")
            refused.append(number)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()

    plan = SearchPlan(generations=1, population=8, steps=1)
    assert np.isfinite(start(tmp_path / "run", plan, after_generation=another).F).all()
    assert refused == [1]
