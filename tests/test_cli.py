"""The command line as a user calls it; in a process of its own where that matters."""

import inspect
import json
import os
import re
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import soundfile
from PIL import Image

from pymoo_moss import MaskEncoder, cli, explore, list_problems
from pymoo_moss.errors import MossError, OptionError, OutputError, renamed
from pymoo_moss.objectives.registry import OBJECTIVES, PRESETS
from pymoo_moss.runs import SearchPlan
from pymoo_moss.search import ALGORITHM_NAMES
from pymoo_moss.spectrogram import chosen_transform
from pymoo_moss.spectrogram.frequency_axis import AxisScale

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
    # The program's name is that of the script, also where pytest was started as a module.
    monkeypatch.setattr(sys.modules["__main__"], "__package__", None)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["pymoo-moss", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        shown = capsys.readouterr()
        return stopped.value.code, shown.out, shown.err

    return call


def test_blend_writes_a_run_and_does_not_overwrite_it_unasked(call, inputs, tmp_path):
    out = tmp_path / "out"
    code, shown, said = call("blend", *inputs, "--out", out, *SMALL)
    assert code == 0
    lines = shown.splitlines()
    assert lines[0] == f"3 sounds, from best picture to best sound, are in {out}."
    assert lines[2].strip() == (out / "index.html").as_uri()
    for name in lines[lines.index(f"In {out}:") + 1 :]:
        named = re.match(r"  (\S+\.\w+|\w+/)", name)
        assert named is None or (out / named[1]).exists()
    # Numbers come after the words.
    assert "hypervolume" not in "".join(lines[:-2])
    assert "hypervolume" in lines[-1]
    assert "against constant masks" in lines[-1]
    assert [line for line in said.splitlines() if "None" in line or "\x1b" in line or "\r" in line] == []
    assert re.search(r"^0:\d\d searching: generation 1 of 2, hypervolume 0\.\d+ of 1$", said, re.MULTILINE)
    assert re.search(r"^\d+:\d\d writing sounds: sound 0 of 3$", said, re.MULTILINE)
    record = json.loads((out / "run.json").read_text())
    settings = record["settings"]
    assert settings["options"]["preset"] == "listener"
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


@pytest.mark.parametrize(
    ("given", "swapped", "said"),
    [
        ((), True, True),
        (("--invert", "auto"), True, True),
        (("--invert", "yes"), True, False),
        (("--invert=no",), False, False),
        # As in scripts from before there was a choice: in front of the picture too.
        (("--invert",), True, False),
    ],
)
@pytest.mark.filterwarnings("default:.* is mostly white")
def test_drawings_on_white_are_inverted_unless_told_otherwise(given, swapped, said, call, inputs, tmp_path):
    page = np.full((80, 120), 255, dtype=np.uint8)
    page[20:60, 40:46] = 0
    Image.fromarray(page).save(tmp_path / "page.png")
    arguments = ["single", *given, tmp_path / "page.png", inputs[1], "--out", tmp_path / "out"]
    code, _, complaint = call(*arguments, "--steps", "1", "--grid", "6x8")
    assert code == 0
    assert ("page.png' is mostly white: dark and bright are swapped" in complaint) == said
    options = json.loads((tmp_path / "out" / "run.json").read_text())["settings"]["options"]
    assert (options["invert"], options["picture_sampling"]) == (swapped, "average")


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
    assert shown.startswith(f"The sound is {out / 'audio.wav'}.\n")
    assert "visual_multiscale: " in shown
    assert {"audio.wav", "spectrogram.png", "mask.png", "run.json"} < set(os.listdir(out))
    assert json.loads((out / "run.json").read_text())["settings"]["visual"] == 0.9


@pytest.mark.process
@pytest.mark.parametrize(
    "arguments", [["--help"], ["blend", "--help"], ["--version"], ["blend", "--seed", "x"]]
)
def test_the_command_line_needs_no_torch_to_answer(arguments):
    code = f"""if True:
        import atexit, sys
        from pymoo_moss import cli
        atexit.register(lambda: print({{'torch', 'numpy', 'pymoo'}} & set(sys.modules)))
        sys.argv[1:] = {arguments}
        cli.main()"""
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert shown.stdout.splitlines()[-1] == "set()"


def test_messages_call_parameters_by_their_options_and_other_words_as_they_are():
    names = cli._as_typed()
    assert renamed("expected n_jobs of 1 or more", names) == "expected --jobs of 1 or more"
    for said in (
        "finish the study, or leave out algorithms that fail",
        "the picture 'raise grid/expected seed, gamma.png' has more than the grid",
        "expected a sound of seconds, and the steps and the seed",
    ):
        assert renamed(said, names) == said


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


def described_options(call, *command):
    """The explanations of a command's options by their names."""
    lines = call(*command, "--help")[1].splitlines()
    starts = [number for number, line in enumerate(lines) if re.match(r"  (-|\w|\[)", line)]
    ends = [*starts[1:], len(lines)]
    return {
        lines[start].split()[0]: " ".join(" ".join(lines[start:end]).split())
        for start, end in zip(starts, ends, strict=True)
    }


@pytest.mark.parametrize("preset", PRESETS)
def test_the_help_names_the_defaults_of_the_presets(call, preset):
    everywhere = {name: one.default for name, one in inspect.signature(MaskEncoder).parameters.items()}
    defaults = {
        name: value
        for name, value in {**everywhere, **PRESETS[preset].encoder_options}.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    if preset == "notebook":
        assert "dynamic_range_db" not in defaults
    described = described_options(call, "blend")
    assert len(defaults) >= 5
    at_16_khz = chosen_transform(16_000, None, None, 16_000)
    assert f"{at_16_khz.n_fft} at 16000 Hz" in described["--n-fft"]
    assert "a quarter of the window" in described["--hop-length"]
    for name, value in defaults.items():
        text = described[f"--{name.removesuffix('_db') if name == 'level_db' else name}".replace("_", "-")]
        ways = [rf"(-?[\d.]*\d) with --preset {preset}", r"(-?[\d.]*\d) with other presets", r"(-?[\d.]*\d)"]
        ways = ways if preset != "listener" else ways[2:]
        default = text.partition("Default: ")[2]
        if "ceiling_quantile" not in name or preset != "listener":
            shown = next(found[1] for way in ways if (found := re.search(way, default)))
            assert float(shown) == value, text


COMMANDS = ["hide", "blend", "demo", "resume", "single", "problems", "study", "app"]


@pytest.mark.parametrize("columns", [20, 40, 80, 300])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_the_help_fits_the_terminal(call, monkeypatch, command, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = call(*command.split(), "--help")[1].splitlines()
    # Single words may be longer than a narrow terminal.
    assert [line for line in lines if len(line) > min(columns, 100) and len(line.split()) > 1] == []
    assert max(map(len, lines)) <= max(columns, 35)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_explains_everything_in_sections(call, command):
    described = described_options(call, command)
    assert all(len(text.split()) >= 5 for text in described.values())
    assert list(described)[-1] == "--help"
    # Words of the program or of its parser, not of its users.
    assert not re.search(r"<(int|float|str|path)|x>=|\bNone\b|Pillow", " ".join(described.values()))


def test_options_for_people_come_before_those_for_researchers(call):
    described = call("blend", "--help")[1]
    titles = re.findall(r"^(\w[\w ]*):$", described, re.MULTILINE)
    assert titles == ["Arguments", "Output", "Search", "Picture", "Sound", "For researchers", "Other"]
    researchers = described[described.index("For researchers:") :]
    assert {"--grid", "--n-fft", "--ceiling-quantile"} <= set(researchers.split())
    assert not {"--fmin", "--sounds", "--sample-rate", "--invert"} & set(researchers.split())


def test_without_a_command_the_help_is_shown(call):
    code, shown, said = call()
    assert (code, shown) == (2, "")
    assert said == call("--help")[1]


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
        (["blend", "{image}", "{image}"], "is a PNG picture: expected a sound"),
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
        (["blend", *GRID, "--smothing", "2"], "there is no option --smothing; did you mean --smoothing?"),
        (["blend", *GRID, "--duration", "2"], "there is no option --duration; see 'pymoo-moss blend --help'"),
        (["single", *GRID, "--mp3"], "there is no option --mp3; see 'pymoo-moss single --help'"),
        (["blend", *GRID, "--seed"], "--seed"),
        (["blend", *GRID, "my song.mp3"], "too much on the line: my song.mp3"),
        (["blend", "{image}"], "AUDIO is missing"),
        (
            ["blend", *GRID, "--generations", "ten"],
            "--generations: expected a whole number of 1 or more, got 'ten'",
        ),
        (["blend", *GRID, "--seconds", "0"], "--seconds: expected a number above 0, got '0'"),
        (
            ["blend", *GRID, "--threads", "2000"],
            "--threads: expected a whole number from 1 to 1024, got '2000'",
        ),
        (["single", *GRID, "--visual", "1.5"], "--visual: expected a number from 0 to 1, got '1.5'"),
        (["single", *GRID, "--steps", "2.5"], "--steps: expected a whole number of 0 or more, got '2.5'"),
        (["blend", *GRID, "--frequency-axis", "Log"], "did you mean 'log'"),
        (
            ["blend", *GRID, "--fmin", "10000"],
            "got 10000 Hz: lower it, or set --sample-rate to more than 20000 Hz",
        ),
        (["blend", *GRID, "--fmax", "9000"], "set --sample-rate to 18000 Hz or more"),
        (["blend", *GRID, "--fmin", "nan"], "--fmin: expected a number, got 'nan'"),
        (["blend", "", "{audio}"], "IMAGE: expected a name, got an empty one"),
        (["single", "{image}", ""], "AUDIO: expected a name, got an empty one"),
        (["blend", "two\nlines\x1b[31m.png", "{audio}"], r"no picture file at 'two\nlines\x1b[31m.png'"),
        (["blend", "{image}", "end\u2028\x85.wav"], r"no audio file at 'end\u2028\x85.wav'"),
        (["study", "two\nlines.toml"], r"no study file 'two\nlines.toml'"),
        (["blend", *GRID, "--two\nlines", "2"], r"there is no option --two\nlines"),
        (["blend", *GRID, "--device", "two\nlines"], r"unknown device 'two\nlines'"),
        # Looking whether there is such a file fails, as it does in a folder that is not to be read.
        (["blend", "n" * 300, "{audio}"], f"'{'n' * 300}' cannot be opened (File name too long)"),
        (["blend", "{image}", "n" * 300], f"cannot read a sound from '{'n' * 300}' (File name too long)"),
        (["blend", *GRID, "--fmin", "70", "--fmax", "71"], "expected --fmax above --fmin"),
        (
            ["blend", *GRID, "--hop-length", "600"],
            "expected --hop-length of 1 to 512 samples, half of --n-fft",
        ),
        (["blend", *GRID, "--floor-quantile", "2"], "expected --floor-quantile below --ceiling-quantile"),
        (["blend", *GRID, "--dynamic-range-db", "0"], "expected --dynamic-range-db above 0"),
    ],
)
def test_mistakes_get_one_line_and_leave_nothing(call, inputs, tmp_path, arguments, message):
    filled = [argument.format(image=inputs[0], audio=inputs[1]) for argument in arguments]
    code, _, complaint = call(*filled, "--out", tmp_path / "out")
    assert code == 2
    assert message in complaint
    # Nothing is drawn before everything is checked.
    assert complaint.startswith("pymoo-moss: ")
    assert complaint.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["blend"], "IMAGE is missing; see 'pymoo-moss blend --help'"),
        (["single"], "IMAGE is missing; see 'pymoo-moss single --help'"),
        (["resume"], "FOLDER is missing; see 'pymoo-moss resume --help'"),
        (["study"], "STUDY.toml is missing; see 'pymoo-moss study --help'"),
        (["demo", "--seed"], "expected a value after --seed, got none; see 'pymoo-moss demo --help'"),
        (["demo", "--out", ""], "--out: expected a name, got an empty one"),
        (["resume", ""], "FOLDER: expected a name, got an empty one"),
        (["resume", "two\nlines"], r"'two\nlines' holds no run"),
        (["resume", "n" * 300], f"'{'n' * 300}' cannot be read (File name too long)"),
        (["problems", "two\nlines"], r"unknown problem 'two\nlines'"),
        (["two\nlines"], r"there is no command 'two\nlines'"),
    ],
)
def test_incomplete_commands_get_one_line(call, arguments, message):
    code, shown, complaint = call(*arguments)
    assert (code, shown) == (2, "")
    assert complaint.startswith(f"pymoo-moss: {message}")
    assert complaint.count("\n") == 1


@pytest.mark.parametrize(
    "error",
    [
        MemoryError("Unable to allocate 7.28 TiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    ],
)
def test_too_little_memory_gets_one_line_that_says_what_takes_less(
    call, inputs, tmp_path, monkeypatch, error
):
    def run_in_folder(*arguments, **options):
        raise error

    monkeypatch.setattr(explore, "run_in_folder", run_in_folder)
    code, _, complaint = call("blend", *inputs, "--out", tmp_path / "out", "--grid", "6x8")
    assert code == 2
    assert complaint.startswith("pymoo-moss: there is not enough memory: choose a shorter sound")
    assert complaint.count("\n") == 1


@pytest.mark.parametrize("begun", [False, True])
def test_a_search_whose_result_cannot_be_written_says_how_to_go_on(
    call, inputs, tmp_path, monkeypatch, begun
):
    out = tmp_path / "two words"

    def run_in_folder(folder, problem, plan, watch, **options):
        if begun:
            watch.on_start(plan, None)
        raise OutputError("cannot write the run (No space left on device): free space")

    monkeypatch.setattr(explore, "run_in_folder", run_in_folder)
    code, _, complaint = call("blend", *inputs, "--out", out, "--grid", "6x8")
    kept = f"; what was found is kept: pymoo-moss resume '{out}'" if begun else ""
    said = f"pymoo-moss: cannot write the run (No space left on device): free space{kept}"
    assert (code, complaint.splitlines()[-1]) == (2, said)


def test_errors_that_nobody_foresaw_are_not_taken_for_another(call, inputs, tmp_path, monkeypatch):
    def run_in_folder(*arguments, **options):
        raise RuntimeError("memory of an elephant")

    monkeypatch.setattr(explore, "run_in_folder", run_in_folder)
    with pytest.raises(RuntimeError, match="elephant"):
        call("blend", *inputs, "--out", tmp_path / "out", "--grid", "6x8")


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


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no hangups on this system")
@pytest.mark.parametrize("ignored", [False, True])
def test_a_hangup_ends_the_work_unless_it_is_ignored(ignored):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)
    ended = []
    try:
        with cli._ended_by_signals(lambda number: 128 + number):
            signal.raise_signal(signal.SIGHUP)
    except SystemExit as error:
        ended.append(error.code)
    finally:
        after = signal.signal(signal.SIGHUP, before)
    assert ended == ([] if ignored else [129])
    assert after is (signal.SIG_IGN if ignored else signal.SIG_DFL)


@pytest.mark.process
def test_python_dash_m_and_the_exit_code(tmp_path):
    command = [sys.executable, "-m", "pymoo_moss", "blend", "missing.png", "missing.wav", "--out", "out"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert not list(Path(tmp_path).iterdir())


def listed(stdout, **environment):
    command, variables = [sys.executable, "-m", "pymoo_moss", "problems"], {**os.environ, **environment}
    return subprocess.run(
        command, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False, env=variables
    )


@pytest.mark.process
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full on this system")
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_full_disk_under_the_output_gets_one_line(encoding):
    with Path("/dev/full").open("w") as full:
        done = listed(full, PYTHONIOENCODING=encoding)
    assert done.returncode == 2
    assert done.stderr.startswith("pymoo-moss: cannot write to the standard output")
    assert done.stderr.count("\n") == 1


@pytest.mark.process
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full on this system")
@pytest.mark.parametrize("arguments", [[], ["bland"], ["blend", "missing.png", "missing.wav", "--out", "o"]])
def test_a_full_disk_under_the_messages_leaves_the_exit_code(arguments, tmp_path):
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "pymoo_moss", *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=full, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.process
@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals on this system")
@pytest.mark.parametrize(
    ("columns", "environment", "sequences"),
    [
        (20, {"TERM": "xterm"}, True),
        (80, {"TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "1"}, True),
        (80, {"TERM": "dumb"}, False),
        (0, {"TERM": "xterm"}, True),
    ],
)
def test_a_run_in_a_terminal(inputs, tmp_path, columns, environment, sequences):
    # Not at the top: Windows lacks what it imports.
    from .terminal import terminal

    command = [sys.executable, "-m", "pymoo_moss", "single", *inputs, "--out", str(tmp_path / "out")]
    with terminal(columns) as (written, stream):
        started = subprocess.Popen(
            [*command, "--steps", "2", "--grid", "4x6"],
            stdout=subprocess.PIPE,
            stderr=stream,
            env={**os.environ, **environment},
        )
        with guarded(started) as process:
            shown = process.stdout.read()
            assert process.wait() == 0
    assert shown.startswith(b"The sound is ")
    assert (b"\x1b" in written.raw) == sequences
    # Colours end with m.
    assert "NO_COLOR" not in environment or not re.search(rb"\x1b\[[\d;]*m", written.raw)
    written.columns = columns or 80
    assert "drawing page" in [line for line in written.lines if line][-1]
    assert b"None" not in written.raw


@pytest.mark.process
def test_a_pipe_that_nobody_reads_ends_the_program_without_a_word():
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = listed(writing)
    finally:
        os.close(writing)
    assert done.returncode == 1
    assert done.stderr == ""


@pytest.mark.process
@pytest.mark.skipif(sys.platform == "win32", reason="no such shell on this system")
@pytest.mark.parametrize("closed", ["1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_closed_streams_do_no_harm(inputs, tmp_path, closed):
    command = f'"$0" -m pymoo_moss single "$1" "$2" --out "$3" --steps 2 --grid 4x6 {closed}'
    arguments = ["sh", "-c", command, sys.executable, *inputs, str(tmp_path / "out")]
    assert subprocess.run(arguments, check=False).returncode == 0
    assert Image.open(tmp_path / "out" / "spectrogram.png").size[0] > 0


def test_the_demo_runs_an_embedded_problem():
    assert cli._DEMO_PROBLEM in list_problems()


LIMITS = {
    # Option: the words of the help, what is just possible, and what is just not.
    "gamma": ("above 0 to 100", [1e-6, 100.0], [0.0, 100.1]),
    "dynamic_range_db": ("above 0 to 200 decibels", [1e-3, 200.0], [0.0, 200.1]),
    "smoothing": ("0 (hard edges) to 100", [0.0, 100.0], [-0.1, 100.1]),
    "fmin": ("from 0 to half the sample rate", [0.0], [-1.0, 8000.0]),
    "fmax": ("at most half the sample rate", [8000.0], [8001.0]),
    "sample_rate": ("1000 to 192000", [1000, 192000], [999, 192001]),
    "n_fft": ("even, 32 to 65536", [32, 65536], [30, 33, 65538]),
    "hop_length": ("1 to half of --n-fft", [512], [0, 513]),
    "floor_quantile": ("0 to 1", [0.0], [-0.01, 1.01]),
    "ceiling_quantile": ("0 to 1", [1.0], [-0.01, 1.01]),
}


@pytest.mark.parametrize("name", LIMITS)
def test_the_help_names_the_limits_of_numbers(call, picture, sound, name):
    words, possible, impossible = LIMITS[name]
    assert words in described_options(call, "blend")[f"--{name.replace('_', '-')}"]

    def refused(value):
        # Long enough for the longest window, with the longest step.
        long = {"audio": (np.tile(sound[0], 5), sound[1]), "hop_length": max(value // 2, 1)}
        given = long if name == "n_fft" else {"audio": sound}
        try:
            MaskEncoder(picture, grid=(2, 2), **given, **{name: value})
        except OptionError as error:
            return re.search(rf"\b{name}\b", str(error)) is not None
        return False

    assert [value for value in possible if refused(value)] == []
    assert [value for value in impossible if not refused(value)] == []


def test_the_help_lists_the_names_that_are_known(call):
    described = described_options(call, "blend")
    assert sorted(re.findall(r"[a-z]+_\w+", described["--objectives"])) == sorted(OBJECTIVES)
    assert set(PRESETS) <= set(re.findall(r"\w+", described["--preset"]))
    assert set(get_args(AxisScale)) <= set(re.findall(r"\w+", described["--frequency-axis"]))
    named = {"hybrid", "tracer", "nsga2"}
    assert named <= set(re.findall(r"\w+", described["--algorithm"])) & set(ALGORITHM_NAMES)
