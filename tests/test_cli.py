"""The command line as a user calls it; in a process of its own where that matters."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from pymoo_moss import cli, explore, list_problems
from pymoo_moss.errors import MossError
from pymoo_moss.runs import SearchPlan

from .processes import guarded

SMALL = ["--grid", "6x8", "--population", "8", "--steps", "4", "--generations", "2", "--sounds", "1"]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory, picture, sound) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("inputs")
    Image.fromarray(np.round(255 * picture).astype(np.uint8)).save(folder / "disc.png")
    soundfile.write(folder / "notes.wav", sound[0], sound[1])
    return str(folder / "disc.png"), str(folder / "notes.wav")


@pytest.fixture
def call(monkeypatch, capsys):
    """Calls the command line in this process; gives exit code, output and errors."""

    # The command line says warnings in its own way, which is not for the tests that follow.
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["pymoo-moss", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        shown = capsys.readouterr()
        return stopped.value.code, shown.out, shown.err

    return call


def test_blend_writes_a_run_and_does_not_overwrite_it_unasked(call, inputs, tmp_path):
    out = tmp_path / "out"
    code, shown, _ = call("blend", *inputs, "--out", out, *SMALL)
    assert code == 0
    assert "hypervolume" in shown
    assert "against constant masks" in shown
    record = json.loads((out / "run.json").read_text())
    settings = record["settings"]
    assert settings["options"]["preset"] == "display"
    assert settings["options"]["grid"] == [6, 8]
    assert (settings["image"], settings["audio"]) == ("disc.png", "notes.wav")
    assert set(settings["sha256"]) == {"image", "audio"}
    assert {"index.html", "front.csv", "front.png", "picks.png", "evolution.gif"} < set(os.listdir(out))
    assert call("blend", *inputs, "--out", out, *SMALL)[0] == 2


@pytest.mark.render
def test_overwrite_replaces_a_run(call, inputs, tmp_path):
    out = tmp_path / "out"
    assert call("blend", *inputs, "--out", out, *SMALL)[0] == 0
    assert call("blend", *inputs, "--out", out, *SMALL, "--overwrite", "--seed", "2")[0] == 0
    assert json.loads((out / "run.json").read_text())["settings"]["seed"] == 2


@pytest.mark.render
def test_blend_takes_every_option_of_the_problem(call, inputs, tmp_path):
    options = (
        "--preset notebook --objectives visual_l1,audio_log_l1,mask_roughness --algorithm u-nsga3 --seed 3 "
        "--smoothing 1 --sample-rate 8000 --n-fft 512 --hop-length 128 --gamma 1.2 --floor-quantile 0.02 "
        "--ceiling-quantile 0.97 --dynamic-range-db 60 --no-flip --invert --fmin 100 --fmax 3500 "
        "--frequency-axis mel --threads 1 --seconds 60 --device cpu"
    )
    assert call("blend", *inputs, "--out", tmp_path / "out", *SMALL, *options.split())[0] == 0
    settings = json.loads((tmp_path / "out" / "run.json").read_text())["settings"]
    taken = settings["options"]
    assert taken["objectives"] == ["visual_l1", "audio_log_l1", "mask_roughness"]
    assert (taken["flip"], taken["invert"], taken["frequency_axis"]) == (False, True, "mel")
    assert (taken["sample_rate"], settings["seconds"], settings["algorithm"]) == (8000, 60.0, "u-nsga3")
    wav = next((tmp_path / "out" / "solutions").iterdir()) / "audio.wav"
    assert soundfile.info(wav).samplerate == 8000


@pytest.mark.render
def test_seconds_alone_end_a_run(call, inputs, tmp_path):
    steps = 10_000_000
    options = ["--grid", "6x8", "--population", "8", "--steps", steps, "--sounds", "1", "--seconds", "1"]
    assert call("blend", *inputs, "--out", tmp_path / "out", *options)[0] == 0
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert record["seconds"] >= 1
    # Every step of the seeding counts at least one evaluation: it was cut short as well.
    assert 0 < record["n_eval"] < steps


def test_single_writes_one_solution(call, inputs, tmp_path):
    out = tmp_path / "out"
    code, shown, _ = call("single", *inputs, "--out", out, "--visual", "0.9", "--steps", "5", "--grid", "6x8")
    assert code == 0
    assert "visual_display: " in shown
    assert {"audio.wav", "spectrogram.png", "mask.png", "run.json"} < set(os.listdir(out))
    assert json.loads((out / "run.json").read_text())["settings"]["visual"] == 0.9


@pytest.mark.process
def test_the_command_line_needs_no_torch_to_answer():
    code = "import sys; from pymoo_moss import cli; print({'torch', 'numpy', 'pymoo'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"


def test_help_and_version(call):
    assert "blend" in call("--help")[1]
    assert "--frequency-axis" in call("blend", "--help")[1]
    assert "--out" in call("demo", "--help")[1]
    assert call("--version")[1].startswith("pymoo-moss 0.")


@pytest.mark.parametrize("name", ["algorithm", "generations", "population", "steps"])
def test_the_help_names_the_defaults_of_a_plan(call, monkeypatch, name):
    monkeypatch.setenv("COLUMNS", "200")
    described = " ".join(call("blend", "--help")[1].split())
    option = described[described.index(f"--{name} ") :]
    assert re.search(r"Default: (\w+)", option)[1] == str(getattr(SearchPlan(), name))


def test_blend_without_options_follows_the_default_plan(inputs, tmp_path, monkeypatch, call):
    class CalledError(MossError):
        pass

    plans = []

    def run_in_folder(out, problem, plan, **options):
        plans.append(plan)
        raise CalledError

    monkeypatch.setattr(explore, "run_in_folder", run_in_folder)
    for options in ([], ["--seconds", "5"], ["--seconds", "5", "--generations", "7"]):
        call("blend", *inputs, "--out", tmp_path / "out", "--grid", "6x8", *options)
    assert plans == [
        SearchPlan(),
        SearchPlan(generations=None, seconds=5.0),
        SearchPlan(generations=7, seconds=5.0),
    ]


GRID = ["{image}", "{audio}", "--grid", "6x8"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["blend", "missing.png", "{audio}"], "no picture file at 'missing.png'"),
        (["blend", "{image}", "missing.wav"], "no audio file at 'missing.wav'"),
        (["blend", "{audio}", "{audio}"], "is not a picture"),
        (["blend", "{image}", "{image}"], "cannot read audio"),
        (["blend", "{image}", "{audio}", "--grid", "64"], "ROWSxCOLUMNS"),
        (["blend", "{image}", "{audio}", "--grid", "0x4"], "grid of 1 x 1"),
        (["blend", "{image}", "{audio}", "--grid", "600x4"], "grid of 1 x 1"),
        (["blend", *GRID, "--smoothing", "-1"], "smoothing"),
        (["blend", *GRID, "--algorithm", "nsga22"], "did you mean 'nsga2'"),
        (["blend", *GRID, "--objectives", "visual_l2,audio_log_l1"], "did you mean 'visual_l1'"),
        (["blend", *GRID, "--device", "toaster"], "device 'toaster'"),
        (["blend", *GRID, "--algorithm", "rvea", "--seconds", "9"], "rvea"),
        (["single", *GRID, "--objectives", "visual_l1,audio_log_l1,audio_mel"], "two objectives"),
        (["blend", *GRID, "--preset", "nice"], "nice"),
        (["blend", *GRID, "--smothing", "2"], "smothing"),
    ],
)
def test_mistakes_get_one_line_and_leave_nothing(call, inputs, tmp_path, arguments, message):
    filled = [argument.format(image=inputs[0], audio=inputs[1]) for argument in arguments]
    code, _, complaint = call(*filled, "--out", tmp_path / "out")
    assert code == 2
    assert message in complaint
    assert "Traceback" not in complaint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("out", ["/proc/moss", "{folder}/file", "{folder}/full"])
def test_folders_that_cannot_be_used_are_refused_before_the_work(call, inputs, tmp_path, out):
    (tmp_path / "file").write_text("x")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "diary.txt").write_text("x")
    out = out.format(folder=tmp_path)
    code, _, complaint = call("blend", "missing.png", inputs[1], "--out", out)
    assert code == 2
    assert out in complaint
    assert (tmp_path / "full" / "diary.txt").read_text() == "x"


def is_there(process, path):
    """Wait until a running process has written a file."""
    while not any(path.parent.glob(path.name)):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


@pytest.mark.process
@pytest.mark.skipif(sys.platform == "win32", reason="no signals of this kind on this system")
@pytest.mark.parametrize(
    ("phase", "checkpoint"),
    [("seeding", "generation-000000.npz"), ("evolving", "generation-*[1-9]*.npz")],
)
def test_ctrl_c_keeps_the_best_so_far(interrupts, inputs, tmp_path, phase, checkpoint):
    steps, generations = ("1000000", "2") if phase == "seeding" else ("2", "1000000")
    limits = ["--steps", steps, "--generations", generations, "--population", "8", "--sounds", "1"]
    command = [sys.executable, "-m", "pymoo_moss", "blend", *inputs, "--out", str(tmp_path / "out")]
    started = subprocess.Popen(
        [*command, "--grid", "6x8", *limits], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with guarded(started) as process:
        # Before the search has begun, an interrupt means to give up.
        assert "Ctrl-C stops early" in process.stderr.readline()
        is_there(process, tmp_path / "out" / "checkpoint" / checkpoint)
        process.send_signal(signal.SIGINT)
        shown, complaint = process.communicate()
    assert process.returncode == 0, complaint
    assert "stopped early" in shown
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert record["stopped_early"]
    assert record["solutions"] >= 2


@pytest.mark.process
def test_python_dash_m_and_the_exit_code(tmp_path):
    command = [sys.executable, "-m", "pymoo_moss", "blend", "missing.png", "missing.wav", "--out", "out"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert not list(Path(tmp_path).iterdir())


def test_the_demo_runs_an_embedded_problem():
    assert cli._DEMO_PROBLEM in list_problems()
