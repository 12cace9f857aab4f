"""What a page holds, read back from it."""

import base64
import io
import json
import re

import numpy as np
import pytest
import soundfile
from PIL import Image
from pymoo.algorithms.moo.nsga2 import NSGA2

from pymoo_moss import LevelSampling, MOSSProblem, ParetoTracer, get_problem
from pymoo_moss.explore import page, run_search
from pymoo_moss.explore.page import PageSound, explorer_page
from pymoo_moss.explore.sound import export_sound
from pymoo_moss.spectrogram import encode_mp3


@pytest.fixture(scope="module")
def result(display_problem):
    return run_search(display_problem, ParetoTracer(12), ("n_gen", 3), seed=1)


@pytest.fixture(scope="module")
def sounds(result):
    encoder = result.problem.encoder
    return {
        index: PageSound.of(encoder, export_sound(result.problem, result.X[index]))
        for index in range(len(result.F))
    }


def content(text):
    return json.loads(re.search(r'<script id="data"[^>]*>(.*?)</script>', text, re.DOTALL).group(1))


def picture(address):
    kind, data = re.fullmatch(r"data:image/(\w+);base64,(.*)", address).groups()
    with Image.open(io.BytesIO(base64.b64decode(data)), formats=[kind.upper()]) as image:
        return np.asarray(image.convert("L"), dtype=float)


def test_the_page_holds_front_pictures_and_sounds(result, sounds):
    held = content(explorer_page(result, sounds))
    np.testing.assert_allclose([one["F"] for one in held["solutions"]], result.F)
    assert held["picks"] == {name: result.pick(name) for name in ("best visual", "balanced", "best audio")}
    balanced = held["solutions"][held["picks"]["balanced"]]
    waveform, rate = soundfile.read(io.BytesIO(base64.b64decode(balanced["audio"])))
    encoder = result.problem.encoder
    assert len(waveform) / rate == pytest.approx(held["seconds"], abs=0.15)
    expected = export_sound(result.problem, result.X[held["picks"]["balanced"]]).waveform.numpy()
    assert np.sqrt((waveform**2).mean()) == pytest.approx(np.sqrt((expected**2).mean()), rel=0.1)
    # White of the mask is at the top of its picture where the picture's high frequencies are.
    mask = picture(balanced["mask"]) / 255
    drawn = result.X[held["picks"]["balanced"]].reshape(encoder.grid)[::-1]
    np.testing.assert_allclose(mask, drawn, atol=0.1)
    assert picture(balanced["heard"]).shape == picture(held["original"]["spectrogram"]).shape
    assert held["bound"] is None
    assert len(held["sweep"]["x"]) == 101


def test_as_many_sounds_as_fit_and_the_picks_among_them(result, sounds, monkeypatch):
    whole = len(explorer_page(result, sounds))
    monkeypatch.setattr(page, "LARGEST_BYTES", whole - 100_000)
    text = explorer_page(result, sounds)
    assert len(text) < whole - 90_000
    held = content(text)["solutions"]
    carried = {index for index, one in enumerate(held) if "audio" in one}
    picks = {result.pick(name) for name in ("best visual", "balanced", "best audio")}
    assert picks < carried < set(sounds)
    monkeypatch.setattr(page, "LARGEST_BYTES", 1000)
    held = content(explorer_page(result, sounds))["solutions"]
    assert {index for index, one in enumerate(held) if "audio" in one} == picks


def test_the_certified_bound_is_below_the_front():
    problem = get_problem("owl-drums-16x32")
    result = run_search(problem, ParetoTracer(12), ("n_gen", 3), seed=1)
    sounds = {
        result.pick(name): PageSound.of(problem.encoder, export_sound(problem, result.X[result.pick(name)]))
        for name in ("best visual", "balanced", "best audio")
    }
    held = content(explorer_page(result, sounds, bounds=problem.front_bounds()))
    x, y = np.array(held["bound"]["x"]), np.array(held["bound"]["y"])
    assert (np.diff(x) >= 0).all()
    assert (np.diff(y) <= 0).all()
    inner = result.F[1:-1]
    # Drawn as chords of a convex line, a little above it.
    assert (np.interp(inner[:, 0], x, y) <= inner[:, 1] + 2e-3).all()
    assert (np.interp(inner[:, 0], x, y) >= inner[:, 1] - 0.05).all()


@pytest.mark.parametrize("rate", [1000, 11_000, 16_000, 44_100, 96_000])
def test_mp3_has_the_sound_at_a_rate_that_mp3_knows(rate, problem):
    time = np.arange(2 * rate) / rate
    tone = problem.encoder.audio_waveform.new_tensor(0.5 * np.sin(2 * np.pi * 200 * time))
    waveform, encoded = soundfile.read(io.BytesIO(encode_mp3(tone, rate)))
    assert encoded >= min(rate, 48_000)
    assert len(waveform) / encoded == pytest.approx(2.0, abs=0.2)
    spectrum = np.abs(np.fft.rfft(waveform * np.hanning(len(waveform))))
    assert np.argmax(spectrum) * encoded / len(waveform) == pytest.approx(200, abs=2)
    assert np.abs(waveform[encoded // 2 : encoded]).max() == pytest.approx(0.5, rel=0.1)


def test_three_objectives_and_odd_names_make_a_page(encoder):
    problem = MOSSProblem(encoder=encoder, objectives=["visual_l1", "audio_log_l1", "mask_roughness"])
    algorithm = NSGA2(pop_size=8, sampling=LevelSampling())
    settings = {"image": "{{data}}</script>", "audio": "{{script}}"}
    result = run_search(problem, algorithm, ("n_gen", 2), seed=1, settings=settings)
    index = result.pick("balanced")
    carried = {index: PageSound.of(problem.encoder, export_sound(problem, result.X[index]))}
    text = explorer_page(result, carried)
    assert len(content(text)["solutions"][0]["F"]) == 3
    assert (
        re.search(r"<title>(.*?)</title>", text).group(1).endswith("{{data}}&lt;/script&gt; and {{script}}")
    )
