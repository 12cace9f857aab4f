import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from pymoo_moss import get_problem, list_problems
from pymoo_moss.errors import MossError, OptionError
from pymoo_moss.instances import catalogue

DATA = Path(catalogue.__file__).parent / "data"
TOOLS = Path(__file__).parents[2] / "tools"


@pytest.mark.parametrize("name", list_problems())
def test_every_problem_is_as_its_name_says(name):
    picture, sound, grid = name.split("-")
    problem = get_problem(name)
    assert problem.encoder.grid == tuple(map(int, grid.split("x")))
    assert (DATA / f"{picture}.png").is_file()
    assert (DATA / f"{sound}.flac").is_file()
    assert problem.hypervolume(problem.evaluate(np.full((1, problem.n_var), 0.5))) > 0.2


def test_overrides_change_the_problem():
    problem = get_problem(list_problems()[0], preset="display", grid=(8, 16), normalize=True)
    assert problem.n_var == 128
    assert problem.objectives[0].name == "visual_display"
    with pytest.raises(OptionError, match="did you mean 'grid'"):
        get_problem(list_problems()[0], gird=(8, 16))


def test_unknown_problems_name_the_nearest():
    with pytest.raises(OptionError, match="did you mean 'lighthouse-prelude-64x128'"):
        get_problem("lighthouse-prelude")


def test_a_changed_file_is_refused(monkeypatch):
    monkeypatch.setattr(catalogue.hashlib, "sha256", lambda data: __import__("hashlib").md5(data))
    with pytest.raises(MossError, match="was changed"):
        get_problem(list_problems()[0])


def test_the_music_is_well_made():
    waveform, rate = soundfile.read(DATA / "prelude.flac")
    assert rate == 16000
    assert 9 < len(waveform) / rate < 11
    assert 0.8 < np.abs(waveform).max() < 0.95
    assert abs(waveform.mean()) < 1e-4
    blocks = np.abs(waveform[: len(waveform) // 800 * 800]).reshape(-1, 800).max(axis=1)
    assert blocks.min() > 1e-5


def test_the_strings_are_in_tune():
    sys.path.insert(0, str(TOOLS))
    try:
        import pluck_prelude
    finally:
        sys.path.remove(str(TOOLS))
    for name, expected in (("A4", 440.0), ("C4", 261.6256), ("C3", 130.8128), ("F5", 698.4565)):
        assert pluck_prelude.frequency(name) == pytest.approx(expected, rel=1e-6)
        note = pluck_prelude.pluck(expected, 2.0, 0.7, np.random.default_rng(0))
        spectrum = np.abs(np.fft.rfft(note * np.hanning(len(note)), 2**19))
        frequencies = np.arange(len(spectrum)) * 16000 / 2**19
        near = np.abs(frequencies / expected - 1) < 0.05
        peak = frequencies[near][spectrum[near].argmax()]
        assert abs(1200 * np.log2(peak / expected)) < 3


def test_the_picture_comes_from_its_script(tmp_path):
    subprocess.run([sys.executable, TOOLS / "draw_lighthouse.py", tmp_path / "again.png"], check=True)
    again = np.asarray(Image.open(tmp_path / "again.png"), dtype=int)
    shipped = np.asarray(Image.open(DATA / "lighthouse.png"), dtype=int)
    # Another version of numpy may round a pixel the other way.
    assert np.abs(again - shipped).max() <= 2


def test_the_music_comes_from_its_script(tmp_path):
    subprocess.run([sys.executable, TOOLS / "pluck_prelude.py", tmp_path / "again.flac"], check=True)
    again, shipped = (soundfile.read(path)[0] for path in (tmp_path / "again.flac", DATA / "prelude.flac"))
    assert np.abs(again - shipped).max() < 2e-3
