"""What the app is made of, without a browser."""

import os
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from pymoo_moss import MaskEncoder
from pymoo_moss.app import EFFORTS, App
from pymoo_moss.app.options import problem_options
from pymoo_moss.app.server import check_address
from pymoo_moss.app.texts import public_message
from pymoo_moss.app.updates import Updates
from pymoo_moss.app.uploads import Inputs
from pymoo_moss.errors import AudioError, OptionError
from pymoo_moss.runs import SearchPlan

from ..processes import PATIENCE


def test_figures_have_transparent_backgrounds(display_problem):
    pytest.importorskip("plotly")
    from pymoo_moss.app.pictures import front_plot, spectrogram_picture

    encoder = display_problem.encoder
    assert spectrogram_picture(encoder, encoder.audio_magnitude).getpixel((0, 0))[3] == 0
    figure = front_plot(display_problem, np.array([[0.1, 0.5], [0.4, 0.2]]), chosen=1)
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0, 0, 0, 0)"
    assert (figure.data[-1].x, figure.data[-1].y) == ((0.4,), (0.2,))


def test_one_job_runs_at_a_time():
    pytest.importorskip("gradio")
    app = App()
    try:
        queued = [function for function in app.blocks.fns.values() if function.queue]
    finally:
        app.close()
    jobs = Counter((function.concurrency_id, function.concurrency_limit) for function in queued)
    assert jobs == {("work", 1): 11, ("reading", 1): 8}
    assert not app.folder.exists()


def test_messages_have_no_folders_and_no_words_of_libraries():
    error = AudioError("cannot read audio from '/tmp/app/uploads/a b.mp3' (System error.): expected a WAV")
    error.__cause__ = RuntimeError("System error.")
    assert public_message(error) == "cannot read audio from 'a b.mp3': expected a WAV"


def test_a_sound_that_is_too_short_for_the_grid_is_refused_in_the_words_of_the_page(picture, sound):
    with pytest.raises(OptionError) as refused:
        MaskEncoder(picture, sound, grid=(4, 500))
    said = public_message(refused.value)
    assert "choose fewer points under 'How finely picture and sound are mixed' or a longer sound" in said


def test_too_little_memory_is_said_in_words():
    gradio = pytest.importorskip("gradio")
    with pytest.raises(gradio.Error, match="not enough memory"), Updates(gradio, []).report_errors():
        raise MemoryError


def test_copies_of_uploads_are_removed_with_the_last_reference(picture, sound, tmp_path):
    image, audio, kept = tmp_path / "disc.png", tmp_path / "notes.wav", tmp_path / "kept"
    Image.fromarray((255 * picture).astype(np.uint8)).save(image)
    soundfile.write(audio, *sound)
    kept.mkdir()
    inputs = Inputs(kept, image=image, audio=audio)
    assert inputs.files["audio"].read_bytes() == audio.read_bytes()
    del inputs
    assert not kept.exists()


def test_nothing_is_left_of_copies_of_which_one_failed(picture, tmp_path):
    image, kept = tmp_path / "disc.png", tmp_path / "kept"
    Image.fromarray((255 * picture).astype(np.uint8)).save(image)
    kept.mkdir()
    # The error refers to the frame of the constructor, and so to the object, as long as it is handled.
    with pytest.raises(FileNotFoundError) as raised:
        Inputs(kept, image=image, audio=tmp_path / "gone.wav")
    assert not kept.exists(), raised


@pytest.mark.process
def test_without_gradio_nothing_is_left(tmp_path):
    code = "import sys; sys.modules['gradio'] = None; from pymoo_moss.app import App; App()"
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert "MissingExtraError: 'gradio' is not installed: pip install 'pymoo-moss[app]'" in done.stderr
    assert list(tmp_path.glob("pymoo-moss-*")) == []


def test_an_app_keeps_its_uploads_when_another_one_is_closed():
    pytest.importorskip("gradio")
    httpx = pytest.importorskip("httpx")
    first, second = App(), App()
    try:
        answer = httpx.post(
            f"{first.launch()}gradio_api/upload", files={"files": ("note.txt", b"content")}, timeout=PATIENCE
        )
        (uploaded,) = map(Path, answer.raise_for_status().json())
        second.close()
        assert uploaded.read_bytes() == b"content"
    finally:
        first.close()
    assert not uploaded.exists()
    assert not first.folder.exists()
    assert not second.folder.exists()


@pytest.mark.process
def test_the_former_name_of_the_app_works_and_says_where_it_is_now():
    code = "from pymoo_moss.explore.app import EFFORTS, App; print(*EFFORTS)"
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "quick normal thorough\n"
    assert "DeprecationWarning: pymoo_moss.explore.app has moved: import from pymoo_moss.app" in done.stderr


def test_the_normal_effort_is_the_default_plan():
    plan = SearchPlan()
    assert EFFORTS["normal"] == {
        "generations": plan.generations,
        "population": plan.population,
        "steps": plan.steps,
    }


@pytest.mark.process
def test_nothing_is_left_of_an_app_that_was_never_closed(tmp_path):
    pytest.importorskip("gradio")
    code = "from pymoo_moss.app import App; App()"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=PATIENCE)
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith("pymoo-moss")]


def test_options_of_the_page_are_options_of_the_problem():
    for word, invert in (("auto", "auto"), ("yes", True), ("no", False)):
        options = problem_options("display", "16x32", "log", 100, 0, 0, 60, word)
        assert options == {
            "preset": "display",
            "grid": [16, 32],
            "frequency_axis": "log",
            "invert": invert,
            "fmin": 100,
            "dynamic_range_db": 60,
        }


@pytest.mark.parametrize(("host", "port"), [("999.1.1.1", None), ("127.0.0.1", 80000)])
def test_an_address_that_nothing_can_listen_at_is_refused(host, port):
    with pytest.raises(OptionError, match=f"cannot listen at '{host}'"):
        check_address(host, port)


def test_a_port_that_is_taken_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OptionError, match=f"cannot listen at '127.0.0.1', port {port}"):
            check_address("127.0.0.1", port)
    check_address("127.0.0.1", None)


@pytest.mark.parametrize(
    "limits", [{"most_seconds": -1}, {"most_seconds": float("nan")}, {"most_megabytes": 0}]
)
def test_limits_out_of_their_range_are_refused(limits):
    pytest.importorskip("gradio")
    with pytest.raises(OptionError, match="most_"):
        App(**limits)
