"""Inputs that cannot be read twice, and what is no file: one line, before anything is read."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from pymoo_moss import cli
from pymoo_moss.errors import AudioError, OptionError, PictureError
from pymoo_moss.runs import check_inputs, file_hashes

from ..processes import guarded

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")


@pytest.fixture
def files(tmp_path, picture, sound):
    """A picture, a sound, and what is neither, by name."""
    Image.fromarray(np.round(255 * picture).astype(np.uint8)).save(tmp_path / "picture.png")
    soundfile.write(tmp_path / "sound.wav", sound[0], sound[1])
    (tmp_path / "folder").mkdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
    named = {"picture": "picture.png", "sound": "sound.wav", "folder": "folder", "pipe": "pipe"}
    return {name: str(tmp_path / file) for name, file in named.items()} | {
        "device": os.devnull,
        "endless": "/dev/zero",
        "missing": str(tmp_path / "none"),
    }


@needs_pipes
@pytest.mark.parametrize("kind", ["image", "audio"])
@pytest.mark.parametrize(("what", "reason"), [("pipe", "read only once"), ("folder", "a folder")])
def test_only_ordinary_files_are_hashed_and_copied(files, kind, what, reason):
    error = PictureError if kind == "image" else AudioError
    for check in (check_inputs, file_hashes):
        with pytest.raises(error, match=f"'{files[what]}' is .*{reason}"):
            check({kind: Path(files[what])})


def test_files_and_links_to_files_pass(files, tmp_path):
    check_inputs({"image": Path(files["picture"]), "audio": Path(files["missing"])})
    if sys.platform != "win32":
        (tmp_path / "link").symlink_to(files["picture"])
        check_inputs({"image": tmp_path / "link"})


@pytest.mark.parametrize("command", ["blend", "single"])
def test_a_picture_and_a_sound_in_each_others_place_are_to_be_swapped(files, tmp_path, command):
    picture, sound, out = files["picture"], files["sound"], tmp_path / "out"
    with pytest.raises(OptionError, match=r"the sound '.*sound.wav' and the picture '.*picture.png': swap"):
        cli.app([command, sound, picture, "--out", str(out)], standalone_mode=False)
    # Nothing is to be swapped where one of them is neither, missing, or right.
    (tmp_path / "text").write_text("neither")
    for image in ("text", sound):
        for audio in ("text", "none", sound):
            with pytest.raises(PictureError):
                cli.app([command, str(tmp_path / image), audio, "--out", str(out)], standalone_mode=False)
    with pytest.raises(AudioError):
        cli.app([command, picture, picture, "--out", str(out)], standalone_mode=False)
    assert not out.exists()


@pytest.mark.parametrize("command", ["blend", "single"])
@pytest.mark.parametrize("what", ["folder", "device"])
def test_commands_refuse_what_is_no_file(files, tmp_path, command, what):
    for image, audio, error in (
        (files[what], files["sound"], PictureError),
        (files["picture"], files[what], AudioError),
    ):
        with pytest.raises(error, match=r"is a (folder|device): name a file"):
            cli.app([command, image, audio, "--out", str(tmp_path / "out")], standalone_mode=False)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("what", ["folder", "device"])
def test_a_study_file_is_a_file(files, tmp_path, what):
    with pytest.raises(OptionError, match=r"expected a study file, .* is a (folder|device): name a file"):
        cli.app(["study", files[what], "--out", str(tmp_path / "out")], standalone_mode=False)


@pytest.mark.process
@needs_pipes
@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["blend", "{pipe}", "{sound}"], "a picture, '{pipe}' is a pipe"),
        (["blend", "{picture}", "{pipe}"], "a sound, '{pipe}' is a pipe"),
        (["single", "{picture}", "{pipe}"], "a sound, '{pipe}' is a pipe"),
        (["single", "{picture}", "/dev/stdin"], "a sound, '/dev/stdin' is a pipe"),
        (["blend", "{endless}", "{sound}"], "a picture, '{endless}' is a device"),
        (["study", "{pipe}"], "a study file, '{pipe}' is a pipe"),
        (["study", "{endless}"], "a study file, '{endless}' is a device"),
        (["resume", "{pipe}"], "'{pipe}' holds no run"),
    ],
)
def test_pipes_and_endless_devices_get_one_line_at_once(files, tmp_path, command, message):
    typed = [part.format(**files) for part in command]
    out = [] if command[0] == "resume" else ["--out", str(tmp_path / "out")]
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    # The pipes stay open while the program runs: it would wait for what comes from them.
    held = os.open(files["pipe"], os.O_RDWR)
    started = subprocess.Popen([sys.executable, "-m", "pymoo_moss", *typed, *out], **streams)
    try:
        with guarded(started) as process:
            said = process.stderr.read().decode()
            assert process.wait() == 2
    finally:
        os.close(held)
    assert message.format(**files) in said
    assert said.startswith("pymoo-moss: ")
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()
