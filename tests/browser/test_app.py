"""The app in a browser: from upload to download, stopped in between, and with hostile uploads."""

import os
import socket
import struct
import subprocess
import sys
import time
import urllib.request
import zipfile
import zlib

import numpy as np
import pytest
import soundfile
from PIL import Image

pytest.importorskip("gradio")

from pymoo_moss.errors import AudioError
from pymoo_moss.explore import RunResult
from pymoo_moss.explore.app import App
from pymoo_moss.explore.app.pictures import front_plot, spectrogram_picture
from pymoo_moss.explore.app.uploads import Inputs
from pymoo_moss.explore.app.words import without_the_server

PATIENCE = 90_000
"""Milliseconds; these machines may be busy."""


@pytest.fixture(scope="module")
def app():
    app = App(most_seconds=60, most_megabytes=20)
    try:
        app.address = app.launch()
        yield app
    finally:
        app.close()
    assert not app.folder.exists()


@pytest.fixture
def page(chromium, app):
    """The app's page; nothing from elsewhere may be loaded."""
    context = chromium.new_context(viewport={"width": 1400, "height": 1000}, accept_downloads=True)
    page = context.new_page()
    foreign = []
    page.on(
        "request",
        lambda request: (
            request.url.startswith((app.address, "data:", "blob:")) or foreign.append(request.url)
        ),
    )
    page.goto(app.address)
    page.wait_for_selector("#start")
    yield page
    context.close()
    assert foreign == []


@pytest.fixture(scope="module")
def files(picture, sound, tmp_path_factory):
    folder = tmp_path_factory.mktemp("uploads")
    Image.fromarray((255 * picture).astype(np.uint8)).save(folder / "disc.png")
    soundfile.write(folder / "notes.wav", *sound)
    return folder


def upload(page, kind, path):
    """Put a file in the place of the one that is there."""
    block = page.locator(f"#{kind}")
    remove = block.get_by_role("button", name="Clear").or_(block.get_by_role("button", name="Remove"))
    if remove.count():
        remove.first.click()
    block.locator("input[type=file]").set_input_files(path)
    page.wait_for_timeout(1500)


def values(page):
    """What the page says of a solution: as asked for, and in the sound when that is there."""
    rows = page.locator("#told tbody tr").all()
    return {row.locator("td").first.text_content(): row.locator("td").all_text_contents()[1:] for row in rows}


def wait_for_sound(page, said):
    """Wait for a solution, and for its sound."""
    page.wait_for_function(
        """said => document.querySelector('#said').textContent.includes(said) &&
            document.querySelector('#told td') && !document.querySelector('#told').textContent.includes('…')
        """,
        arg=said,
        timeout=PATIENCE,
    )
    page.wait_for_selector("#shown img", state="attached", timeout=PATIENCE)
    name, x, y = page.evaluate(
        """() => {
            const points = document.querySelector('#front .js-plotly-plot')._fullData.at(-1);
            return [points.name, points.x[0], points.y[0]];
        }"""
    )
    assert name == "this solution"
    shown = [float(asked) for asked, _ in values(page).values()]
    assert [x, y] == pytest.approx(shown[:2], abs=6e-4)
    return shown


def status(page):
    return page.locator("#status").text_content()


def search(page, effort="quick", grid="16x32"):
    page.get_by_label(effort).check()
    page.get_by_role("button", name="More options").click()
    page.get_by_label("Mask resolution").click()
    page.get_by_role("option", name=grid).click()
    page.locator("#start").click()


def wait_for(page, text):
    page.wait_for_function(
        "text => document.querySelector('#status').textContent.includes(text)", arg=text, timeout=PATIENCE
    )


def test_a_job_from_upload_to_download(page, files, tmp_path):
    upload(page, "picture", files / "disc.png")
    upload(page, "sound", files / "notes.wav")
    search(page)
    wait_for(page, "finished")
    assert "40 solutions" in status(page)
    wait_for_sound(page, "Solution")
    number = page.locator("#solution input[type=number]")
    chosen = int(number.input_value())

    page.locator("#solution input[type=range]").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    wait_for_sound(page, f"Solution {chosen + 3}")
    number.fill("1")
    wait_for_sound(page, "Solution 1")
    best_sound = page.locator("#best-sound")
    best_sound.click()
    assert wait_for_sound(page, "best sound")[1] == pytest.approx(0, abs=0.001)
    page.locator("#best-picture").click()
    assert wait_for_sound(page, "Solution 0: best picture")[0] == pytest.approx(0, abs=0.001)
    page.locator("#more-picture").click()
    wait_for_sound(page, "the end of the front")
    page.locator("#balanced").click()
    before, first = wait_for_sound(page, "balanced"), page.locator("#shown img").get_attribute("src")

    page.locator("#more-picture").click()
    page.wait_for_function(
        "/a new one|the neighbour/.test(document.querySelector('#said').textContent)", timeout=PATIENCE
    )
    assert wait_for_sound(page, "Solution")[0] < before[0]
    assert page.locator("#shown img").get_attribute("src") != first

    page.locator("#export").click()
    page.wait_for_selector("#download", timeout=PATIENCE)
    with page.expect_download(timeout=PATIENCE) as download:
        page.locator("#download").click()
    download.value.save_as(tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path / "run")
    assert {"index.html", "run.json", "front.csv", "masks.npz"} <= names
    assert sum(name.endswith("audio.wav") for name in names) >= 9
    loaded = RunResult.load(tmp_path / "run")
    assert len(loaded.F) == int(page.locator("#solution input[type=range]").get_attribute("max")) + 1
    expected = {"preset": "display", "grid": [16, 32], "frequency_axis": "linear", "invert": False}
    assert loaded.settings["options"] == expected
    plan = {"algorithm": "hybrid", "generations": 8, "population": 40, "steps": 40, "seed": 1}
    assert plan.items() <= loaded.settings.items()
    assert (loaded.settings["image"], loaded.settings["audio"]) == ("disc.png", "notes.wav")

    page.locator("#more-sound").click()
    page.locator("#download").wait_for(state="hidden", timeout=PATIENCE)


@pytest.mark.parametrize("moment", ["seeding by gradient, step", "generation 2"])
def test_stop_ends_a_search_at_once_and_keeps_the_front(page, moment):
    search(page, "thorough", "64x128")
    wait_for(page, moment)
    assert 0 < float(page.locator("#progress progress").get_attribute("value")) < 1
    asked = time.perf_counter()
    page.locator("#stop").click()
    wait_for(page, "stopped, with what was found")
    # Measured: 0.7 s on two cores. 2 s are promised; test machines may be busy.
    assert time.perf_counter() - asked < 4
    assert page.locator("#progress progress").count() == 0
    wait_for_sound(page, "Solution")


def test_what_nobody_expected_is_told_in_a_line_and_the_app_goes_on(page, monkeypatch, caplog):
    def broken(*arguments, **options):
        raise ZeroDivisionError("in a secret place")

    monkeypatch.setattr("pymoo_moss.explore.live.run_search", broken)
    page.locator("#start").click()
    wait_for(page, "for a reason that nobody expected")
    assert "secret" not in page.locator("body").text_content()
    assert "in a secret place" in caplog.text
    page.wait_for_function("!document.querySelector('#start').disabled", timeout=PATIENCE)


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (768, "light"), (1400, "dark")])
def test_the_page_fits_its_width(chromium, app, width, scheme):
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(f"{app.address}?__theme={scheme}")
    front = page.wait_for_selector("#front")
    assert front.bounding_box()["width"] > 280
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()


def test_figures_have_no_ground_of_their_own(display_problem):
    encoder = display_problem.encoder
    assert spectrogram_picture(encoder, encoder.audio_magnitude).getpixel((0, 0))[3] == 0
    figure = front_plot(display_problem, np.array([[0.1, 0.5], [0.4, 0.2]]), chosen=1)
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0, 0, 0, 0)"
    assert (figure.data[-1].x, figure.data[-1].y) == ((0.4,), (0.2,))


def test_one_job_runs_at_a_time(app):
    queued = [function for function in app.blocks.fns.values() if function.queue]
    assert len(queued) == 9
    assert {(function.concurrency_id, function.concurrency_limit) for function in queued} == {("work", 1)}


def test_messages_have_no_folders_and_no_words_of_libraries():
    error = AudioError("cannot read audio from '/tmp/app/uploads/a b.mp3' (System error.): expected a WAV")
    error.__cause__ = RuntimeError("System error.")
    assert without_the_server(error) == "cannot read audio from 'a b.mp3': expected a WAV"


def test_copies_of_uploads_go_when_nobody_needs_them(files, tmp_path):
    (tmp_path / "kept").mkdir()
    inputs = Inputs(tmp_path / "kept", image=files / "disc.png", audio=files / "notes.wav")
    assert inputs.files["audio"].read_bytes() == (files / "notes.wav").read_bytes()
    del inputs
    assert not (tmp_path / "kept").exists()


def empty_picture(path, side):
    """A PNG of a few bytes that claims to be huge."""

    def chunk(kind, content):
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    packer = zlib.compressobj(9)
    row = bytes(side // 8 + 1)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    parts = [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), chunk(b"IDAT", data), chunk(b"IEND", b"")]
    path.write_bytes(b"".join(parts))


def test_hostile_uploads_are_told_and_leave_the_app_usable(app, page, files, tmp_path):
    (tmp_path / "text.mp3").write_text("this is no sound")
    (tmp_path / "text.png").write_text("this is no picture")
    empty_picture(tmp_path / "huge.png", 10_000)
    soundfile.write(tmp_path / "hour.flac", np.zeros(3600 * 2000, dtype="int16"), 2000)
    upload(page, "picture", files / "disc.png")
    for kind, name, message in (
        ("sound", "text.mp3", "'text.mp3' is no sound that can be read"),
        ("sound", "hour.flac", "expected at most 60 s of sound, 'hour.flac' has 3600"),
        ("picture", "huge.png", "expected at most 50 megapixels, 'huge.png' has 100"),
        ("picture", "text.png", "'text.png' is no picture that can be read"),
    ):
        upload(page, kind, tmp_path / name)
        if kind == "picture":
            upload(page, "sound", files / "notes.wav")
        page.locator("#start").click()
        wait_for(page, message)
        page.wait_for_function("!document.querySelector('#start').disabled", timeout=PATIENCE)
        seen = page.locator("body").inner_text()
        assert str(app.folder) not in seen
        assert "cannot identify" not in seen
    upload(page, "picture", files / "disc.png")
    upload(page, "sound", files / "notes.wav")
    search(page)
    wait_for(page, "finished")
    upload(page, "sound", tmp_path / "text.mp3")
    page.locator("#start").click()
    wait_for(page, "'text.mp3' is no sound")
    assert "finished" not in status(page)


def test_the_command_serves_this_machine_and_leaves_nothing_behind(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from pymoo_moss.cli import main; main()", "app", "--port", str(port)]
    environment = os.environ | {"TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert (
                process.stdout.readline()
                == f"open http://127.0.0.1:{port}/ in a browser; Ctrl-C ends the app\n"
            )
            assert len(list(tmp_path.glob("pymoo-moss-app-*"))) == 1
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
                assert b"Between picture and sound" in answer.read()
        finally:
            process.terminate()
        assert process.wait(30) == 0
    assert list(tmp_path.glob("pymoo-moss-app-*")) == []
