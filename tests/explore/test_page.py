"""What a page holds, read back from it."""

import base64
import io
import itertools
import json
import re
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from pymoo.algorithms.moo.nsga2 import NSGA2

from pymoo_moss import FrontBounds, LevelSampling, MOSSProblem, ParetoTracer, get_problem
from pymoo_moss.explore import run_search
from pymoo_moss.explore.page import PageLimits, PageSound, compressed_original, explorer_page
from pymoo_moss.objectives import VisualDisplay
from pymoo_moss.runs import export_sound
from pymoo_moss.spectrogram import decode_ogg, encode_ogg

from ..conftest import GRID

PICKS = {
    "clear picture and song": "clear",
    "best picture": "best visual",
    "balanced": "balanced",
    "best sound": "best audio",
}
"""Names in Python by what is on the page."""


@pytest.fixture(scope="module")
def result(display_problem):
    return run_search(display_problem, ParetoTracer(12), ("n_gen", 3), seed=1)


@pytest.fixture(scope="module")
def sounds(result):
    return {index: export_sound(result.problem, result.X[index]) for index in range(len(result.F))}


def content(text):
    return json.loads(re.search(r'<script id="data"[^>]*>(.*?)</script>', text, re.DOTALL).group(1))


def picture_of(address):
    kind, data = re.fullmatch(r"data:image/(\w+);base64,(.*)", address).groups()
    with Image.open(io.BytesIO(base64.b64decode(data)), formats=[kind.upper()]) as image:
        return np.asarray(image.convert("L"), dtype=float)


def test_the_page_holds_front_pictures_and_sounds(result, sounds):
    held = content(explorer_page(result, sounds))
    np.testing.assert_allclose([one["F"] for one in held["solutions"]], result.F)
    assert held["picks"] == {label: result.pick(name) for label, name in PICKS.items()}
    balanced = held["solutions"][held["picks"]["balanced"]]
    waveform, rate = soundfile.read(io.BytesIO(base64.b64decode(balanced["audio"])))
    encoder = result.problem.encoder
    assert len(waveform) / rate == pytest.approx(held["seconds"], abs=0.15)
    expected = export_sound(result.problem, result.X[held["picks"]["balanced"]]).waveform.numpy()
    assert np.sqrt((waveform**2).mean()) == pytest.approx(np.sqrt((expected**2).mean()), rel=0.1)
    # White of the mask is at the top of its picture where the picture's high frequencies are.
    mask = picture_of(balanced["mask"]) / 255
    drawn = result.X[held["picks"]["balanced"]].reshape(encoder.grid)[::-1]
    np.testing.assert_allclose(mask, drawn, atol=0.1)
    assert picture_of(balanced["heard"]).shape == picture_of(held["original"]["spectrogram"]).shape
    assert held["bound"] is None
    assert len(held["sweep"]["x"]) == 101


def test_the_figures_of_a_carried_sound_are_those_of_the_file_in_the_page(result, sounds):
    held, encoder = content(explorer_page(result, sounds)), result.problem.encoder
    for index in held["picks"].values():
        one = held["solutions"][index]
        waveform, rate = soundfile.read(io.BytesIO(base64.b64decode(one["audio"])))
        assert rate == encoder.sample_rate
        exported = export_sound(result.problem, result.X[index])
        heard = encoder.analyse(torch.as_tensor(waveform / exported.gain, dtype=torch.float32))
        similarity = 1 - float(VisualDisplay()(heard[None], encoder))
        assert one["carriedSsim"] == pytest.approx(similarity, abs=1e-4)
        assert one["heardSsim"] == pytest.approx(exported.exported_view_ssim, abs=1e-4)
        # The page's own copy keeps the picture.
        assert one["carriedSsim"] > one["heardSsim"] - 0.1
        np.testing.assert_allclose(
            one["heardF"], result.problem.evaluate_spectrogram(exported.magnitude[None])[0], rtol=1e-4
        )


def test_as_many_sounds_as_fit_and_the_picks_first(result, sounds):
    whole, silent = (len(explorer_page(result, given).encode()) for given in (sounds, {}))
    picks = set(result.picks.values())
    span = whole - silent
    in_reach = []
    for size in range(whole, silent - span // 10, -(span // 8)):
        text = explorer_page(result, sounds, limits=PageLimits(page_bytes=size))
        carried = {index for index, one in enumerate(content(text)["solutions"]) if "audio" in one}
        assert len(text.encode()) <= size or not carried
        assert picks <= carried or carried <= picks
        in_reach.append(carried)
    assert in_reach[0] == set(sounds)
    assert in_reach[-1] == set()
    assert {1, 2, 3} & {len(carried) for carried in in_reach}
    assert all(more >= less for more, less in itertools.pairwise(map(len, in_reach)))


def test_sounds_are_compressed_until_ten_of_them_fit(result):
    encoder = result.problem.encoder
    best, compression = compressed_original(encoder, PageLimits())
    assert compression == 0.0
    smallest, compression = compressed_original(encoder, PageLimits(sound_bytes=0))
    assert compression == 1.0
    assert len(smallest) < 0.7 * len(best)
    for size in (10 * len(smallest), 5 * (len(smallest) + len(best)), 10 * len(best)):
        fitting, compression = compressed_original(encoder, PageLimits(sound_bytes=size))
        assert 10 * len(fitting) <= size
        assert (compression == 0.0) == (size == 10 * len(best))
    # The sounds of solutions are compressed as the original is.
    index = result.pick("balanced")
    sound = export_sound(result.problem, result.X[index])
    held = content(explorer_page(result, {index: sound}, limits=PageLimits(sound_bytes=0, solutions=150)))
    # Ogg streams have random numbers in them, and the same length.
    alone = PageSound.of(encoder, sound, 1.0, result.exporter.view_ssim)
    assert len(held["solutions"][index]["audio"]) == len(alone.audio)
    assert len(held["original"]["audio"]) == len(smallest)


def test_the_size_of_a_page_is_counted_in_bytes(result, sounds):
    titled = replace(result, settings={"image": 10_000 * "€", "audio": ""})
    whole = explorer_page(titled, sounds)
    size = len(whole.encode())
    assert size > len(whole) + 15_000
    assert len(explorer_page(titled, sounds, limits=PageLimits(page_bytes=size)).encode()) == size
    assert len(explorer_page(titled, sounds, limits=PageLimits(page_bytes=size - 1)).encode()) < size


def test_of_a_long_front_a_part_is_shown(display_problem):
    run = run_search(display_problem, ParetoTracer(12), ("n_gen", 3), seed=1)
    held = content(explorer_page(run, {}, limits=PageLimits(solutions=4)))
    numbers = [one["number"] for one in held["solutions"]]
    assert 4 <= len(numbers) <= 7 < len(run.F)
    assert numbers == sorted(numbers)
    for label, place in held["picks"].items():
        assert numbers[place] == run.pick(PICKS[label])
    np.testing.assert_allclose([one["F"] for one in held["solutions"]], run.F[numbers])


def test_picture_and_mask_stand_where_the_blend_has_them(picture, sound):
    problem = MOSSProblem(
        picture, sound, preset="display", grid=GRID, frequency_axis="mel", fmin=500.0, fmax=4000.0
    )
    run = run_search(problem, NSGA2(pop_size=8, sampling=LevelSampling()), ("n_gen", 1), seed=1)
    run = replace(run, X=np.ones((1, problem.n_var)), F=run.F[:1])
    held = content(explorer_page(run, {}))
    low, high = (
        2595
        * np.log10(1 + np.array([500.0, 4000.0]) / 700)
        / (2595 * np.log10(1 + (8000 + 8000 / 1024) / 700))
    )
    mask = picture_of(held["solutions"][0]["mask"])[:, 5] / 255
    shown = np.flatnonzero(mask[::-1] > 0.5) / len(mask)
    assert shown.min() == pytest.approx(low, abs=0.05)
    assert shown.max() == pytest.approx(high, abs=0.05)
    assert picture_of(held["picture"]["image"]).max(axis=1)[:3].max() < 30


def test_the_certified_bound_is_below_the_front():
    problem = get_problem("owl-drums-16x32")
    result = run_search(problem, ParetoTracer(12), ("n_gen", 3), seed=1)
    held = content(explorer_page(result, {}, bounds=problem.front_bounds()))
    x, y = np.array(held["bound"]["x"]), np.array(held["bound"]["y"])
    assert (np.diff(x) >= 0).all()
    assert (np.diff(y) <= 0).all()
    inner = result.F[1:-1]
    # Drawn as chords of a convex line, a little above it.
    assert (np.interp(inner[:, 0], x, y) <= inner[:, 1] + 2e-3).all()
    assert (np.interp(inner[:, 0], x, y) >= inner[:, 1] - 0.05).all()


@pytest.mark.parametrize("rate", [1000, 11_000, 16_000, 44_100, 96_000])
def test_ogg_has_the_sound_at_a_rate_that_browsers_play(rate, problem):
    time = np.arange(2 * rate) / rate
    tone = problem.encoder.audio_waveform.new_tensor(0.5 * np.sin(2 * np.pi * 200 * time))
    content = encode_ogg(tone, rate, 0.0)
    waveform, encoded = soundfile.read(io.BytesIO(content))
    assert encoded == min(max(rate, 8000), 48_000)
    assert len(waveform) / encoded == pytest.approx(2.0, abs=0.01)
    spectrum = np.abs(np.fft.rfft(waveform * np.hanning(len(waveform))))
    assert np.argmax(spectrum) * encoded / len(waveform) == pytest.approx(200, abs=2)
    middle = slice(rate // 2, rate)
    np.testing.assert_allclose(decode_ogg(content, rate)[middle], tone[middle], atol=0.05)
    assert len(encode_ogg(tone, rate, 1.0)) < len(content)


def test_three_objectives_and_odd_names_make_a_page(encoder):
    problem = MOSSProblem(encoder=encoder, objectives=["visual_l1", "audio_log_l1", "mask_roughness"])
    algorithm = NSGA2(pop_size=8, sampling=LevelSampling())
    settings = {"image": "{{data}}</script>", "audio": "{{script}}"}
    result = run_search(problem, algorithm, ("n_gen", 2), seed=1, settings=settings)
    index = result.pick("balanced")
    bounds = FrontBounds(np.ones((1, 3)), np.array([0.01]), problem.hypervolume_box)
    text = explorer_page(result, {index: export_sound(problem, result.X[index])}, bounds=bounds)
    assert len(content(text)["solutions"][0]["F"]) == 3
    # A surface has no curve to draw beside the front.
    assert content(text)["bound"] is None
    assert (
        re.search(r"<title>(.*?)</title>", text).group(1).endswith("{{data}}&lt;/script&gt; and {{script}}")
    )
