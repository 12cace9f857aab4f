import shutil
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from PIL import Image

from pymoo_moss import ParetoTracer
from pymoo_moss.explore import run_search, write_run
from pymoo_moss.explore.morph import morph_magnitude

from ..conftest import PLAIN


@pytest.fixture(scope="module")
def result(display_problem):
    return run_search(display_problem, ParetoTracer(12), ("n_gen", 3), seed=1)


def test_the_morph_begins_as_the_sound_and_ends_as_the_picture(result):
    encoder = result.problem.encoder
    morph = result.exporter.of_magnitude(morph_magnitude(result))
    assert morph.waveform.shape == encoder.audio_waveform.shape
    floor = encoder.log_floor

    def distance(other, frames):
        difference = morph.magnitude.log().clamp_min(floor) - other.log().clamp_min(floor)
        return float(difference[:, frames].abs().mean())

    first, last = slice(1, 12), slice(-12, -1)
    assert distance(encoder.audio_magnitude, first) < 0.5 * distance(encoder.image_magnitude, first)
    assert distance(encoder.image_magnitude, last) < 0.5 * distance(encoder.audio_magnitude, last)


def test_a_front_of_one_solution_is_a_morph_too(result):
    alone = replace(result, X=result.X[:1], F=result.F[:1])
    assert np.isfinite(alone.exporter.of_magnitude(morph_magnitude(alone)).waveform.numpy()).all()


@pytest.mark.render
def test_morph_and_video_are_written(result, tmp_path):
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
    write_run(tmp_path, result, count=1, morph=True)
    waveform, rate = soundfile.read(tmp_path / "morph.wav")
    assert 0.1 < np.abs(waveform).max() < 0.92
    with Image.open(tmp_path / "morph.png") as image:
        image.load()
    frames = imageio_ffmpeg.read_frames(str(tmp_path / "morph.mp4"))
    facts = next(frames)
    assert facts["duration"] == pytest.approx(len(waveform) / rate, abs=0.2)
    assert facts["audio_codec"] == "aac"
    width, height = facts["size"]
    pictures = [np.frombuffer(frame, np.uint8).reshape(height, width, 3) for frame in frames]
    assert len(pictures) == pytest.approx(12 * len(waveform) / rate, abs=2)
    # The playhead, the one thing that differs from frame to frame, moves to the right.
    still = np.median(pictures, axis=0)
    columns = [int(np.abs(picture - still).mean(axis=(0, 2)).argmax()) for picture in pictures[1:]]
    assert (np.diff(columns) > 0).all()
    assert columns[-1] > columns[0] + 0.5 * width


@pytest.mark.parametrize("encoder", ["false", "an encoder that is not there"])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_run_is_written_without_a_video_that_cannot_be_encoded(encoder, result, tmp_path, monkeypatch):
    pytest.importorskip("imageio_ffmpeg")
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", shutil.which(encoder) or str(tmp_path / encoder))
    with pytest.warns(UserWarning, match=r"cannot write the video.*written without the video"):
        write_run(tmp_path / "run", result, count=1, morph=True, renderer=PLAIN)
    assert (tmp_path / "run" / "morph.wav").exists()
    assert not (tmp_path / "run" / "morph.mp4").exists()
    assert (tmp_path / "run" / "run.json").exists()
