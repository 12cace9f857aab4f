"""The tab "Hide in a song", without a browser."""

import threading
import zipfile
from dataclasses import astuple

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from pymoo_moss.app.choosing import Choosing
from pymoo_moss.app.editing import Edits
from pymoo_moss.app.hiding import Hiding, hidden_files, stop
from pymoo_moss.app.job import Job
from pymoo_moss.app.marking import FIRST_CORNER, MARKED, SECOND_CORNER, Marking, click, fields_of
from pymoo_moss.app.place import plan_of, rectangle_of
from pymoo_moss.app.song_view import Rectangle, view_of
from pymoo_moss.app.texts import Hints, public_text, report_on_page
from pymoo_moss.app.updates import Updates
from pymoo_moss.errors import OptionError
from pymoo_moss.release import HidingPlan

from ..processes import PATIENCE

RATE = 22_050
SECONDS = 4
NOTHING = ("", "", "", "", "")
NAMES = ("start", "stop", "status", "progress", "results", "song", "viewers", "report", "job")
NAMES += ("download_song", "download_all", "version", "songs")


@pytest.fixture(scope="module")
def view():
    return view_of(torch.zeros(10 * RATE), RATE)


@pytest.fixture
def song(tmp_path):
    samples = 0.1 * np.random.default_rng(1).standard_normal((SECONDS * RATE, 2))
    soundfile.write(tmp_path / "noise.wav", samples, RATE)
    return tmp_path / "noise.wav"


@pytest.fixture
def disc(picture, tmp_path):
    Image.fromarray((255 * picture).astype(np.uint8)).save(tmp_path / "disc.png")
    return tmp_path / "disc.png"


def arguments(path, **changes):
    """What the page hands to `Hiding.hide`, in its order."""
    given = {"kind": "Text", "picture": None, "text": "HI", "code": "", "song": str(path)}
    given |= {"begin": "", "seconds": "", "low": "", "high": "", "level": ""}
    given |= {"effort": "quick", "format": "wav", "invert": "auto"}
    return *(given | changes).values(), None, *astuple(Edits())


def test_a_tone_is_drawn_at_its_frequency_and_its_time():
    wave = torch.sin(2 * torch.pi * 6000 * torch.arange(4 * RATE) / RATE)
    wave[: 2 * RATE] = 0
    view = view_of(wave, RATE)
    corners = [(view._column(seconds), view._row(6000)) for seconds in (1, 3)]
    before, during = (sum(view.image.getpixel(corner)) for corner in corners)
    assert view.image.size == (1000, 360)
    assert before == 0 or before < during / 4
    assert during > 300


def test_two_clicks_are_a_rectangle_and_a_third_begins_anew(view):
    marking = Marking(view)
    corners = [(view._column(seconds), view._row(hz)) for seconds, hz in ((7, 4000), (2, 8000))]
    image, note, fields = click(marking, corners[0])
    assert (note, fields) == (SECOND_CORNER, [""] * 4)
    assert image.tobytes() != view.image.tobytes()
    image, note, fields = click(marking, corners[1])
    assert note == MARKED
    assert list(map(float, fields)) == pytest.approx([2, 5, 4000, 8000], rel=0.01)
    outline = Rectangle(*map(float, fields))
    assert image.tobytes() == view.with_rectangle(outline).tobytes()
    assert click(marking, corners[0])[1:] == (SECOND_CORNER, [""] * 4)


def test_clicks_outside_of_the_axes_are_at_their_edges(view):
    marking = Marking(view)
    click(marking, (0, 0))
    fields = click(marking, (999, 359))[2]
    assert list(map(float, fields)) == pytest.approx([0, 10, 0, RATE / 2], abs=1)


def test_two_clicks_on_one_point_are_no_rectangle(view):
    marking = Marking(view)
    click(marking, (400, 100))
    assert click(marking, (402, 200)) == (None, SECOND_CORNER, None)
    assert click(marking, (500, 200))[1] == MARKED


def test_clicks_without_a_song_do_nothing():
    assert click(Marking(), (400, 100)) == (None, FIRST_CORNER, None)


def test_what_is_left_empty_is_chosen():
    assert plan_of(NOTHING, 44_100) == HidingPlan()
    assert plan_of((" ", "", "", "", ""), 44_100, effort="quick", invert="yes") == HidingPlan(
        effort="quick", invert=True
    )


def test_fields_are_a_plan():
    plan = plan_of(("1:30.5", "8", "9000", "12000,5", "-25"), 44_100)
    assert (plan.start, plan.duration, plan.level_db) == (90.5, 8, -25)
    assert plan.band == (9000, 12_000.5)


def test_an_edge_that_is_not_typed_is_the_usual_one():
    assert plan_of(("", "", "9000", "", ""), 44_100).band == (9000, 16_000)
    assert plan_of(("", "", "", "12000", ""), 44_100).band == (8000, 12_000)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (("soon", "", "", "", ""), "expected 'Begin at' in seconds, or in minutes and seconds as 1:30, got"),
        (("-1", "", "", "", ""), "expected 'Begin at'"),
        (("1:2:3:4", "", "", "", ""), "expected 'Begin at'"),
        (("", "0", "", "", ""), "expected 'Seconds' above 0"),
        (("", "nan", "", "", ""), "expected 'Seconds' as a number of 0 or more, got 'nan'"),
        (("", "", "low", "", ""), "expected 'Lowest frequency' as a number of 0 or more, got 'low'"),
        (("", "", "", "-5", ""), "expected 'Highest frequency'"),
        (("", "", "", "", "loud"), "expected 'Level' as a number, got 'loud'"),
    ],
)
def test_fields_that_cannot_be_used_are_told_in_one_line(fields, said):
    with pytest.raises(OptionError) as refused:
        plan_of(fields, 44_100)
    assert str(refused.value).startswith(said)
    assert "\n" not in str(refused.value)


def test_the_fields_of_a_rectangle_are_that_rectangle():
    rectangle = Rectangle(1.25, 3.5, 4000, 8000)
    assert rectangle_of(tuple(fields_of(rectangle))) == rectangle
    assert rectangle_of(("1", "2", "4000", "")) is None
    assert rectangle_of(("1", "2", "8000", "4000")) is None
    assert rectangle_of(("1", "x", "4000", "8000")) is None


def test_names_of_the_plan_are_those_of_the_page():
    said = public_text("expected start within the song, below 4 s, got 9 s: begin earlier")
    assert said == "expected the beginning ('Begin at') within the song, below 4 s, got 9 s: begin earlier"
    assert "--" not in report_on_page("# Song\nA louder picture (`--level`) is kept better")


def test_a_picture_is_hidden_in_a_song(disc, song, tmp_path):
    said = []
    made = hidden_files(
        disc, song, tmp_path / "made", HidingPlan(effort="quick", threads=1), "flac", say=said.append
    )
    assert {label: path.name for label, path in made.songs.items()} == {
        "Clear picture and song": "noise-hidden.flac",
        "More picture": "noise-hidden-more-picture.flac",
        "Between": "noise-hidden-between.flac",
        "More song": "noise-hidden-more-song.flac",
    }
    assert made.archive.name == "noise-hidden.zip"
    for path in made.songs.values():
        written = soundfile.info(path)
        assert (written.samplerate, written.channels, written.frames) == (RATE, 2, SECONDS * RATE)
    assert made.report.startswith("# disc.png in noise.wav")
    with Image.open(made.viewers) as sheet:
        assert sheet.width > 1000
    with zipfile.ZipFile(made.archive) as archive:
        assert {"song.flac", "index.html", "report.md", "viewers.png"} <= set(archive.namelist())
        kept = archive.read("more/3-more-song.flac")
    assert made.songs["More song"].read_bytes() == kept
    assert said[0].startswith("reading")
    assert any(one.startswith("searching: generation") for one in said)
    assert said[-1] == "packing the download"


def test_a_song_to_hide_in_is_shown_and_its_fields_are_emptied(song, tmp_path):
    gradio = pytest.importorskip("gradio")
    marking, hints = Marking(corner=(1, 1)), Hints.of_limits(1, 60, 1)
    choosing = Choosing(Updates(gradio, ()), tmp_path / "app", 60, hints)
    *_, (file, shown, note, marked, begin, seconds, low, high) = choosing.song(str(song), marking, set())
    assert (file, marked, begin, seconds) == (str(song), FIRST_CORNER, "", "")
    assert f"4.0 s, {RATE} Hz" in note
    assert shown is marking.view.image
    assert marking.corner is None
    assert (low.value, low.placeholder, high.placeholder) == ("", "4961", "9922")
    soundfile.write(tmp_path / "long.wav", np.ones(61 * 8000), 8000)
    *_, answer = choosing.song(str(tmp_path / "long.wav"), marking, set())
    assert "expected at most 60 s of sound" in answer[2]
    assert marking.view is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"text": " "}, "expected a text to hide: type it"),
        ({"kind": "QR code"}, "expected an address or text: type it"),
        ({"kind": "Picture"}, "expected a picture: choose one first"),
        ({"song": None}, "expected a song: choose one first"),
        ({"begin": "9"}, "expected the beginning ('Begin at') within the song, below 4 s, got 9 s"),
        ({"level": "loud"}, "expected 'Level' as a number"),
    ],
)
def test_what_cannot_be_hidden_is_told_in_one_line(song, tmp_path, changes, said):
    gradio = pytest.importorskip("gradio")
    updates = []
    hiding = Hiding(Updates(gradio, NAMES), tmp_path / "app", 60)
    with pytest.raises(gradio.Error) as refused:
        updates.extend(hiding.hide(set(), *arguments(song, **changes)))
    assert refused.value.message.startswith(said)
    assert "\n" not in refused.value.message


def test_a_job_is_stopped_and_ends_with_what_it_has():
    begun = threading.Event()

    def work(job):
        begun.set()
        while not job.stopping:
            job.wait(0.01)
        return "made"

    job = Job(work)
    assert begun.wait(PATIENCE)
    assert stop(job) == "stopping; what was found is written"
    assert job.wait(PATIENCE)
    assert job.result == "made"
    assert stop(None) == "nothing is being hidden"


def test_an_abandoned_job_begins_nothing_more():
    go, reached = threading.Event(), []

    def work(job):
        go.wait()
        job.begin("writing")
        reached.append("writing")

    job = Job(work)
    job.abandon()
    go.set()
    assert job.wait(PATIENCE)
    assert reached == []
