"""Damaged files are refused with the package's own errors, within bounds of time and memory."""

import hashlib
import io
import itertools
import random
import shutil

import numpy as np
import pytest

from pymoo_moss.explore import RunResult, SearchPlan, load_run
from pymoo_moss.search import FrontRecorder, load_checkpoint
from pymoo_moss.search.checkpoint_file import read_facts
from pymoo_moss.spectrogram.audio import load_audio
from pymoo_moss.spectrogram.picture import load_picture
from pymoo_moss.study import StudyResult, read_study
from pymoo_moss.study.task import load_run as load_run_of_a_study

from .conftest import campaign, survives
from .damage import damaged, damaged_archive, damaged_json

STUDY = b"""
problems = ["owl-drums-16x32", "lighthouse-prelude-16x32"]
seeds = 11
budget = [1000, 10_000]

[algorithms]
hybrid = { algorithm = "hybrid" }
nsga2 = { algorithm = "nsga2", population = 40, sampling = "levels", variation = "masks" }
"""


def put_to_the_test(inputs, sources, damage, read, path):
    """Damage each of the sources in turn, and read what came of it."""
    readable = 0
    for number, (name, content) in zip(range(inputs), itertools.cycle(sources.items())):
        file = path.with_name(name)
        file.write_bytes(damage(content, random.Random(number)))
        readable += survives(lambda file=file: read(file), f"{name}, number {number}")
        file.unlink()
    # Some damage is not seen, in a picture's pixels for one; most is.
    assert readable < inputs


def read_twice(read):
    """Read a file twice, and compare bit by bit: what comes from memory that nobody wrote differs."""

    def digest(path):
        found = read(path)
        return found.shape, hashlib.sha256(found).digest()

    def read_and_compare(path):
        assert digest(path) == digest(path)

    return read_and_compare


@campaign("inputs", 15, 100, 20_000)
@pytest.mark.filterwarnings("ignore:.* is used")
def test_pictures(inputs, pictures, tmp_path):
    put_to_the_test(inputs, pictures, damaged, read_twice(load_picture), tmp_path / "x")


@campaign("inputs", 15, 100, 20_000)
@pytest.mark.filterwarnings("ignore:.*( says that it holds| is broken off| is damaged| holds . sounds)")
@pytest.mark.filterwarnings("ignore:the channels of .* cancel each other")
@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_sounds(inputs, sounds, tmp_path):
    read = read_twice(lambda path: load_audio(path, 8000).numpy())
    put_to_the_test(inputs, sounds, damaged, read, tmp_path / "x")


@campaign("inputs", 15, 60, 8000)
@pytest.mark.parametrize("damage", [damaged, damaged_json])
def test_records_of_runs(inputs, damage, run_folder, tmp_path):
    folder = shutil.copytree(
        run_folder, tmp_path / "run", ignore=shutil.ignore_patterns("solutions", "*.gif")
    )
    sources = {"run.json": (run_folder / "run.json").read_bytes()}
    put_to_the_test(inputs, sources, damage, lambda path: load_run(folder), folder / "x")


@campaign("inputs", 15, 40, 5000)
@pytest.mark.parametrize("damage", [damaged, damaged_archive])
def test_masks_of_runs(inputs, damage, run_folder, tmp_path):
    folder = shutil.copytree(
        run_folder, tmp_path / "run", ignore=shutil.ignore_patterns("solutions", "*.gif")
    )
    sources = {"masks.npz": (run_folder / "masks.npz").read_bytes()}
    put_to_the_test(inputs, sources, damage, lambda path: load_run(folder), folder / "x")


def damaged_head(content: bytes, chance: random.Random) -> bytes:
    """A sound checkpoint file that says something else."""
    with np.load(io.BytesIO(content)) as archive:
        members = dict(archive)
    head = damaged_json(members["head"].tobytes(), chance)
    members["head"] = np.frombuffer(head, dtype=np.uint8)
    written = io.BytesIO()
    np.savez(written, **members)
    return written.getvalue()


@campaign("inputs", 15, 40, 5000)
@pytest.mark.parametrize("damage", [damaged, damaged_archive, damaged_head])
def test_checkpoints(inputs, damage, run_folder, tmp_path):
    problem = RunResult.load(run_folder).problem
    plan = SearchPlan(generations=3, population=8, steps=2)

    def read(path):
        algorithm = plan.make_algorithm(problem.n_obj, lambda step, values: False)
        algorithm.setup(problem, termination=plan.termination(), seed=1, callback=FrontRecorder())
        read_facts(path)
        load_checkpoint(path, algorithm)

    newest_checkpoint = max((run_folder / "checkpoint").glob("generation-*.npz"))
    sources = {"checkpoint.npz": newest_checkpoint.read_bytes()}
    put_to_the_test(inputs, sources, damage, read, tmp_path / "x")


@campaign("inputs", 15, 60, 8000)
def test_study_files(inputs, tmp_path):
    read = lambda path: read_study(path, tmp_path / "out")  # noqa: E731
    put_to_the_test(inputs, {"study.toml": STUDY}, damaged, read, tmp_path / "x")


@campaign("inputs", 15, 40, 5000)
@pytest.mark.parametrize("damage", [damaged, damaged_archive])
def test_runs_of_studies(inputs, damage, study_folder, tmp_path):
    (run,) = (study_folder / "runs").glob("*.npz")
    sources = {run.name: run.read_bytes()}
    put_to_the_test(inputs, sources, damage, load_run_of_a_study, tmp_path / "x")


@campaign("inputs", 15, 40, 5000)
@pytest.mark.parametrize("damage", [damaged, damaged_json])
def test_plans_of_studies(inputs, damage, study_folder, tmp_path):
    folder = shutil.copytree(study_folder, tmp_path / "study")
    sources = {"study.json": (folder / "study.json").read_bytes()}
    put_to_the_test(inputs, sources, damage, lambda path: StudyResult.load(folder), folder / "x")
