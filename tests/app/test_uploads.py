"""What the app says of uploads, without a browser."""

import threading
import warnings

import numpy as np
import pytest
import soundfile
from PIL import Image

from pymoo_moss import MaskEncoder
from pymoo_moss.app.choosing import Choosing
from pymoo_moss.app.notices import collected
from pymoo_moss.app.reading import read_upload_as_picture, read_upload_as_sound
from pymoo_moss.app.texts import Hints, accepted, public_text
from pymoo_moss.app.updates import Updates
from pymoo_moss.errors import AudioError, PictureError
from pymoo_moss.spectrogram import read_picture

gradio = pytest.importorskip("gradio")

HINTS = Hints.of_limits(50_000_000, 600, 100)


@pytest.fixture
def choosing(tmp_path):
    return Choosing(Updates(gradio, ()), tmp_path / "app", 2.0, HINTS)


@pytest.fixture
def drawing(tmp_path):
    """A file that is read with a warning."""
    drawing = Image.new("L", (320, 200), 255)
    drawing.paste(0, (100, 50, 110, 150))
    drawing.save(tmp_path / "drawing.png")
    return tmp_path / "drawing.png"


def two_frames(path):
    """A file that is read with a warning of `read_picture` alone."""
    frames = [Image.linear_gradient("L"), Image.linear_gradient("L").rotate(90)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    return path


def test_a_picture_is_shown_upright_in_greys(choosing, tmp_path):
    ramp = np.tile(np.arange(0, 240, dtype=np.uint8), (120, 1))
    exif = Image.Exif()
    exif[0x0112] = 3
    Image.fromarray(ramp).save(tmp_path / "ramp.png", exif=exif)
    *_, (file, preview, note) = choosing.picture(str(tmp_path / "ramp.png"), "auto", set())
    assert file == str(tmp_path / "ramp.png")
    shown = np.asarray(preview).astype(int)
    assert shown.shape == (120, 240)
    assert shown[:, 0].tolist() == [255] * 120
    assert shown[:, -1].tolist() == [0] * 120
    assert "240 x 120 pixels" in note


def test_a_large_picture_is_shown_smaller(choosing, tmp_path):
    Image.effect_noise((5000, 2500), 60).save(tmp_path / "large.png", compress_level=1)
    *_, (_, preview, note) = choosing.picture(str(tmp_path / "large.png"), "auto", set())
    assert preview.size == (1000, 500)
    assert "5000 x 2500 pixels" in note


def test_a_sound_is_heard_as_it_is_searched(choosing, tmp_path):
    rate = 44_100
    tone = 1.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    soundfile.write(tmp_path / "tone.wav", np.stack([tone, tone], axis=1), rate, subtype="FLOAT")
    *_, (_, heard, note) = choosing.sound(str(tmp_path / "tone.wav"), set())
    samples, rate = soundfile.read(heard)
    assert (rate, samples.shape) == (16_000, (16_000,))
    assert np.abs(np.fft.rfft(samples)).argmax() == 440
    # Scaled as a whole, and not cut off.
    assert np.abs(samples).max() == pytest.approx(1, abs=0.01)
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(1 / np.sqrt(2), abs=0.02)
    assert "1.0 s" in note


def test_what_is_refused_leaves_its_box_empty_and_the_reason_beside_it(choosing, tmp_path):
    (tmp_path / "a < b.mp3").write_text("no sound")
    first, last = choosing.sound(str(tmp_path / "a < b.mp3"), set())
    assert "reading 'a &lt; b.mp3'" in first[2]
    assert last[:2] == [None, None]
    assert "not taken: 'a &lt; b.mp3' is " in last[2]
    assert str(tmp_path) not in last[2]
    assert last[2].endswith(HINTS.sound)


def test_an_emptied_box_has_its_hint_again(choosing):
    # The box itself is left alone: another file may be on its way into it.
    for answers, hint in (
        (choosing.picture(None, "auto", set()), HINTS.picture),
        (choosing.sound(None, set()), HINTS.sound),
    ):
        (answer,) = answers
        assert answer[0] == choosing._updates.gradio.skip()
        assert answer[1:] == [None, hint]


@pytest.mark.parametrize(("invert", "said"), [("auto", True), ("no", False), ("yes", False)])
def test_an_inversion_is_said_where_it_is_decided_for_the_user(choosing, drawing, invert, said):
    told = set()
    *_, (_, _, note) = choosing.picture(str(drawing), invert, told)
    assert ("dark and bright are swapped" in note) == said == bool(told)
    assert "--" not in note
    assert ("choose no under 'Swap dark and bright' to keep them" in note) == said


def test_the_same_is_said_of_the_same_file_each_time(choosing, drawing):
    notes = [list(choosing.picture(str(drawing), "auto", set()))[-1][2] for _ in range(2)]
    assert notes[0] == notes[1]
    assert "swapped" in notes[1]


@pytest.mark.parametrize("seconds", [2.1, 100])
def test_a_sound_beyond_the_limit_is_refused_before_it_is_decoded_whole(tmp_path, seconds):
    soundfile.write(tmp_path / "long.wav", np.zeros(int(seconds * 8000)), 8000)
    with pytest.raises(AudioError, match=r"expected at most 2 s of sound, 'long.wav' has more: cut out"):
        read_upload_as_sound(tmp_path / "long.wav", 2.0)


def test_the_limit_of_the_app_is_named_also_for_what_no_reader_takes(tmp_path):
    soundfile.write(tmp_path / "day.flac", np.zeros(86_400 * 1000, dtype=np.int16), 1000)
    with pytest.raises(AudioError, match=r"expected at most 600 s of sound, 'day.flac' has more"):
        read_upload_as_sound(tmp_path / "day.flac", 600)


def test_a_sound_of_no_grid_is_too_short(tmp_path):
    soundfile.write(tmp_path / "click.wav", np.eye(1, 1600)[0], 16_000)
    with pytest.raises(AudioError, match=r"expected at least 0.5 s of sound, 'click.wav' has 0.1"):
        read_upload_as_sound(tmp_path / "click.wav", 600)


@pytest.mark.parametrize(("samples", "grids"), [(8000, ["16x32"]), (16_200, ["32x64"]), (32_640, ["64x128"])])
def test_a_short_sound_is_told_which_grids_fit(samples, grids, tmp_path):
    soundfile.write(tmp_path / "short.wav", 0.1 * np.random.default_rng(0).standard_normal(samples), 16_000)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        waveform = read_upload_as_sound(tmp_path / "short.wav", 600)
    said = " ".join(str(one.message) for one in caught)
    assert ("is short: under More options" in said) == (grids != ["64x128"])
    for grid in grids:
        size = tuple(map(int, grid.split("x")))
        MaskEncoder(np.eye(40), (waveform, 16_000), grid=size)


def test_a_picture_beyond_the_limit_is_refused(tmp_path):
    Image.new("1", (10_000, 5001)).save(tmp_path / "large.png")
    with pytest.raises(PictureError, match=r"expected at most 50 megapixels, 'large.png' has 50: scale"):
        read_upload_as_picture(tmp_path / "large.png")


def test_warnings_of_the_package_in_this_thread_are_collected(tmp_path):
    path = two_frames(tmp_path / "two.gif")
    shown, filters = warnings.showwarning, list(warnings.filters)
    with collected() as texts:
        for _ in range(2):
            read_picture(path)
    assert texts == [f"'{path}' holds 2 pictures: number 1 is used"]
    assert (warnings.showwarning, list(warnings.filters)) == (shown, filters)


def test_warnings_of_others_and_in_other_threads_are_shown_as_before(tmp_path):
    path = two_frames(tmp_path / "two.gif")
    with warnings.catch_warnings(record=True) as shown, collected() as texts:
        warnings.warn("of a test", stacklevel=1)
        thread = threading.Thread(target=read_picture, args=[path])
        thread.start()
        thread.join()
    assert texts == []
    assert [str(one.message).partition(" holds ")[2] for one in shown] == ["", "2 pictures: number 1 is used"]


def test_threads_collect_their_own_whichever_ends_first(tmp_path):
    paths = [two_frames(tmp_path / f"{name}.gif") for name in ("first", "second")]
    begun, read, shown = threading.Event(), threading.Event(), warnings.showwarning
    found = {}

    def second():
        with collected() as texts:
            begun.set()
            read.wait()
            read_picture(paths[1])
        found["second"] = list(texts)

    thread = threading.Thread(target=second)
    with collected() as texts:
        thread.start()
        begun.wait()
        read_picture(paths[0])
    read.set()
    thread.join()
    assert (len(texts), len(found["second"])) == (1, 1)
    assert "first.gif" in texts[0]
    assert "second.gif" in found["second"][0]
    assert warnings.showwarning is shown


def test_limits_are_said_in_words():
    assert "at most 50 megapixels and 100 MB." in HINTS.picture
    assert "at most 10 minutes and 100 MB." in HINTS.sound
    assert "at most 90 seconds" in Hints.of_limits(1, 90, 1).sound


def test_notes_are_text_and_no_markup():
    assert "<b>" not in accepted("3 s", ["'<b>' holds"])


def test_names_of_folders_are_left_out_of_warnings():
    assert public_text("'/tmp/x/a.gif' holds 2 pictures") == "'a.gif' holds 2 pictures"
