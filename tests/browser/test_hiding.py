"""The tab "Hide in a song" in a browser: from upload to download."""

import zipfile

import numpy as np
import pytest
import soundfile

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
