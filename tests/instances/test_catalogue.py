import dataclasses
import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from pymoo_moss import get_problem, list_problems, make_instance
from pymoo_moss.errors import MossError, OptionError
from pymoo_moss.instances import catalogue, get_reference
from pymoo_moss.objectives import AudioLogL1, VisualL1

from ..marks import few

DATA = Path(catalogue.__file__).parent / "data"
TOOLS = Path(__file__).parents[2] / "tools"


@pytest.mark.parametrize("name", few(list_problems(), list_problems()[::7], "contract"))
def test_every_problem_is_as_its_name_says(name):
    picture, sound, grid = name.split("-")
    problem = get_problem(name)
    assert problem.encoder.grid == tuple(map(int, grid.split("x")))
    assert (DATA / f"{picture}.png").is_file()
    assert (DATA / f"{sound}.flac").is_file()
    assert problem.hypervolume(problem.evaluate(np.full((1, problem.n_var), 0.5))) > 0.2


def test_there_is_every_picture_with_every_sound_on_every_grid():
    parts = np.array([name.split("-") for name in list_problems()])
    assert [len(set(column)) for column in parts.T] == [3, 4, 3]
    assert len(list_problems()) == len(set(list_problems())) == 36


def test_the_files_are_small():
    assert sum(path.stat().st_size for path in DATA.rglob("*") if path.is_file()) < 6e6


def test_overrides_change_the_problem():
    problem = get_problem(list_problems()[0], preset="display", grid=(8, 16), normalize=True)
    assert problem.n_var == 128
    assert problem.objectives[0].name == "visual_display"
    with pytest.raises(OptionError, match="did you mean 'grid'"):
        get_problem(list_problems()[0], gird=(8, 16))


@pytest.mark.parametrize("make", [partial(get_problem, "owl-drums-16x32"), partial(make_instance, 3, "easy")])
def test_a_description_tells_options_that_change_the_problem(make):
    assert make().describe()["changed_options"] == {}
    other = make(
        smoothing=3,
        sample_rate=np.int64(8000),
        dtype=torch.float64,
        threads=1,
        objectives=[VisualL1(), "audio_log_l1"],
    )
    told = json.loads(json.dumps(other.describe()["changed_options"]))
    assert told == {
        "smoothing": 3,
        "sample_rate": 8000,
        "dtype": "torch.float64",
        "objectives": ["visual_l1", "audio_log_l1"],
    }
    # The level of this preset is replaced by another option.
    loud = make(preset="listener", ceiling_quantile=0.98)
    assert loud.describe()["changed_options"] == {"level_db": None}


@pytest.mark.parametrize(
    ("preset", "options"),
    [
        ("notebook", {"grid": [16, 32]}),
        ("notebook", {"picture_sampling": "point", "smoothing": 5, "layer_mask": None}),
        ("notebook", {"objectives": ("visual_l1", "audio_log_l1"), "phase": "audio"}),
        ("display", {"gamma": 1.3, "sample_rate": 16000}),
        ("listener", {"level_db": -45, "objectives": ["visual_multiscale", "audio_audibility"]}),
    ],
)
def test_options_at_the_values_of_the_problem_leave_it_its_reference(preset, options):
    known = get_problem("owl-drums-16x32", preset=preset)
    same = get_problem("owl-drums-16x32", preset=preset, **options)
    assert same.changed_options == {}
    assert same.reference.hypervolume == known.reference.hypervolume
    X = np.random.default_rng(1).random((3, 512))
    np.testing.assert_array_equal(same.evaluate(X), known.evaluate(X))
    np.testing.assert_array_equal(same.pareto_front(), known.pareto_front())


def test_objectives_in_the_other_order_have_the_reference_in_that_order():
    known, turned = (
        get_problem("owl-drums-16x32", objectives=names) for names in (None, ["audio_log_l1", "visual_l1"])
    )
    assert turned.changed_options == {}
    np.testing.assert_allclose(np.sort(turned.pareto_front()[:, 1]), np.sort(known.pareto_front()[:, 0]))
    assert (np.diff(turned.pareto_front()[:, 0]) > 0).all()
    assert turned.share(known.pareto_front()[:, ::-1]) == pytest.approx(known.share(known.pareto_front()))
    F = turned.evaluate(np.random.default_rng(2).random((50, 512)))
    bounds = turned.front_bounds()
    assert (bounds.lower_bounds <= F @ bounds.weights.T).all()


@pytest.mark.parametrize(
    "options",
    [
        {"smoothing": 3},
        {"grid": (8, 16)},
        {"layer_mask": np.eye(8)},
        {"objectives": [VisualL1(), AudioLogL1()]},
    ],
)
def test_other_values_have_no_reference(options):
    assert get_problem("owl-drums-16x32", **options).reference is None


@pytest.mark.parametrize("version", ["1", 1.0, True, 0, 99])
def test_editions_are_whole_numbers(version):
    with pytest.raises(OptionError, match="version"):
        get_reference("owl-drums-16x32", version=version)
    assert get_reference("owl-drums-16x32", version=np.int64(1)).version == 1


@pytest.mark.parametrize("name", [None, 3, ["owl-drums-16x32"]])
def test_names_are_strings(name):
    with pytest.raises(OptionError, match="unknown problem"):
        get_problem(name)
    with pytest.raises(OptionError, match="unknown problem"):
        get_reference(name)


@pytest.mark.parametrize(
    ("name", "nearest"), [("easy-01", "easy-01-16x32"), ("EASY-03-16x32", "easy-03-16x32")]
)
def test_unknown_generated_problems_name_the_nearest(name, nearest):
    with pytest.raises(OptionError, match=f"did you mean '{nearest}'"):
        get_problem(name)


def test_unknown_problems_name_the_nearest():
    with pytest.raises(OptionError, match="did you mean 'lighthouse-prelude-64x128'"):
        get_problem("lighthouse-prelude-64x12")


def test_a_changed_file_is_refused():
    changed = dataclasses.replace(catalogue.SOUNDS["prelude"], sha256="0" * 64)
    instance = dataclasses.replace(catalogue.INSTANCES["lighthouse-prelude-16x32"], sound=changed)
    with pytest.raises(MossError, match=r"embedded file prelude\.flac has been modified"):
        catalogue.frozen_problem(instance, grid=(8, 8))


@pytest.mark.parametrize("name", catalogue.SOUNDS)
def test_sounds_are_well_made(name):
    waveform, rate = soundfile.read(DATA / f"{name}.flac")
    assert rate == 16000
    assert len(waveform) == 10 * rate
    assert 0.8 < np.abs(waveform).max() < 0.95
    assert abs(waveform.mean()) < 1e-4
    blocks = np.abs(waveform[: len(waveform) // 800 * 800]).reshape(-1, 800).max(axis=1)
    assert blocks.min() > 1e-5


def test_sounds_differ_in_kind():
    """Noise is flat over frequency; held tones, plucks, syllables and strokes are ever less even."""
    flatness, unevenness = {}, {}
    for name in catalogue.SOUNDS:
        waveform, _ = soundfile.read(DATA / f"{name}.flac")
        frames = waveform[: len(waveform) // 512 * 512].reshape(-1, 512) * np.hanning(512)
        power = np.abs(np.fft.rfft(frames)) ** 2
        loudness = power.sum(axis=1)
        loud = power[loudness > np.quantile(loudness, 0.5)]
        flatness[name] = np.median(np.exp(np.log(loud).mean(axis=1)) / loud.mean(axis=1))
        unevenness[name] = np.abs(np.diff(np.log(loudness))).mean()
    assert max(flatness, key=flatness.get) == "drums"
    assert sorted(unevenness, key=unevenness.get) == ["chorale", "prelude", "monologue", "drums"]


@pytest.mark.parametrize("name", catalogue.PICTURES)
def test_pictures_use_the_whole_range(name):
    picture = np.asarray(Image.open(DATA / f"{name}.png"))
    assert picture.shape == (512, 768)
    assert picture.min() < 15
    assert picture.max() > 240
    assert picture.std() > 30


def test_the_strings_are_in_tune():
    sys.path.insert(0, str(TOOLS))
    try:
        import playing
        import pluck_prelude
    finally:
        sys.path.remove(str(TOOLS))
    for name, expected in (("A4", 440.0), ("C4", 261.6256), ("C3", 130.8128), ("F5", 698.4565)):
        assert playing.frequency(name) == pytest.approx(expected, rel=1e-6)
        note = pluck_prelude.pluck(expected, 2.0, 0.7, np.random.default_rng(0))
        spectrum = np.abs(np.fft.rfft(note * np.hanning(len(note)), 2**19))
        frequencies = np.arange(len(spectrum)) * 16000 / 2**19
        near = np.abs(frequencies / expected - 1) < 0.05
        peak = frequencies[near][spectrum[near].argmax()]
        assert abs(1200 * np.log2(peak / expected)) < 3


@pytest.mark.process
@pytest.mark.parametrize(
    ("script", "name"),
    [("draw_lighthouse", "lighthouse"), ("draw_owl", "owl"), ("draw_butterfly", "butterfly")],
)
def test_pictures_come_from_their_scripts(tmp_path, script, name):
    subprocess.run([sys.executable, TOOLS / f"{script}.py", tmp_path / "again.png"], check=True)
    again = np.asarray(Image.open(tmp_path / "again.png"), dtype=int)
    shipped = np.asarray(Image.open(DATA / f"{name}.png"), dtype=int)
    # Another version of numpy may round a pixel the other way.
    assert np.abs(again - shipped).max() <= 2


@pytest.mark.process
@pytest.mark.parametrize(
    ("script", "name"),
    [
        ("pluck_prelude", "prelude"),
        ("play_chorale", "chorale"),
        ("beat_drums", "drums"),
        ("say_monologue", "monologue"),
    ],
)
def test_sounds_come_from_their_scripts(tmp_path, script, name):
    subprocess.run([sys.executable, TOOLS / f"{script}.py", tmp_path / "again.flac"], check=True)
    again, shipped = (soundfile.read(path)[0] for path in (tmp_path / "again.flac", DATA / f"{name}.flac"))
    assert np.abs(again - shipped).max() < 2e-3


@pytest.mark.parametrize("name", ["image", "audio", "encoder"])
def test_picture_and_sound_of_a_frozen_problem_are_fixed(name):
    with pytest.raises(OptionError, match=f"got {name}: its picture and sound are fixed"):
        get_problem("owl-drums-16x32", **{name: "other"})


PLANES = [f"{picture}-{sound}-16x32" for picture in catalogue.PICTURES for sound in catalogue.SOUNDS]


@pytest.mark.parametrize("preset", ["notebook", "display"])
@pytest.mark.parametrize("name", few(PLANES, PLANES[:1], "contract"))
def test_frozen_problems_sample_their_picture_at_points_to_the_last_bit(name, preset):
    """As the published values were computed, which averages would change."""
    encoder = get_problem(name, preset=preset, threads=1).encoder
    grey = np.asarray(Image.open(DATA / f"{name.split('-')[0]}.png").convert("L"))
    source = torch.from_numpy(grey.astype(np.float32) / np.float32(255)).double()
    positions = 1 - encoder.axis.position(encoder.bin_frequencies)
    frames = (torch.arange(encoder.plane[1], dtype=torch.float64) + 0.5) / encoder.plane[1]
    drawn = halfway_matrix(positions, 512) @ source @ halfway_matrix(frames, 768).T
    drawn = (drawn - drawn.min()) / (drawn.max() - drawn.min() + 1e-8)
    expected = drawn.pow(encoder.gamma).float()
    assert encoder.picture_sampling == "point"
    torch.testing.assert_close(encoder.picture, expected, rtol=0, atol=0)


def halfway_matrix(positions, count):
    """Linear interpolation of so many pixels, whose centres are half-way, at fractions of the axis."""
    coordinates = (positions * count - 0.5).clamp(0, count - 1)
    left = coordinates.floor().clamp(max=count - 2)
    matrix = torch.zeros(len(positions), count, dtype=torch.float64)
    for row, (cell, place) in enumerate(zip(left.long(), coordinates, strict=True)):
        matrix[row, cell] = 1 - (place - left[row])
        matrix[row, cell + 1] = place - left[row]
    return matrix
