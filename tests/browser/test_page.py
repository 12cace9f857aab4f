"""The explorer page in a browser, opened from disk."""

import wave
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pymoo.algorithms.moo.nsga2 import NSGA2

from pymoo_moss import GradientSeedSampling, MOSSProblem
from pymoo_moss.explore import PageLimits, run_search, write_run, write_single
from pymoo_moss.explore.page import explorer_page
from pymoo_moss.search import minimize_weighted

from ..conftest import GRID
from .conftest import PATIENCE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(picture, sound, tmp_path_factory):
    """Where the page of a small run is; it is moved away from the run's other files."""
    problem = MOSSProblem(picture, (np.tile(sound[0], 3), sound[1]), preset="display", grid=GRID)
    result = run_search(
        problem,
        NSGA2(pop_size=16, sampling=GradientSeedSampling(n_seeds=5, steps=21, lr=0.3)),
        ("n_gen", 4),
        seed=1,
        after_generation=lambda number: None,
        should_stop=lambda: False,
        settings={"image": "picture.png", "audio": "</script><b>song.wav"},
    )
    folder = tmp_path_factory.mktemp("run")
    write_run(folder / "run", result, count=4)
    page = folder / "alone" / "index.html"
    page.parent.mkdir()
    page.write_bytes((folder / "run" / "index.html").read_bytes())
    return page.as_uri()


@pytest.fixture
def open_page(chromium, address):
    """Opens the page; at the end nothing may have been loaded but the page, and no error been logged."""
    contexts, complaints = [], []

    def visit(width=1600, unfold=True, **options):
        context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda request: (
                request.url == address
                or request.url.startswith(("data:", "blob:"))
                or complaints.append(request.url)
            ),
        )
        page.goto(address)
        if unfold:
            page.locator("#research summary").click()
            page.wait_for_selector("#front .scatterlayer .point")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []


def state(page):
    """What is seen and heard."""
    return page.evaluate("""() => [
        Number(document.getElementById("slider").value), document.getElementById("spectrogram").src,
        document.getElementById("audio").src, document.getElementById("status").textContent]""")


def click_on_point(page, index):
    """Click where the front's point of that index is drawn."""
    page.locator("#front").scroll_into_view_if_needed()
    place = page.evaluate(
        """(index) => {
        const plot = document.getElementById("front"), layout = plot._fullLayout;
        const trace = plot.data.find((trace) => trace.name === "front"), box = plot.getBoundingClientRect();
        return [box.left + layout.xaxis._offset + layout.xaxis.d2p(trace.x[index]),
                box.top + layout.yaxis._offset + layout.yaxis.d2p(trace.y[index])];
        }""",
        index,
    )
    page.mouse.move(*place)
    # Plotly tells a click on what it has seen the mouse over.
    page.wait_for_function(
        """(index) => (document.getElementById("front")._hoverdata ?? []).some(
            (point) => point.data.name === "front" && point.pointIndex === index)""",
        arg=index,
    )
    page.mouse.click(*place)


def move_slider(page, index):
    """Move the slider to a place."""
    page.locator("#slider").evaluate(
        "(slider, index) => { slider.value = index; slider.dispatchEvent(new Event('input')); }", index
    )


def play_slowly(page):
    """Let the sound last for a minute, so that it has not ended before something is done to it."""
    page.evaluate(
        """() => {
            const audio = document.getElementById("audio");
            audio.defaultPlaybackRate = audio.playbackRate = 1 / 16;
        }"""
    )


def test_what_chooses_a_solution_can_be_seen(open_page):
    page = open_page()
    for shown in ("#evolution-section", "#along", "#picks", "#along-keys"):
        assert page.locator(shown).is_visible()


def test_the_picture_comes_first_and_what_researchers_read_is_folded_away(open_page):
    page = open_page(360, unfold=False)
    box = page.locator("#plane").bounding_box()
    assert box["y"] + box["height"] <= 640
    assert page.locator("#picks button").first.text_content() == "clear picture and song"
    assert page.locator("#picks button").first.get_attribute("aria-pressed") == "true"
    for folded in ("#front", "#evolution-section", "#views", "#values", "#facts"):
        assert page.locator(folded).is_hidden()
    seen = page.locator("main > section").inner_text().lower()
    for word in ("visual", "audio log", "hypervolume", "mask", "seed", "front", "ssim"):
        assert word not in seen


def test_nothing_moves_under_the_pointer(open_page):
    for width in (360, 1366):
        page = open_page(width, unfold=False)
        places = set()
        for index in range(int(page.locator("#slider").get_attribute("max")) + 1):
            move_slider(page, index)
            places.add(tuple(page.locator("#slider").bounding_box().values()))
        assert len(places) == 1


def test_a_click_on_a_point_changes_spectrogram_and_sound(open_page):
    page = open_page()
    before = state(page)
    last = page.evaluate("document.getElementById('slider').max")
    click_on_point(page, int(last))
    page.wait_for_function(f"document.getElementById('slider').value === '{last}'")
    after = state(page)
    assert all(a != b for a, b in zip(after, before, strict=True))
    assert "best sound" in after[3]


def test_keys_slider_and_buttons_move_along_the_front(open_page):
    page = open_page()
    page.get_by_role("button", name="best picture").click()
    assert state(page)[0] == 0
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    assert state(page)[0] == 2
    page.keyboard.press("ArrowLeft")
    assert state(page)[0] == 1
    page.locator("#slider").focus()
    page.keyboard.press("End")
    at_end = state(page)
    assert at_end[0] == int(page.locator("#slider").get_attribute("max"))
    assert "best sound" in at_end[3]
    page.keyboard.press("ArrowLeft")
    assert state(page)[0] == at_end[0] - 1


def test_play_starts_the_sound_and_moves_the_playhead(open_page):
    page = open_page()
    play_slowly(page)
    page.get_by_role("button", name="Play").first.click()
    page.wait_for_function("document.getElementById('audio').currentTime > 0.3")
    page.wait_for_function("parseFloat(document.getElementById('playhead').style.left) > 3")
    page.keyboard.press("o")
    page.wait_for_function("!document.getElementById('audio').paused")
    assert page.locator("#compare").get_attribute("aria-pressed") == "true"
    assert page.locator("#compare").text_content() == "Hear it with the picture"
    assert page.locator("#status").text_content() == "You see and hear the song alone."
    # The other sound goes on where the first one was.
    page.wait_for_function("document.getElementById('audio').currentTime > 0.3")
    page.evaluate(
        "document.getElementById('audio').addEventListener('seeking', event => {"
        " window.sought = event.target.currentTime; })"
    )
    page.locator("#plane").click(position={"x": 5, "y": 50})
    page.wait_for_function("window.sought < 0.3")
    page.get_by_role("button", name="Pause").first.click()
    assert page.evaluate("document.getElementById('audio').paused")


def test_hasty_comparing_keeps_the_place_and_keys_work_everywhere(open_page):
    page = open_page()
    play_slowly(page)
    page.locator("#plane").click(position={"x": 500, "y": 50})
    page.wait_for_function("document.getElementById('audio').currentTime > 1")
    place = page.evaluate("document.getElementById('audio').currentTime")
    page.get_by_role("button", name="Play").first.click()
    for _ in range(8):
        page.keyboard.press("o")
        # Hasty: the next one comes with the next frame, while the sound is being loaded.
        page.evaluate("new Promise(requestAnimationFrame)")
    page.wait_for_function(
        "place => { const { currentTime, paused } = document.getElementById('audio');"
        " return currentTime >= place && !paused; }",
        arg=place,
    )
    # Where the focus is on a slider, space is still for the sound.
    page.locator("#slider").click()
    page.keyboard.press("Space")
    assert page.evaluate("document.getElementById('audio').paused")


def test_every_place_of_the_slider_has_its_own_sound(open_page):
    page = open_page(unfold=False)
    heard = set()
    places = int(page.locator("#slider").get_attribute("max")) + 1
    for index in range(places):
        move_slider(page, index)
        heard.add(page.evaluate("document.getElementById('audio').src"))
        assert "nearest" not in page.locator("#carried").text_content()
    assert len(heard) == places >= 4


def test_a_solution_without_a_sound_is_shown_as_the_blend_that_it_is(chromium, display_problem, tmp_path):
    result = run_search(
        display_problem,
        NSGA2(pop_size=8, sampling=GradientSeedSampling(n_seeds=3, steps=5)),
        ("n_gen", 2),
        seed=1,
    )
    ends = [0, len(result.F) - 1]
    sounds = {index: result.exporter.of_mask(result.X[index]) for index in ends}
    (tmp_path / "index.html").write_text(explorer_page(result, sounds, limits=PageLimits(solutions=20)))
    page = chromium.new_page(viewport={"width": 1366, "height": 900})
    page.set_default_timeout(PATIENCE)
    page.goto((tmp_path / "index.html").as_uri())
    page.locator("#research summary").click()
    page.wait_for_selector("#front .scatterlayer .point")
    silent = page.evaluate(
        "JSON.parse(document.getElementById('data').textContent).solutions.findIndex((one) => !one.audio)"
    )
    move_slider(page, silent)
    blend = page.get_by_role("button", name="target blend")
    assert blend.get_attribute("aria-pressed") == "true"
    assert "blend" in page.locator("#spectrogram").get_attribute("alt")
    assert "you hear the nearest" in page.locator("#carried").text_content()
    with page.expect_download() as download:
        page.get_by_role("button", name="PNG").click()
    assert download.value.suggested_filename == f"solution-{silent:03d}-blend.png"
    assert page.evaluate("document.getElementById('front')._fullLayout.dragmode") is False
    page.close()


def test_views_and_evolution(open_page):
    page = open_page()
    seen = set()
    for name in ("sound as exported", "target blend", "original sound", "picture as sound"):
        page.get_by_role("button", name=name).click()
        seen.add(page.locator("#spectrogram").get_attribute("src"))
    assert len(seen) == 4
    page.locator("#scrub").fill("0")
    assert "seeding" in page.locator("#moment").text_content()
    page.locator("#evolve").click()
    page.wait_for_function("document.getElementById('moment').textContent.includes('generation 4')")
    assert "Play" in page.locator("#evolve").text_content()


def test_downloads_are_files_of_their_kind(open_page, tmp_path):
    page = open_page()
    with page.expect_download() as download:
        page.get_by_role("button", name="WAV").click()
    download.value.save_as(tmp_path / "sound.wav")
    with wave.open(str(tmp_path / "sound.wav")) as sound:
        assert sound.getframerate() == 16000
        assert 3.7 < sound.getnframes() / 16000 < 4.1
        samples = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2")
    assert 1000 < np.abs(samples).max() <= 32767
    with page.expect_download() as download:
        page.get_by_role("button", name="PNG").click()
    download.value.save_as(tmp_path / "picture.png")
    with Image.open(tmp_path / "picture.png") as picture:
        assert picture.format == "PNG"
        assert picture.convert("L").getextrema()[1] > 100


@pytest.mark.parametrize("width", [360, 768, 1600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_width_overflows(open_page, width, scheme):
    page = open_page(width, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 19, 22)"
    assert dark == (scheme == "dark")
    page.get_by_role("button", name="Switch between dark and light").click()
    assert (page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 19, 22)") != dark


def test_everything_can_be_told_without_seeing(open_page):
    page = open_page()
    nameless = page.evaluate("""() => [...document.querySelectorAll("button, input, img")].filter((item) =>
        !(item.textContent.trim() || item.ariaLabel || item.alt || item.closest("label")))
        .map((item) => item.outerHTML)""")
    assert nameless == []
    assert page.locator("#status").get_attribute("aria-live") == "polite"
    assert page.locator("b").count() == 0
    assert "song.wav" in page.title()


def test_a_page_of_one_solution_works_too(chromium, display_problem, tmp_path):
    write_single(tmp_path, display_problem, minimize_weighted(display_problem, steps=5), {}, 1.0)
    page, complaints = chromium.new_page(viewport={"width": 1200, "height": 900}), []
    page.set_default_timeout(PATIENCE)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((tmp_path / "index.html").as_uri())
    page.locator("#research summary").click()
    page.wait_for_selector("#front .scatterlayer .point")
    page.keyboard.press("ArrowRight")
    assert page.locator("#values").text_content().startswith("The only solution: visual display ")
    assert page.locator("header p").text_content().startswith("A picture in the sound")
    named = page.locator("#carried").text_content().split("the file without loss is ")[1].rstrip(".")
    assert (tmp_path / named).is_file()
    boxes = [page.locator(name).bounding_box() for name in ("#front .xtitle", "#values")]
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"]
    # There is nothing to choose from.
    for hidden in ("#evolution-section", "#along", "#picks", "#along-keys"):
        assert page.locator(hidden).is_hidden()
    page.close()
    assert complaints == []


def test_the_page_stays_small(address):
    assert Path(address.removeprefix("file://")).stat().st_size < 15e6
