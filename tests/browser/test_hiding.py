"""The tab "Hide in a song" in a browser: from upload to download."""

import zipfile

import cv2
import numpy as np
import pytest
import soundfile
from PIL import Image

from pymoo_moss.release import VIEWERS
from pymoo_moss.release.viewers import viewer_image
from pymoo_moss.spectrogram import SOUND_EXTENSIONS, picture_extensions

from .conftest import PATIENCE

pytestmark = pytest.mark.browser

RATE = 22_050
SECONDS = 6


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    path = tmp_path_factory.mktemp("song") / "noise.wav"
    rng = np.random.default_rng(1)
    soundfile.write(path, 0.1 * rng.standard_normal((SECONDS * RATE, 2)), RATE)
    return path


def place(page):
    return [page.locator(f"#{name} :is(input, textarea)").input_value() for name in PLACE]


PLACE = ("begin", "seconds", "lowest", "highest")


def click_at(page, x, y):
    """Click on the spectrogram, at shares of its width and height."""
    picture = page.locator("#song-view img")
    box = picture.bounding_box()
    picture.click(position={"x": box["width"] * x, "y": box["height"] * y})


def wait_for_status(page, text):
    page.wait_for_function(
        "text => document.querySelector('#hide-status').textContent.includes(text)", arg=text
    )


def test_a_text_is_hidden_from_upload_to_download(first_page, song, tmp_path):
    page = first_page
    page.wait_for_selector("#song-view img")
    example = page.locator("#song-view img").get_attribute("src")
    page.locator("#song").get_by_role("button", name="Clear").click()
    page.locator("#song-note").get_by_text("at most").wait_for()
    page.locator("#hide").click()
    wait_for_status(page, "expected a song: choose one first")
    page.locator("#song input[type=file]").set_input_files(song)
    page.locator("#song-note .accepted", has_text=f"6.0 s, {RATE} Hz").wait_for()
    page.wait_for_function(
        "before => (document.querySelector('#song-view img')?.src ?? before) !== before", arg=example
    )

    page.wait_for_function("document.querySelector('#song-view img').naturalWidth === 1000")
    click_at(page, 0.3, 0.1)
    page.get_by_text("Click the opposite corner.").wait_for()
    click_at(page, 0.8, 0.5)
    page.get_by_text("Click once more to begin anew.").wait_for()
    page.wait_for_function("document.querySelector('#highest :is(input, textarea)').value !== ''")
    begin, seconds, low, high = map(float, place(page))
    # The axes begin and end a little within the picture.
    assert begin == pytest.approx(SECONDS * 0.26, abs=0.1)
    assert seconds == pytest.approx(SECONDS * 0.55, abs=0.1)
    assert 4500 < low < 6500 < 9500 < high < RATE / 2

    page.locator("#hide-kind").get_by_label("Text").check()
    page.locator("#hide-text textarea").fill("HELLO")
    page.locator("#hide-effort").get_by_label("quick").check()
    page.locator("#hide-format").get_by_label("flac").check()
    page.locator("#hide").click()
    wait_for_status(page, "finished")
    page.wait_for_selector("#hidden-song")
    page.wait_for_function("document.querySelector('#viewers img')?.naturalWidth > 0")
    assert '"HELLO" in noise.wav' in page.locator("#report").inner_text()
    for button, name in (("#download-song", "noise-hidden.flac"), ("#download-all", "noise-hidden.zip")):
        with page.expect_download() as download:
            page.locator(button).click()
        assert download.value.suggested_filename == name
        download.value.save_as(tmp_path / name)
    written = soundfile.info(tmp_path / "noise-hidden.flac")
    assert (written.samplerate, written.channels, written.frames) == (RATE, 2, SECONDS * RATE)
    with zipfile.ZipFile(tmp_path / "noise-hidden.zip") as archive:
        assert {"song.flac", "index.html", "report.md", "viewers.png"} <= set(archive.namelist())

    click_at(page, 0.5, 0.5)
    page.get_by_text("Click the opposite corner.").wait_for()
    page.wait_for_function("document.querySelector('#begin :is(input, textarea)').value === ''")
    assert place(page) == [""] * 4


def preview(page):
    """The picture as it will be drawn, when it has another source than before."""
    return page.locator("#hide-picture-preview img").get_attribute("src")


def wait_for_another_preview(page, before):
    page.wait_for_function(
        """before => {
            const image = document.querySelector('#hide-picture-preview img');
            return image && image.src !== before && image.naturalWidth > 0;
        }""",
        arg=before,
    )
    return page.locator("#hide-picture-preview img").evaluate("one => [one.naturalWidth, one.naturalHeight]")


def hide_quickly(page, **fields):
    for name, value in fields.items():
        page.locator(f"#{name} :is(input, textarea)").fill(value)
    page.locator("#hide-effort").get_by_label("quick").check()
    page.locator("#hide-format").get_by_label("flac").check()
    page.locator("#hide").click()
    wait_for_status(page, "finished")


def downloaded(page, button, folder):
    with page.expect_download() as download:
        page.locator(button).click()
    download.value.save_as(folder / download.value.suggested_filename)
    return folder / download.value.suggested_filename


def test_a_picture_is_cropped_painted_over_and_hidden_from_upload_to_download(first_page, song, tmp_path):
    page = first_page
    rng = np.random.default_rng(2)
    blocks = Image.fromarray(rng.integers(0, 255, (10, 20)).astype(np.uint8))
    blocks.resize((1000, 500)).save(tmp_path / "wide.png")
    page.locator("#song").get_by_role("button", name="Clear").click()
    page.locator("#song input[type=file]").set_input_files(song)
    page.locator("#song-note .accepted", has_text=f"6.0 s, {RATE} Hz").wait_for()
    # Before the upload: Gradio gives components that an accordion has just shown the values of earlier
    # answers once more, which would undo what is entered at that moment.
    page.get_by_text("Crop, brightness and contrast").click()
    right = page.locator("#cut-right input[type=range]")
    right.wait_for()
    before = preview(page)
    page.locator("#hide-picture").get_by_role("button", name="Clear").click()
    page.locator("#hide-picture input[type=file]").set_input_files(tmp_path / "wide.png")
    page.locator("#hide-picture-note .accepted", has_text="1000 x 500 pixels").wait_for()
    assert wait_for_another_preview(page, before) == [320, 160]

    before = preview(page)
    right.fill("50")
    assert wait_for_another_preview(page, before) == [320, 320]

    page.get_by_text("Paint where the song stays").click()
    canvas = page.locator("#hide-canvas canvas").first
    canvas.scroll_into_view_if_needed()
    page.locator("#hide-canvas").get_by_role("button", name="Brush Size").wait_for()
    before, box = preview(page), canvas.bounding_box()
    # From top to bottom of the left half, which is what is left; strokes begin on the picture.
    x = box["x"] + 0.35 * box["width"]
    page.mouse.move(x, box["y"] + 0.5 * box["height"])
    page.mouse.down()
    for share in (0.2, 0.8):
        page.mouse.move(x, box["y"] + share * box["height"], steps=3)
    page.mouse.up()
    wait_for_another_preview(page, before)

    hide_quickly(page, begin="1", seconds="2", lowest="5000", highest="10000")
    assert "wide.png in noise.wav" in page.locator("#report").inner_text()
    archive = zipfile.ZipFile(downloaded(page, "#download-all", tmp_path))
    page.locator("#version").get_by_label("More song").check()
    page.locator("#download-song", has_text="more song").wait_for()
    path = downloaded(page, "#download-song", tmp_path)
    assert path.name == "noise-hidden-more-song.flac"
    assert path.read_bytes() == archive.read("more/3-more-song.flac")
    # Where it is painted over, the song's samples stay, longer than they could be the same by chance.
    after, before = (soundfile.read(one, dtype="int32")[0] for one in (path, song))
    changed = np.flatnonzero((after != before).any(axis=1)) / RATE
    assert 0.95 < changed[0] < 1.1
    assert 2.9 < changed[-1] < 3.1
    assert np.diff(changed).max() > 0.1


def test_a_qr_code_is_hidden_from_entry_to_download(first_page, song, tmp_path):
    page = first_page
    page.locator("#song").get_by_role("button", name="Clear").click()
    page.locator("#song input[type=file]").set_input_files(song)
    page.locator("#song-note .accepted", has_text=f"6.0 s, {RATE} Hz").wait_for()
    page.locator("#hide-kind").get_by_label("QR code").check()
    page.locator("#hide-qr :is(input, textarea)").fill("https://example.org")
    hide_quickly(page, begin="1", seconds="4", lowest="4000", highest="10000", level="10")
    samples, rate = soundfile.read(downloaded(page, "#download-song", tmp_path), always_2d=True)
    view = viewer_image(VIEWERS[0], samples[rate : 5 * rate], rate, (800, 800))
    rows = slice(*(round(800 * (1 - 2 * edge / rate)) for edge in (10_000, 4000)))
    code = cv2.resize((255 * view[rows]).astype(np.uint8), (600, 600), interpolation=cv2.INTER_AREA)
    code = cv2.normalize(code, None, 0, 255, cv2.NORM_MINMAX)
    assert cv2.QRCodeDetector().detectAndDecode(code)[0] == "https://example.org"


def test_the_dialogs_of_the_first_tab_list_what_is_read(first_page):
    for box, extensions in (("hide-picture", picture_extensions()), ("song", SOUND_EXTENSIONS)):
        first_page.locator(f"#{box}").get_by_role("button", name="Clear").click()
        first_page.wait_for_function(
            "([box, accept]) => document.querySelector(`#${box} input[type=file]`)?.accept === accept",
            arg=[box, ",".join(extensions)],
        )


@pytest.mark.parametrize("width", [360, 1366])
def test_the_first_tab_fits_its_width(chromium, app, width):
    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.set_default_timeout(PATIENCE)
    page.goto(app.address)
    page.wait_for_function("document.querySelector('#song-view img')?.naturalWidth > 0")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()
