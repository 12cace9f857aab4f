"""Every writer of a single file: after an error nothing new is left, and the mode is that of ``open``."""

import dataclasses
import errno
import os
import shutil
import stat

import numpy as np
import pytest

from pymoo_moss.errors import CheckpointError, MossError, OutputError
from pymoo_moss.explore import Page
from pymoo_moss.instances import catalogue, reference, save_reference
from pymoo_moss.search import save_checkpoint
from pymoo_moss.study import AlgorithmChoice, ProblemChoice, Study, write_fronts
from pymoo_moss.study.task import Run, Task, save_run

NAME = "owl-drums-16x32"
FRONT = np.array([[0.0, 1.0], [1.0, 0.0]])


def write_checkpoint(folder):
    save_checkpoint(folder / "file.npz", None, {"long": "x" * 100_000})


def write_run_of_a_study(folder):
    task = Task((NAME, ProblemChoice(NAME)), ("nsga2", AlgorithmChoice("nsga2")), 1, (20,))
    series = np.arange(1, 2001)
    front = np.random.default_rng(0).random((5000, 2))
    run = Run(NAME, "nsga2", 1, *(series / n for n in range(1, 6)), fronts={20: front}, counted={20: 20})
    save_run(folder, task, run)


def write_plan_of_a_study(folder):
    Study([NAME], {f"algorithm {n}": AlgorithmChoice("nsga2") for n in range(200)}, [1], 20, folder).run()


def write_reference(folder):
    instance = catalogue.INSTANCES[NAME]
    known = reference.load_reference(instance, "notebook")
    save_reference(folder, instance, "notebook", dataclasses.replace(known, version=7))


def write_page(folder):
    Page("x" * 100_000).save(folder / "page.html")


def write_front_sets(folder):
    write_fronts(folder / "fronts.txt", [np.random.default_rng(0).random((5000, 2))])


WRITERS = [
    write_checkpoint,
    write_run_of_a_study,
    write_plan_of_a_study,
    write_reference,
    write_page,
    write_front_sets,
]
ERRORS = (CheckpointError, OutputError, OSError)


def is_whole(path):
    return not path.name.startswith(".")


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("write", WRITERS)
def test_an_error_leaves_nothing_behind(write, call, tmp_path, monkeypatch):
    def fail(*arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(ERRORS, match="No space left on device"):
        write(tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def interrupt(*arguments):
    raise KeyboardInterrupt


@pytest.mark.parametrize("write", WRITERS)
def test_an_interrupt_leaves_nothing_behind(write, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.process
@pytest.mark.parametrize("write", WRITERS)
def test_a_full_disk_leaves_nothing_behind(write, disk):
    (disk.folder / "ballast").write_bytes(bytes(shutil.disk_usage(disk.folder).free))
    with pytest.raises(ERRORS, match="No space left on device"):
        write(disk.folder)
    assert [path.name for path in disk.folder.rglob("*") if path.is_file()] == ["ballast"]


@pytest.mark.skipif(os.name == "nt", reason="no modes of this kind on this system")
@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("umask", [0o022, 0o007])
def test_the_mode_is_that_of_any_new_file(write, umask, tmp_path):
    before = os.umask(umask)
    try:
        if write is write_plan_of_a_study:
            # Its runs take longer than a test of modes should, and the plan is written before them.
            with pytest.raises(MossError):
                Study([NAME], {"bad": lambda n_obj: 1 / 0}, [1], 20, tmp_path).run()
        else:
            write(tmp_path)
    finally:
        os.umask(before)
    written = list(filter(is_whole, (path for path in tmp_path.rglob("*") if path.is_file())))
    assert written
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o666 & ~umask}
