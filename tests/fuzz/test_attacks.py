"""Files that mean harm: none is run, leaves its folder, or takes the memory or the time that it wants."""

import io
import json
import os
import pickle
import shutil
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pymoo_moss import MOSSProblem
from pymoo_moss.errors import AudioError, CheckpointError, MossError, OptionError, PictureError
from pymoo_moss.explore import RunResult, Watch, load_run, resume
from pymoo_moss.search.checkpoint_file import read_facts
from pymoo_moss.spectrogram.audio import load_audio
from pymoo_moss.spectrogram.picture import load_picture
from pymoo_moss.study import StudyResult, read_study
from pymoo_moss.study.task import load_run as load_run_of_a_study

from ..conftest import PLAIN
from .conftest import campaign, survives

HARMED = []


class Harm:
    def __reduce__(self):
        return HARMED.append, ("unpickled",)


@pytest.fixture
def run(run_folder, tmp_path):
    return shutil.copytree(run_folder, tmp_path / "run")


def change_settings(folder, **changes):
    record = json.loads((folder / "run.json").read_text())
    record["settings"].update(changes)
    (folder / "run.json").write_text(json.dumps(record))


def forge_facts(path, change):
    """A checkpoint with other facts and sound checksums."""
    with np.load(path) as archive:
        members = dict(archive)
    head = json.loads(members["head"].tobytes())
    change(head["facts"]["settings"])
    members["head"] = np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)
    np.savez(path, **members)


@pytest.mark.parametrize("archive", ["masks", "checkpoint", "study"])
@pytest.mark.parametrize("as_member", [True, False], ids=["an object in the archive", "a pickle itself"])
def test_no_pickle_is_loaded(archive, as_member, run, tmp_path):
    name = {"masks": "X", "checkpoint": "head", "study": "facts"}[archive]
    path = {"masks": run / "masks.npz", "checkpoint": tmp_path / "c.npz", "study": tmp_path / "s.npz"}[
        archive
    ]
    if as_member:
        np.savez(path, **{name: np.array([Harm()], dtype=object)})
    else:
        path.write_bytes(pickle.dumps(Harm()))
    read = {"masks": lambda path: load_run(run), "checkpoint": read_facts, "study": load_run_of_a_study}[
        archive
    ]
    with pytest.raises(MossError):
        read(path)
    assert HARMED == []


@pytest.mark.parametrize(
    "where", ["../secret.png", "/etc/hostname", "..", ".", "", "a/../image.png", "..\\x"]
)
def test_paths_of_a_record_stay_in_its_folder(where, run, tmp_path):
    shutil.copyfile(run / "inputs" / "image.png", run / "secret.png")
    record = json.loads((run / "run.json").read_text())
    change_settings(run, inputs={**record["settings"]["inputs"], "image": where})
    with pytest.raises(MossError, match="cannot be used: expected"):
        load_run(run)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_and_pipes_are_not_followed(run, tmp_path):
    image = run / "inputs" / "image.png"
    outside = shutil.move(image, tmp_path / "outside.png")
    image.symlink_to(outside)
    with pytest.raises(MossError, match="expected a file in"):
        load_run(run)
    image.unlink()
    os.mkfifo(image)
    with pytest.raises(MossError, match="expected a file in"):
        load_run(run)
    for name in ("masks.npz", "run.json"):
        (run / name).unlink()
        os.mkfifo(run / name)
        with pytest.raises(MossError, match="cannot be read"):
            load_run(run)


def test_a_forged_checkpoint_writes_nothing_outside_its_folder(run, tmp_path):
    (run / "inputs" / "payload").write_text("harm")

    def forge(settings):
        settings["inputs"]["../../owned"] = "payload"
        settings["sha256"]["../../owned"] = "0"

    for path in (run / "checkpoint").glob("*.npz"):
        forge_facts(path, forge)
    before = sorted(tmp_path.rglob("owned*"))
    resume(run, ("n_gen", 4), renderer=PLAIN)
    assert sorted(tmp_path.rglob("owned*")) == before == []


@pytest.mark.fuzz
@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_what_is_behind_a_link_is_not_removed(run, tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "diary.txt").write_text("x")
    shutil.rmtree(run / "solutions")
    (run / "solutions").symlink_to(precious)
    resume(run, ("n_gen", 4), renderer=PLAIN)
    assert (precious / "diary.txt").exists()
    assert not (run / "solutions").is_symlink()


@pytest.mark.fuzz
def test_an_archive_that_swells_is_refused_before_it_is_unpacked(run, monkeypatch):
    with zipfile.ZipFile(run / "masks.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            header, {"descr": "<f2", "fortran_order": False, "shape": (3 << 30,)}
        )
        with archive.open("X.npy", "w", force_zip64=True) as member:
            member.write(header.getvalue())
            for _ in range(3 << 3):
                member.write(bytes(1 << 27))
    assert (run / "masks.npz").stat().st_size < 8 << 20
    unpacked = []
    read = zipfile.ZipExtFile.read

    def read_and_count(member, n=-1):
        part = read(member, n)
        unpacked.append(len(part))
        return part

    monkeypatch.setattr(zipfile.ZipExtFile, "read", read_and_count)
    with pytest.raises(MossError, match="at most"):
        load_run(run)
    assert sum(unpacked) < 1 << 20


def test_an_array_that_claims_a_size_is_not_believed(run):
    with zipfile.ZipFile(run / "masks.npz", "w") as archive, archive.open("X.npy", "w") as member:
        shape = {"descr": "<f8", "fortran_order": False, "shape": (1 << 40,)}
        np.lib.format.write_array_header_1_0(member, shape)
    assert not survives(lambda: load_run(run), "an array of eight terabytes")


def test_deep_nesting_is_refused(run):
    (run / "run.json").write_text("[" * 200_000)
    with pytest.raises(MossError, match="cannot be read"):
        load_run(run)
    (run / "study.json").write_text('{"facts":' * 100_000)
    with pytest.raises(MossError, match="cannot be read"):
        StudyResult.load(run)
    (run / "study.toml").write_text("seeds = " + "[" * 100_000)
    with pytest.raises(OptionError, match="cannot be read"):
        read_study(run / "study.toml", run)


def test_postscript_is_a_program_and_is_not_run(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n%%EOF\n")
    with pytest.raises(PictureError, match="is not a picture"):
        load_picture(path)


@pytest.mark.parametrize("name", ["sound.raw", "sound.wav"])
def test_a_sound_that_claims_a_size_is_not_believed(name, tmp_path):
    path = tmp_path / name
    size = (2**31 - 60).to_bytes(4, "little")
    header = b"RIFF" + size + b"WAVEfmt " + (16).to_bytes(4, "little") + (1).to_bytes(2, "little")
    channels, rate, width = 1000, 48_000, 2
    header += channels.to_bytes(2, "little") + rate.to_bytes(4, "little")
    header += (rate * channels * width % 2**32).to_bytes(4, "little") + (channels * width).to_bytes(
        2, "little"
    )
    path.write_bytes(header + (16).to_bytes(2, "little") + b"data" + size + bytes(100))
    with pytest.raises(AudioError):
        load_audio(path, 16000)


@pytest.mark.parametrize("threads", [0, -1, 10**9, 1.5, True])
def test_no_number_of_threads_ends_the_process(threads, picture, sound):
    with pytest.raises(OptionError, match="threads"):
        MOSSProblem(picture, sound, threads=threads)


def test_no_spectrogram_takes_all_memory(picture):
    hour = np.random.default_rng(0).standard_normal(3600 * 1000).astype(np.float32)
    with pytest.raises(OptionError, match="raise hop_length"):
        MOSSProblem(picture, (hour, 1000), sample_rate=1000, n_fft=1024, hop_length=1)


@pytest.mark.fuzz
def test_a_stranger_s_names_are_text_in_the_page(run, run_folder):
    harm = "</script><script>alert(1)</script>"
    for path in (run / "checkpoint").glob("*.npz"):
        forge_facts(path, lambda settings: settings.update(image=harm, audio=harm))
    resume(run, ("n_gen", 4))
    page = (run / "index.html").read_text()
    assert harm not in page
    # The page has no more scripts than that of a run without harm.
    assert page.count("<script") == (run_folder / "index.html").read_text().count("<script")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
OPTION_NAMES = ("preset", "grid", "n_fft", "hop_length", "gamma", "device", "objectives", "fmin", "flip", "x")
documents = st.one_of(
    json_values,
    st.fixed_dictionaries({}, optional=dict.fromkeys(("settings", "n_eval", "objectives"), json_values)),
    st.builds(
        lambda settings: {"settings": settings},
        st.fixed_dictionaries(
            {},
            optional={
                "inputs": json_values,
                "sha256": json_values,
                "problem": json_values | st.just("owl-drums-16x32"),
                "options": st.dictionaries(st.sampled_from(OPTION_NAMES), json_values, max_size=3),
            },
        ),
    ),
)


IN_FULL = 3000


def this_many(examples):
    """Settings of hypothesis; only the full campaign looks at other inputs every time."""
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples < IN_FULL,
        suppress_health_check=list(HealthCheck),
    )


@campaign("examples", 10, 100, IN_FULL)
def test_whatever_a_record_says(examples, run_folder, tmp_path):
    run = shutil.copytree(run_folder, tmp_path / "run")
    whole = json.loads((run / "run.json").read_text())

    @this_many(examples)
    @given(documents)
    def check(document):
        if isinstance(document, dict) and isinstance(document.get("settings"), dict) and len(document) == 1:
            document = {**whole, "settings": {**whole["settings"], **document["settings"]}}
        (run / "run.json").write_text(json.dumps(document))
        survives(lambda: load_run(run), "run.json")
        (run / "study.json").write_text(json.dumps(document))
        survives(lambda: StudyResult.load(run), "study.json")

    check()


@campaign("examples", 10, 100, IN_FULL)
def test_whatever_a_study_file_says(examples, tmp_path):
    keys = st.sampled_from(("problems", "algorithms", "seeds", "budget", "algorithms.a", "problems.b"))
    names = st.sampled_from(
        ("owl-drums-16x32", "hybrid", "nsga2", "levels", "masks", "population", "algorithm")
    )
    values = st.recursive(
        st.integers() | st.booleans() | names | st.text(max_size=5) | st.floats(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
        max_leaves=6,
    )

    @this_many(examples)
    @given(st.dictionaries(keys, values, max_size=5))
    def check(content):
        lines = [f"{key} = {_toml(value)}" for key, value in content.items()]
        (tmp_path / "study.toml").write_text("\n".join(lines), encoding="utf-8", errors="replace")
        survives(lambda: read_study(tmp_path / "study.toml", tmp_path / "out"), "\n".join(lines))

    check()


def _toml(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value).replace("NaN", "nan").replace("Infinity", "inf")


@pytest.mark.fuzz
def test_a_watch_is_not_told_by_a_file(run):
    # A record that resumes is of a run, and nothing in it names what is called.
    told = []
    resume(run, ("n_gen", 4), watch=Watch(after_generation=told.append), renderer=PLAIN)
    assert told == [4]
    assert len(RunResult.load(run).X) > 0
    with pytest.raises(CheckpointError, match="no run with a checkpoint"):
        resume(run / "nothing")
