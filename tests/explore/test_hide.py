"""A hidden picture is written as a folder to release, look at and listen to."""

import json
import re

import numpy as np
import pytest
import soundfile
from PIL import Image

from pymoo_moss.errors import OptionError, OutputError
from pymoo_moss.explore import FORMATS, HidingPlan, Lettering, hide

RATE = 22_050
PLAN = HidingPlan(start=1.0, duration=1.5, band=(5000, 10_000), effort="quick")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    rng = np.random.default_rng(0)
    song = np.cumsum(rng.standard_normal((4 * RATE, 2)), axis=0)
    song = (song - np.linspace(song[0], song[-1], len(song))) / np.abs(song).max() * 0.4
    soundfile.write(
        folder / "song.wav", song + 1e-3 * rng.standard_normal(song.shape), RATE, subtype="PCM_16"
    )
    y, x = np.mgrid[-1:1:60j, -1:1:60j]
    Image.fromarray((255 * np.exp(-2 * (x**2 + y**2))).astype(np.uint8)).save(folder / "disc.png")
    return folder / "disc.png", folder / "song.wav"


@pytest.fixture(scope="module")
def written(files, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "release"
    phases, generations = [], []
    hidden = hide(*files, out, PLAN, on_phase=phases.append, after_generation=generations.append)
    assert phases == ["searching", "writing"]
    assert generations == list(range(1, len(generations) + 1))
    return out, hidden


@pytest.mark.render
def test_the_folder_has_what_is_released(written, files):
    out, hidden = written
    assert {path.name for path in out.iterdir()} == {
        "song.wav", "more", "viewers.png", "picture.png", "report.md", "index.html", "run.json", "masks.npz",
    }  # fmt: skip
    assert [path.name for path in sorted((out / "more").iterdir())] == [
        "1-more-picture.wav",
        "2-between.wav",
        "3-more-song.wav",
    ]
    before, rate = soundfile.read(files[1], dtype="int32")
    for path in (out / "song.wav", *(out / "more").iterdir()):
        after, rate_after = soundfile.read(path, dtype="int32")
        assert (rate_after, after.shape) == (rate, before.shape)
        changed = np.flatnonzero((after != before).any(axis=1))
        excerpt = hidden.encoder.excerpt
        assert excerpt.start <= changed.min() < changed.max() < excerpt.stop
    assert Image.open(out / "viewers.png").size[0] > 1000


@pytest.mark.render
def test_the_page_has_a_sound_for_every_place(written):
    out, _ = written
    data = (out / "index.html").read_text(encoding="utf-8")
    content = json.loads(re.search(r'id="data"[^>]*>(.*?)</script>', data, re.DOTALL)[1])
    assert len(content["solutions"]) >= 4
    assert all("audio" in solution for solution in content["solutions"])


@pytest.mark.render
def test_report_and_record_say_where_the_picture_is(written):
    out, hidden = written
    report = (out / "report.md").read_text(encoding="utf-8")
    assert "from 0:01.0 to 0:02.5, and from 5000 to 10000 Hz" in report
    assert "bit for bit" in report
    assert re.search(r"\| the file \| 0\.\d\d \| 0\.\d\d \|", report)
    options = json.loads((out / "run.json").read_text())["settings"]["options"]
    assert (options["start"], options["duration"], options["sample_rate"]) == (1.0, 1.5, RATE)
    assert options["level_db"] == hidden.level_db


@pytest.mark.render
@pytest.mark.parametrize("format", [name for name in FORMATS if name != "wav"])
def test_every_format_is_written(format, files, tmp_path):
    hide(Lettering("HI"), files[1], tmp_path / "out", PLAN, format=format)
    info = soundfile.info(tmp_path / "out" / f"song.{format}") if format != "m4a" else None
    assert info is None or info.channels == 2
    assert (tmp_path / "out" / f"song.{format}").stat().st_size > 1000
    report = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert ("bit for bit" in report) == (format == "flac")
    assert "compressed" in report or format == "flac"
    # Replaced, and what belongs to no run stays.
    with pytest.raises(OutputError, match="holds a run already"):
        hide(Lettering("HI"), files[1], tmp_path / "out", PLAN, format=format)


def test_what_cannot_be_done_leaves_no_folder(files, tmp_path):
    for wrong, message in (
        ({"format": "wma"}, "format"),
        ({"plan": HidingPlan(start=9.0)}, "within the song"),
    ):
        with pytest.raises(OptionError, match=message):
            hide(*files, tmp_path / "out", **wrong)
        assert not (tmp_path / "out").exists()
