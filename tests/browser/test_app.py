"""The app in a browser: from upload to download, stopped in between, and with hostile uploads."""

import base64
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import urllib.request
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

pytest.importorskip("gradio")

from pymoo_moss.app import EFFORTS
from pymoo_moss.explore import RunResult
from pymoo_moss.runs import LiveSearch, SearchPlan
from pymoo_moss.spectrogram import SOUND_EXTENSIONS, picture_extensions

from ..spectrogram.sound_files import by_ffmpeg
from .conftest import PATIENCE

HEIC = Path(__file__).parents[1] / "spectrogram" / "data"

pytestmark = pytest.mark.browser


@pytest.fixture
def page(first_page):
    """The app's page at its second tab."""
    wait_for_inputs(first_page)
    return first_page


@pytest.fixture(scope="module")
def files(picture, sound, tmp_path_factory):
    folder = tmp_path_factory.mktemp("uploads")
    Image.fromarray((255 * picture).astype(np.uint8)).save(folder / "disc.png")
    soundfile.write(folder / "notes.wav", *sound)
    return folder


PREVIEWS = {"picture": "#picture-preview img", "sound": "#sound-preview audio"}


def wait_for_inputs(page):
    """Turn to the second tab, and wait until the examples are there, after which the page is laid out."""
    page.get_by_role("tab", name="Blend").click()
    page.wait_for_selector("#start")
    for kind, preview in PREVIEWS.items():
        page.wait_for_selector(f"#{kind} .file-preview")
        page.wait_for_selector(preview, state="attached")


def choose(page, kind, path, refused=""):
    """Put a file in the place of the one that is there, and return what the note beside it says at last."""
    block, note = page.locator(f"#{kind}"), page.locator(f"#{kind}-note")
    if block.locator(".file-preview").count():
        block.get_by_role("button", name="Clear").click()
        # The answer to the click.
        note.get_by_text("at most").wait_for()
    block.locator("input[type=file]").set_input_files(path)
    if refused:
        note.locator(".refused", has_text=refused).wait_for()
        block.locator(".file-preview").wait_for(state="detached")
        assert page.locator(PREVIEWS[kind]).count() == 0
    else:
        note.locator(".accepted").wait_for()
        page.wait_for_selector(PREVIEWS[kind], state="attached")
        block.locator(".file-preview").wait_for()
    return "\n".join(note.locator("p").all_inner_texts())


def upload(page, kind, path):
    choose(page, kind, path)


def values(page):
    """Values of a solution in the page: target, and sound once it is there."""
    rows = page.locator("#values tbody tr").all()
    return {row.locator("td").first.text_content(): row.locator("td").all_text_contents()[1:] for row in rows}


def wait_for_sound(page, said):
    """Wait for a solution, and for its sound."""
    page.wait_for_function(
        """said => document.querySelector('#heading').textContent.includes(said) &&
            document.querySelector('#values td') &&
            !document.querySelector('#values').textContent.includes('…')
        """,
        arg=said,
    )
    page.wait_for_selector("#exported img", state="attached")
    shown = [float(target) for target, _ in values(page).values()]
    page.wait_for_function(
        """([x, y]) => {
            const points = document.querySelector('#front .js-plotly-plot')._fullData.at(-1);
            const near = (one, other) => Math.abs(one - other) < 6e-4;
            return points.name === 'this solution' && near(points.x[0], x) && near(points.y[0], y);
        }""",
        arg=shown[:2],
    )
    return shown


def status(page):
    return page.locator("#status").text_content()


def search(page, effort="quick", grid="16x32"):
    page.locator("#effort").get_by_label(effort).check()
    page.get_by_role("button", name="More options").click()
    page.get_by_label("How finely picture and sound are mixed").click()
    page.get_by_role("option", name=grid).click()
    page.locator("#start").click()


def wait_for(page, text):
    page.wait_for_function("text => document.querySelector('#status').textContent.includes(text)", arg=text)


def test_a_job_from_upload_to_download(page, files, tmp_path):
    upload(page, "picture", files / "disc.png")
    upload(page, "sound", files / "notes.wav")
    search(page)
    wait_for(page, "finished")
    assert "160 solutions" in status(page)
    wait_for_sound(page, "Solution")
    number = page.locator("#solution input[type=number]")
    # The page may say which solution it is before it has set the slider to it.
    (chosen,) = map(int, re.findall(r"Solution (\d+)", page.locator("#heading").text_content()))
    shows = "wanted => Number(document.querySelector('#solution input[type=number]').value) === wanted"
    page.wait_for_function(shows, arg=chosen)

    page.locator("#solution input[type=range]").focus()
    for step in range(1, 4):
        page.keyboard.press("ArrowRight")
        page.wait_for_function(shows, arg=chosen + step)
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
    before, first = (
        wait_for_sound(page, "balanced"),
        page.locator("#exported img").evaluate("image => image.src"),
    )

    page.locator("#more-picture").click()
    page.wait_for_function(
        "/a new one|the next one on that side/.test(document.querySelector('#heading').textContent)"
    )
    assert wait_for_sound(page, "Solution")[0] < before[0]
    page.wait_for_function("first => document.querySelector('#exported img').src !== first", arg=first)

    page.locator("#export").click()
    page.wait_for_selector("#download")
    with page.expect_download() as download:
        page.locator("#download").click()
    download.value.save_as(tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path / "run")
    assert {"index.html", "run.json", "front.csv", "masks.npz"} <= names
    assert sum(name.endswith("audio.wav") for name in names) >= 9
    loaded = RunResult.load(tmp_path / "run")
    assert len(loaded.F) == int(page.locator("#solution input[type=range]").get_attribute("max")) + 1
    expected = {"preset": "listener", "grid": [16, 32], "frequency_axis": "linear"}
    expected |= {"invert": False, "picture_sampling": "average"}
    expected |= {"sample_rate": 16_000, "n_fft": 1024, "hop_length": 256}
    expected |= {"fmin": 3600.0, "fmax": 7200.0}
    assert loaded.settings["options"] == expected
    plan = {"algorithm": "hybrid", "generations": 8, "population": 40, "steps": 40, "seed": 1}
    assert plan.items() <= loaded.settings.items()
    assert (loaded.settings["image"], loaded.settings["audio"]) == ("disc.png", "notes.wav")

    page.locator("#more-sound").click()
    page.locator("#download").wait_for(state="hidden")


@pytest.fixture
def stopped_at(monkeypatch):
    """Searches that were stopped, with how far they were then."""
    stopped = {}
    stop = LiveSearch.stop

    def stop_and_look(search):
        stop(search)
        stopped.setdefault(search, search.moment)

    monkeypatch.setattr(LiveSearch, "stop", stop_and_look)
    return stopped


@pytest.mark.parametrize("moment", ["searching, first part", "generation"])
def test_stop_ends_a_search_at_once_and_keeps_the_front(page, stopped_at, moment):
    search(page, "thorough", "64x128")
    wait_for(page, moment)
    assert 0 < float(page.locator("#progress progress[value]").get_attribute("value")) < 1
    page.locator("#stop").click()
    wait_for(page, "stopped early")
    ((stopped, at),) = stopped_at.items()
    end, planned = stopped.moment, EFFORTS["thorough"]
    # What was under way is brought to its end, and nothing more is begun: no bound on time is needed.
    assert at.step <= end.step <= at.step + 1
    assert at.generation <= end.generation <= at.generation + 1
    assert end.generation < planned["generations"]
    assert end.step < planned["steps"] or at.generation > 0
    page.locator("#progress progress").wait_for(state="detached")
    wait_for_sound(page, "Solution")


class BrokenAlgorithm:
    def setup(self, *arguments, **options):
        raise ZeroDivisionError("in a secret place")


def test_an_unexpected_error_is_one_line_and_the_app_stays_usable(page, monkeypatch, caplog):
    monkeypatch.setattr(SearchPlan, "make_algorithm", lambda *arguments: BrokenAlgorithm())
    page.locator("#start").click()
    wait_for(page, "this failed unexpectedly")
    assert "secret" not in page.locator("body").text_content()
    assert "in a secret place" in caplog.text
    page.wait_for_function("!document.querySelector('#start').disabled")


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (768, "light"), (1400, "dark")])
def test_the_page_fits_its_width(chromium, app, width, scheme):
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.set_default_timeout(PATIENCE)
    page.goto(f"{app.address}?__theme={scheme}")
    wait_for_inputs(page)
    assert page.locator("#front").bounding_box()["width"] > 280
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()


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


REFUSED = {
    "text.mp3": ("sound", "'text.mp3' is a text"),
    "hour.flac": ("sound", "expected at most 60 s of sound, 'hour.flac' has more"),
    "day.flac": ("sound", "expected at most 60 s of sound, 'day.flac' has more"),
    "silent.wav": ("sound", "'silent.wav' is silent"),
    "click.wav": ("sound", "expected at least 0.5 s of sound, 'click.wav' has 0.1"),
    "picture.m4a": ("sound", "'picture.m4a' is a PNG picture"),
    "huge.png": ("picture", "expected at most 50 megapixels, 'huge.png' has 100"),
    "text.png": ("picture", "'text.png' is not a picture that can be read, but a text"),
    "page.png": ("picture", "'page.png' is blank"),
}


@pytest.fixture(scope="module")
def refused_files(files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("refused")
    (folder / "text.mp3").write_text("this is no sound")
    (folder / "text.png").write_text("this is no picture")
    (folder / "picture.m4a").write_bytes((files / "disc.png").read_bytes())
    empty_picture(folder / "huge.png", 10_000)
    Image.new("RGB", (320, 200), "white").save(folder / "page.png")
    soundfile.write(folder / "hour.flac", np.zeros(3600 * 2000, dtype="int16"), 2000)
    soundfile.write(folder / "day.flac", np.zeros(86_400 * 1000, dtype="int16"), 1000)
    soundfile.write(folder / "silent.wav", np.zeros(16000), 16000)
    soundfile.write(folder / "click.wav", np.eye(1, 1600)[0], 16000)
    return folder


def test_what_cannot_be_used_is_refused_when_it_is_uploaded(app, page, files, refused_files):
    for name, (kind, message) in REFUSED.items():
        note = choose(page, kind, refused_files / name, refused=f"not taken: {message}")
        assert str(app.folder) not in note
        assert "cannot identify" not in note
    page.locator("#start").click()
    wait_for(page, "expected a picture and a sound: choose both first")
    upload(page, "picture", files / "disc.png")
    upload(page, "sound", files / "notes.wav")
    search(page)
    wait_for(page, "finished")


def test_the_limits_are_said_beside_the_uploads(page):
    assert "at most 50 megapixels and 20 MB" in page.locator("#picture-note").inner_text()
    assert "at most 60 seconds and 20 MB" in page.locator("#sound-note").inner_text()


def test_the_dialogs_list_what_is_read_also_after_a_file_was_taken_out(page):
    for kind, extensions in (("picture", picture_extensions()), ("sound", SOUND_EXTENSIONS)):
        page.locator(f"#{kind}").get_by_role("button", name="Clear").click()
        page.wait_for_function(
            "([kind, accept]) => document.querySelector(`#${kind} input[type=file]`)?.accept === accept",
            arg=[kind, ",".join(extensions)],
        )


@pytest.mark.parametrize("name", ["photo.HEIC", "\u5199\u771f \u00fc.heic", "photo", "photo.jpg"])
def test_a_heic_is_taken_and_shown_whatever_its_name(page, tmp_path, name):
    pytest.importorskip("pi_heif")
    (tmp_path / name).write_bytes((HEIC / "picture.heic").read_bytes())
    assert choose(page, "picture", tmp_path / name) == "96 x 64 pixels"
    page.wait_for_function("document.querySelector('#picture-preview img').naturalWidth === 96")
    assert page.locator("#picture .file-preview").inner_text().startswith(Path(name).stem)


@pytest.mark.parametrize(("container", "codec"), [("ipod", "aac"), ("mov", "pcm_s16le"), ("ogg", "opus")])
@pytest.mark.parametrize("name", ["memo.M4A", "memo"])
def test_sounds_are_taken_and_can_be_heard_whatever_their_name(page, tmp_path, container, codec, name):
    (tmp_path / name).write_bytes(by_ffmpeg(notes(48_000)[:, None], 48_000, container, codec))
    assert choose(page, "sound", tmp_path / name).startswith("2.0 s")
    seconds = page.locator("#sound-preview audio[src^='blob:']").evaluate(
        """audio => audio.duration ||
            new Promise(done => audio.addEventListener("loadedmetadata", () => done(audio.duration)))"""
    )
    assert seconds == pytest.approx(2, abs=0.1)


def notes(rate):
    return (0.3 * np.sin(2 * np.pi * 440 * np.arange(2 * rate) / rate)).astype(np.float32)


def test_what_readers_warn_of_is_said_when_a_file_is_uploaded(page, tmp_path):
    drawing = Image.new("L", (320, 200), 255)
    drawing.paste(0, (100, 50, 110, 150))
    drawing.save(tmp_path / "drawing.png")
    sides = notes(16_000)
    soundfile.write(tmp_path / "sides.wav", np.stack([sides, -sides], axis=1), 16_000)
    # The same again, because Python says each warning once.
    for _ in range(2):
        note = choose(page, "picture", tmp_path / "drawing.png")
        assert "dark and bright are swapped" in note
        assert "--invert" not in note
        assert "cancel each other" in choose(page, "sound", tmp_path / "sides.wav")
    search(page)
    wait_for(page, "finished")
    # Said once.
    assert page.get_by_text("dark and bright are swapped").count() == 1


@pytest.mark.parametrize("way", ["paste", "drop"])
def test_pictures_can_be_pasted_and_dropped_over_the_one_that_is_there(page, files, way):
    content = base64.b64encode((files / "disc.png").read_bytes()).decode()
    before = page.locator("#picture-preview img").get_attribute("src")
    page.evaluate(
        """([content, way]) => {
            const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
            const files = new DataTransfer();
            files.items.add(new File([bytes], "other.png", { type: "image/png" }));
            const event = way === "paste"
                ? new ClipboardEvent("paste", { clipboardData: files, bubbles: true })
                : new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true });
            (way === "paste" ? document.body : document.querySelector("#picture td")).dispatchEvent(event);
        }""",
        [content, way],
    )
    page.wait_for_function(
        """before => {
            const image = document.querySelector("#picture-preview img");
            return image && image.src !== before && document.querySelector("#picture .file-preview");
        }""",
        arg=before,
    )
    assert "other" in page.locator("#picture .file-preview").inner_text()


def served(tmp_path, port):
    """The command, listening at that port; None where somebody else has taken the port."""
    command = [sys.executable, "-m", "pymoo_moss", "app", "--port", str(port)]
    environment = os.environ | {"TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    said = process.stdout.readline()
    if said == f"open http://127.0.0.1:{port}/ in a browser; Ctrl-C ends the app\n":
        return process
    process.kill()
    complaint = process.communicate()[1]
    assert "Cannot find empty port" in complaint, said + complaint
    return None


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no hangups on this system")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_the_command_serves_this_machine_and_leaves_nothing_behind(interrupts, tmp_path, name):
    # A port that was free can be taken by another process before the command has it.
    tries = ((port, served(tmp_path, port)) for port in (free_port() for _ in range(10)))
    port, process = next((port, process) for port, process in tries if process is not None)
    with process:
        try:
            assert len(list(tmp_path.glob("pymoo-moss-app-*"))) == 1
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=300) as answer:
                assert b"Between picture and sound" in answer.read()
        finally:
            process.send_signal(getattr(signal, name))
        assert process.wait(300) == 0
    assert list(tmp_path.glob("pymoo-moss-*")) == []
