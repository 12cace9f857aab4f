"""The command ``hide``: what it takes, and how it answers mistakes."""

import numpy as np
import pytest
import soundfile
import typer
from PIL import Image

from pymoo_moss import cli
from pymoo_moss.command_line import values
from pymoo_moss.spectrogram.lossy_export import CODECS

RATE = 22_050


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    rng = np.random.default_rng(0)
    soundfile.write(folder / "song.wav", 0.1 * rng.standard_normal((3 * RATE, 2)), RATE)
    Image.fromarray(rng.integers(0, 255, (40, 40)).astype(np.uint8)).save(folder / "picture.png")
    return folder / "picture.png", folder / "song.wav"


@pytest.fixture
def call(monkeypatch, capsys):
    def call(*arguments):
        monkeypatch.setattr("sys.argv", ["pymoo-moss", "hide", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return call


@pytest.mark.render
def test_a_text_is_hidden_in_a_song(call, files, tmp_path):
    out = tmp_path / "out"
    mask = np.full((30, 30), 255, dtype=np.uint8)
    mask[:, :15] = 0
    Image.fromarray(mask).save(tmp_path / "mask.png")
    options = ["--at", "0:01", "--for", "1.5", "--band", "5000-10000", "--level", "-20", "--effort", "quick"]
    options += ["--layer-mask", tmp_path / "mask.png"]
    code, said, _ = call(files[1], "--text", "HI", "--out", out, *options, "--format", "flac")
    assert code == 0
    assert f"The song is {out / 'song.flac'}" in said
    assert "from 1.0 to 2.5 s, 5000 to 10000 Hz, its white 20 dB under" in said
    after, rate = soundfile.read(out / "song.flac", dtype="int32")
    assert rate == RATE
    changed = (after != soundfile.read(files[1], dtype="int32")[0]).any(axis=1)
    # A window before and a pixel of the mask beside the half that it keeps.
    assert not changed[: int(1.6 * RATE)].any()
    assert changed[int(1.9 * RATE) : int(2.3 * RATE)].all()


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ([], "got a song alone"),
        (["--text", "a", "--qr", "b"], "got more than one thing to hide"),
        (["--text", "a", "--at", "5"], "expected --at within the song, below 3 s, got 5 s"),
        (["--text", "a", "--at", "1", "--for", "9"], "let it last 2 s"),
        (["--text", "a", "--band", "9000"], "--band: expected LOWER-UPPER in Hz"),
        (["--text", "a", "--band", "9000-12000"], "expected --band within 0 to 11025 Hz"),
        (["--text", "a", "--band", "9000-9050"], "expected --band of"),
        (["--text", "a", "--at", "one"], "--at: expected seconds or MINUTES:SECONDS"),
        (["--text", "a", "--level", "-89"], "expected --level of"),
        (["--text", "word " * 99], "shorten it to about"),
        (["--qr", "word " * 99], "shorten its text"),
        (["--text", "a", "--layer-mask", "missing.png"], "expected --layer-mask as a picture, white where"),
        (["--text", "a", "--format", "wma"], "--format: unknown format 'wma'"),
    ],
)
def test_mistakes_are_answered_in_one_line(call, files, tmp_path, given, complaint):
    code, _, said = call(files[1], *given, "--out", tmp_path / "out")
    assert code == 2
    assert complaint in said.splitlines()[-1]
    assert not (tmp_path / "out").exists()


def test_a_picture_and_a_text_are_too_much(call, files, tmp_path):
    code, _, said = call(*files, "--text", "a", "--out", tmp_path / "out")
    assert (code, "more than one thing to hide" in said) == (2, True)


@pytest.mark.parametrize(
    ("typed", "seconds"), [("90", 90.0), ("1:30", 90.0), ("1:30.5", 90.5), ("1:00:00", 3600.0), ("0", 0.0)]
)
def test_times_are_seconds_or_minutes_and_seconds(typed, seconds):
    assert values.time(typed) == seconds


@pytest.mark.parametrize("typed", ["", "x", "1:2:3:4", "-5", "nan", "1:"])
def test_other_times_are_mistakes(typed):
    with pytest.raises(typer.BadParameter, match="expected seconds"):
        values.time(typed)


def test_formats_of_the_help_are_those_that_exist(call):
    _, said, _ = call("--help")
    assert all(name in said for name in ("wav", "flac", *CODECS))
