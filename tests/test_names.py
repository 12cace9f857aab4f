"""Names of files and folders that no encoding has: they are read, recorded as plain text, and resumed."""

import json
import os
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from pymoo_moss import MOSSProblem
from pymoo_moss._names import printable
from pymoo_moss.explore import RunResult, SearchPlan, resume, run_in_folder
from pymoo_moss.runs import copy_name
from pymoo_moss.study import StudyResult
from pymoo_moss.testing.common import small_picture

from .conftest import OFTEN, PLAIN
from .processes import guarded

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")

NAMES = {
    "not UTF-8": b"lat\xe9in",
    "half a character": b"\xe2\x82",
    "a surrogate": b"\xed\xb3\xa9",
    "newline": b"two\nlines",
    "control": b"bell\x07\x1b[31m\x7f",
    "long": b"n" * 251,
    "right to left": "\u202e\u0639\u0631\u0628".encode(),
    "emoji": "\N{ARTIST PALETTE}".encode(),
    "decomposed": unicodedata.normalize("NFD", "\N{LATIN SMALL LETTER E WITH ACUTE}").encode(),
    "trailing": b"end. . ",
    "markup": b"'\"<script>&amp;",
    "dash": b"-o",
}
PLAN = SearchPlan("nsga2", generations=3, population=6, steps=1, seed=1)
OPTIONS = {"grid": (4, 6), "threads": 1}


def inputs(folder: Path, name: bytes) -> dict[str, Path]:
    """A picture and a sound of that name in a folder of that name."""
    folder = Path(os.fsdecode(os.path.join(os.fsencode(folder), name[:240])))
    folder.mkdir()
    paths = {"image": folder / os.fsdecode(name + b".png"), "audio": folder / os.fsdecode(name + b".wav")}
    with paths["image"].open("wb") as file:
        Image.fromarray((255 * small_picture()).astype(np.uint8)).save(file, "PNG")
    with paths["audio"].open("wb") as file:
        noise = 0.1 * np.random.default_rng(0).standard_normal(8000)
        soundfile.write(file, noise, 16000, format="WAV")
    return paths


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_run_of_any_name_is_written_read_and_resumed(name, tmp_path):
    files = inputs(tmp_path, name)
    folder = files["image"].parent / "run"
    problem = MOSSProblem(files["image"], files["audio"], **OPTIONS)
    settings = {kind: path.name for kind, path in files.items()} | {"options": OPTIONS}
    common = {"checkpoints": OFTEN, "renderer": PLAIN}
    written = run_in_folder(folder, problem, PLAN, settings=settings, inputs=files, count=1, **common)
    record = json.loads((folder / "run.json").read_bytes().decode("utf-8"))
    assert record["settings"]["image"] == name.decode("utf-8", "replace") + ".png"
    np.testing.assert_allclose(RunResult.load(folder).X, written.X, atol=1e-3)  # in half precision
    np.testing.assert_array_equal(resume(folder, **common).F, written.F)


@pytest.mark.parametrize("locale", ["utf-8", "ascii"])
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_printable_names_are_their_bytes_as_utf_8_in_any_locale(name, locale):
    shown = printable(name.decode(locale, "surrogateescape"))
    assert shown == name.decode("utf-8", "replace")
    shown.encode("utf-8")


def test_names_that_are_no_bytes_can_be_encoded():
    # As Windows has them.
    assert printable("a\ud800b\udc41c\udfff") == "a\ufffdb\ufffdc\ufffd"


@pytest.mark.parametrize("suffix", ["", ".", ".\udce9", ".two\nlines", ".png ", "." + "x" * 200, ".w/v"])
def test_copies_have_plain_names(suffix):
    assert copy_name("audio", Path("name" + suffix)) == "audio"


@pytest.mark.process
def test_a_run_of_version_0_1_that_recorded_lone_surrogates_is_resumed(tmp_path):
    run = shutil.copytree(Path(__file__).parent / "runs" / "data" / "run-0.1", tmp_path / "run")
    for path in (run / "checkpoint").glob("*.npz"):
        rename_picture(path)
    (run / "run.json").unlink()
    resume(run, checkpoints=OFTEN, renderer=PLAIN)
    settings = json.loads((run / "run.json").read_bytes().decode("utf-8"))["settings"]
    assert settings["image"] == "lat\N{REPLACEMENT CHARACTER}in.png"
    assert RunResult.load(run).settings["image"] == settings["image"]


def rename_picture(checkpoint: Path) -> None:
    """Record the name as version 0.1 did, which wrote what Python makes of a name that is not UTF-8."""
    with np.load(checkpoint) as archive:
        arrays = dict(archive)
    head = arrays["head"].tobytes()
    assert b'"disc.png"' in head
    arrays["head"] = np.frombuffer(head.replace(b'"disc.png"', b'"lat\\udce9in.png"'), np.uint8)
    np.savez(checkpoint, **arrays)


COMMAND = ["--generations", "2", "--population", "6", "--steps", "1", "--sounds", "1", "--grid", "4x6"]
STREAMS = {
    "UTF-8": {"PYTHONIOENCODING": "utf-8"},
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "C": {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "ASCII": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"},
}


def call(*arguments: str | os.PathLike[str], **variables: str) -> bytes:
    """Run the command line until it ends well, and return what it printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pymoo_moss", *map(os.fsencode, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **variables},
    )
    with guarded(process):
        printed, said = process.communicate()
        assert process.returncode == 0, said
    return printed


@pytest.mark.process
@pytest.mark.parametrize("streams", STREAMS.values(), ids=STREAMS)
@pytest.mark.parametrize("name", ["not UTF-8", "newline", "emoji"])
def test_commands_take_any_name_in_any_encoding(name, streams, tmp_path):
    files = inputs(tmp_path, NAMES[name])
    folder = files["image"].parent / os.fsdecode(b"run " + NAMES[name])
    options = [*COMMAND, "--preset", "notebook", "--threads", "1", "--out", folder]
    printed = call("blend", *files.values(), *options, **streams)
    printed.decode("ascii" if "C" in streams.values() else streams["PYTHONIOENCODING"])
    shown = NAMES[name].decode("utf-8", "replace").splitlines()[0]
    assert json.dumps(shown)[1:-1] in (folder / "index.html").read_bytes().decode("utf-8")
    call("resume", folder, "--generations", "3", **streams)
    record = json.loads((folder / "run.json").read_bytes().decode("utf-8"))
    assert record["settings"]["generations"] == 3


STUDY = """seeds = 1
budget = 30
problems = ["owl-drums-16x32"]

[algorithms.levels]
algorithm = "nsga2"
population = 10
sampling = "levels"
"""


@pytest.mark.process
@pytest.mark.parametrize("streams", STREAMS.values(), ids=STREAMS)
def test_a_study_in_a_folder_that_is_not_utf_8(streams, tmp_path):
    folder = Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), NAMES["not UTF-8"])))
    folder.mkdir()
    file = folder / os.fsdecode(NAMES["not UTF-8"] + b".toml")
    file.write_text(STUDY)
    call("study", file, "--out", folder / "study", **streams)
    assert StudyResult.load(folder / "study").problems == ["owl-drums-16x32"]
