"""Runs that are read back, picked from, exported and shown."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from PIL import Image

from pymoo_moss import MOSSProblem, ParetoTracer, get_problem
from pymoo_moss.errors import MossError, OptionError, OutputError
from pymoo_moss.explore import RunResult, run_search, show, write_run

from ..conftest import GRID, PLAIN


def search(problem, settings, generations=4):
    return run_search(problem, ParetoTracer(12), ("n_gen", generations), seed=1, settings=settings)


@pytest.fixture(scope="module")
def result(display_problem):
    return search(display_problem, {})


@pytest.fixture(scope="module")
def written(picture, sound, tmp_path_factory):
    """A run from files that were deleted afterwards, and what it was."""
    folder = tmp_path_factory.mktemp("written")
    files = {"image": folder / "a.png", "audio": folder / "b.wav"}
    Image.fromarray((255 * picture).astype(np.uint8)).save(files["image"])
    soundfile.write(files["audio"], *sound)
    options = {"preset": "display", "grid": list(GRID)}
    result = search(MOSSProblem(files["image"], files["audio"], **options), {"options": options})
    write_run(folder / "run", result, count=2, inputs=files, renderer=PLAIN)
    for path in files.values():
        path.unlink()
    return folder / "run", result


@pytest.mark.render
def test_a_run_comes_back_without_the_files_it_was_made_from(written, tmp_path):
    folder, result = written
    moved = shutil.copytree(folder, tmp_path / "moved")
    again = RunResult.load(moved)
    assert np.abs(again.X - result.X).max() < 2**-11
    np.testing.assert_allclose(again.F, result.F, atol=0.01)
    assert again.hypervolume == pytest.approx(result.hypervolume, abs=1e-3)
    assert (again.n_eval, again.stopped) == (result.n_eval, False)
    again.export(tmp_path / "again", count=1)
    assert "Between picture and sound" in (tmp_path / "again" / "index.html").read_text(encoding="utf-8")
    shutil.rmtree(moved)
    third = RunResult.load(tmp_path / "again")
    np.testing.assert_array_equal(third.F, again.F)
    shutil.rmtree(tmp_path / "again" / "inputs")
    third.export(tmp_path / "third", count=1)
    with pytest.raises(MossError, match="copies of its picture and sound"):
        RunResult.load(tmp_path / "third")


def test_a_run_on_a_frozen_problem_comes_back_by_its_name(tmp_path):
    name, options = "owl-drums-16x32", {"preset": "display"}
    result = search(get_problem(name, **options), {"problem": name, "options": options}, generations=1)
    write_run(tmp_path, result, count=1, renderer=PLAIN)
    again = RunResult.load(tmp_path)
    assert (again.problem.name(), again.problem.preset) == (name, "display")


def test_a_run_from_arrays_needs_its_problem(result, display_problem, problem, tmp_path):
    result.export(tmp_path / "run", count=1)
    with pytest.raises(MossError, match="pass the problem that was searched"):
        RunResult.load(tmp_path / "run")
    np.testing.assert_allclose(RunResult.load(tmp_path / "run", display_problem).F, result.F, atol=0.01)
    with pytest.raises(MossError, match="pass the problem that was searched"):
        RunResult.load(tmp_path / "run", problem)
    with pytest.raises(OutputError, match="holds a run already"):
        result.export(tmp_path / "run")


def test_the_record_is_of_the_inputs_that_are_copied_now(written, tmp_path):
    """A run is written again with a picture of another format; its settings still name the first."""
    folder, result = written
    settings = json.loads((folder / "run.json").read_text())["settings"]
    files = {"image": tmp_path / "same.bmp", "audio": folder / "inputs" / "audio.wav"}
    with Image.open(folder / "inputs" / "image.png") as image:
        image.save(files["image"])
    write_run(tmp_path / "run", replace(result, settings=settings), count=1, inputs=files, renderer=PLAIN)
    again = RunResult.load(tmp_path / "run")
    np.testing.assert_allclose(again.F, result.F, atol=0.01)
    assert again.inputs["image"].name == "image.bmp"


def test_modified_inputs_are_not_exported_as_those_of_the_run(written, tmp_path):
    moved = shutil.copytree(written[0], tmp_path / "moved")
    loaded = RunResult.load(moved)
    with Image.open(moved / "inputs" / "image.png") as image:
        image.rotate(90).save(moved / "inputs" / "image.png")
    loaded.export(tmp_path / "again", count=1)
    assert not (tmp_path / "again" / "inputs" / "image.png").exists()
    with pytest.raises(MossError, match="copies of its picture and sound"):
        RunResult.load(tmp_path / "again")
    assert len(RunResult.load(tmp_path / "again", loaded.problem).F) == len(loaded.F)


def spoil(record, key, value):
    settings = dict(record["settings"], **{key: value})
    return dict(record, settings=settings)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda record: spoil(record, "sha256", {"image": "0", "audio": "0"}), "is not the file"),
        (
            lambda record: spoil(record, "inputs", {"image": "../../x.png", "audio": "b"}),
            "cannot be used.*'../../x.png'",
        ),
        (lambda record: spoil(record, "options", []), "do not describe its problem"),
        (lambda record: spoil(record, "options", {"gird": [2, 3]}), "did you mean 'grid'"),
        (lambda record: dict(record, settings=3), "cannot be read"),
        (lambda record: [], "cannot be read"),
    ],
)
def test_damaged_records_are_refused(written, tmp_path, change, message):
    folder = shutil.copytree(written[0], tmp_path / "run")
    record = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(change(record)))
    with pytest.raises(MossError, match=message):
        RunResult.load(folder)


@pytest.mark.parametrize("name", ["run.json", "masks.npz"])
def test_missing_and_cut_files_are_named(written, tmp_path, name):
    folder = shutil.copytree(written[0], tmp_path / "run")
    (folder / name).write_bytes((folder / name).read_bytes()[:40])
    with pytest.raises(MossError, match="cannot be read"):
        RunResult.load(folder)
    (folder / name).unlink()
    with pytest.raises(MossError, match=f"holds no run: {name} is missing"):
        RunResult.load(folder)


def test_picks_by_name_weight_and_index(result):
    assert result.pick("best visual") == result.pick(1.0) == result.pick(0) == 0
    assert result.pick("best audio") == result.pick(0.0) == result.pick(-1) == len(result.F) - 1
    low, high = result.problem.hypervolume_box
    share = (result.F - low) / (high - low)
    assert result.pick(0.3) == np.argmin([0.3 * a + 0.7 * b for a, b in share])
    assert 0 < result.pick("balanced") < len(result.F) - 1
    for wrong in (len(result.F), -len(result.F) - 1, 1.5, float("nan"), None, True):
        with pytest.raises(OptionError, match="expected"):
            result.pick(wrong)
    with pytest.raises(OptionError, match="did you mean 'balanced'"):
        result.pick("balance")


def test_a_page_shows_itself_in_a_notebook(result, written, tmp_path):
    made = show(result, count=2)
    assert made._repr_html_().startswith("<iframe srcdoc=")
    made.save(tmp_path / "page.html")
    assert "certified bound" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert show(written[0]).content == (written[0] / "index.html").read_text(encoding="utf-8")
    with pytest.raises(MossError, match="holds no run with a page"):
        show(tmp_path)
