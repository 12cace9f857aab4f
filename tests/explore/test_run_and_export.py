import csv
import json
import pickle
from dataclasses import replace

import numpy as np
import pyloudnorm
import pytest
import soundfile
from PIL import Image
from pymoo.algorithms.moo.nsga2 import NSGA2

from pymoo_moss import GradientSeedSampling, LevelSampling, MOSSProblem
from pymoo_moss.explore import RunResult, export_sound, run_search, write_run, write_single
from pymoo_moss.search import minimize_weighted

from ..conftest import GRID, PLAIN


@pytest.fixture(scope="module")
def result(picture, sound):
    problem = MOSSProblem(picture, sound, preset="display", grid=GRID)
    algorithm = NSGA2(pop_size=12, sampling=GradientSeedSampling(n_seeds=5, steps=11, lr=0.3))
    generations = []
    result = run_search(
        problem,
        algorithm,
        ("n_gen", 4),
        seed=1,
        after_generation=generations.append,
        settings={"some": "setting"},
    )
    assert generations == [1, 2, 3, 4]
    return result


def test_the_result_is_the_ordered_front(result):
    assert type(result) is RunResult
    assert (np.diff(result.F[:, 0]) >= 0).all()
    np.testing.assert_allclose(result.problem.evaluate(result.X), result.F)
    assert result.hypervolume == result.problem.hypervolume(result.F)
    assert result.sweep.shape == (101, 2)
    assert result.sweep_hypervolume == result.problem.hypervolume(result.sweep)
    assert result.n_eval == 3 * 3 * 11 + 4 * 12
    assert not result.stopped


def test_a_search_told_to_stop_keeps_what_it_has(problem):
    asked = []
    result = run_search(
        problem,
        NSGA2(pop_size=12, sampling=GradientSeedSampling(n_seeds=5, steps=3)),
        ("n_gen", 100),
        seed=1,
        after_generation=asked.append,
        should_stop=lambda: len(asked) == 2,
    )
    assert result.stopped
    assert len(asked) == 2
    assert len(result.F) > 1


def test_seconds_are_counted_from_the_algorithms_start(problem):
    algorithm = NSGA2(pop_size=12, sampling=LevelSampling())
    result = run_search(problem, algorithm, ("n_gen", 1), seed=1, clock=lambda: algorithm.start_time + 12.5)
    assert result.seconds == pytest.approx(12.5, abs=1e-6)


@pytest.fixture(scope="module")
def written(result, tmp_path_factory):
    """The run written with plain pictures, and what `on_solution` was called with."""
    folder, calls = tmp_path_factory.mktemp("written") / "run", []
    on_solution = lambda *numbers: calls.append(numbers)  # noqa: E731
    write_run(folder, result, count=4, on_solution=on_solution, renderer=PLAIN)
    return folder, calls


@pytest.mark.render
def test_pictures_and_page_are_written_and_open(result, tmp_path):
    write_run(tmp_path, result, count=1)
    solutions = list((tmp_path / "solutions").iterdir())
    pictures = [tmp_path / name for name in ("front.png", "inputs.png", "picks.png", "evolution.gif")]
    for path in pictures + [folder / "spectrogram.png" for folder in solutions]:
        with Image.open(path) as image:
            image.load()
            assert min(image.size) > 300
    assert (tmp_path / "index.html").read_text(encoding="utf-8").rstrip().endswith("</html>")


def test_record_table_and_masks_are_those_of_the_result(result, written):
    out, calls = written
    record = json.loads((out / "run.json").read_text())
    assert record["settings"] == {"some": "setting"}
    assert record["hypervolume"] == result.hypervolume
    assert record["n_eval"] == result.n_eval
    assert record["versions"]["pymoo"]
    with (out / "front.csv").open() as file:
        rows = list(csv.DictReader(file))
    visual = [float(row["visual_display"]) for row in rows]
    np.testing.assert_allclose(visual, result.F[:, 0], rtol=1e-8, atol=1e-12)
    exported = {index for index, row in enumerate(rows) if row["exported_audio_log_l1"]}
    assert {int(folder.name) for folder in (out / "solutions").iterdir()} == exported
    assert calls == [(number, len(exported)) for number in range(len(exported) + 1)]
    assert set(record["picks"].values()) <= exported
    masks = np.load(out / "masks.npz", allow_pickle=False)
    assert np.abs(masks["X"].astype(float) - result.X).max() <= record["masks"]["largest_error"] <= 2**-12
    assert tuple(masks["grid"]) == GRID


def test_shares_tell_what_each_solution_adds(result, written):
    with (written[0] / "front.csv").open() as file:
        shares = [float(row["hypervolume_share"]) for row in csv.DictReader(file)]
    for index in (0, len(shares) // 2):
        rest = result.problem.hypervolume(np.delete(result.F, index, axis=0))
        assert shares[index] == pytest.approx(1 - rest / result.hypervolume, abs=1e-6)


def test_sounds_have_the_right_rate_and_length_and_do_not_clip(written, sound):
    folders = list((written[0] / "solutions").iterdir())
    assert len(folders) >= 4
    for folder in folders:
        waveform, rate = soundfile.read(folder / "audio.wav")
        assert (rate, waveform.shape) == (16000, sound[0].shape)
        assert np.isfinite(waveform).all()
        assert 0.01 < np.abs(waveform).max() < 0.985


def test_a_result_that_was_exported_can_be_pickled(result, written):
    assert "exporter" in vars(result)
    again = pickle.loads(pickle.dumps(result))
    np.testing.assert_array_equal(again.F, result.F)
    x = result.X[result.pick("balanced")]
    np.testing.assert_allclose(
        again.exporter.of_mask(x).waveform, result.exporter.of_mask(x).waveform, atol=1e-6
    )


def test_loud_and_quiet_sounds_come_out_at_one_level(picture, sound):
    loud = MOSSProblem(picture, (4 * sound[0], sound[1]), grid=GRID)
    exported = export_sound(loud, np.zeros(loud.n_var))
    assert exported.gain < 1
    without_offset = 4 * (sound[0] - sound[0].mean())
    np.testing.assert_allclose(exported.waveform / exported.gain, without_offset, atol=1e-5)
    quiet = MOSSProblem(picture, (0.1 * sound[0], sound[1]), grid=GRID)
    assert export_sound(quiet, np.zeros(quiet.n_var)).gain > exported.gain
    np.testing.assert_allclose(
        export_sound(quiet, np.zeros(quiet.n_var)).waveform, exported.waveform, atol=1e-4
    )


def test_pictures_stand_upright(picture, sound, tmp_path):
    # White in the upper half of the picture: loud high frequencies, at the top of every image.
    upper = np.zeros((40, 60))
    upper[:20] = 1.0
    problem = MOSSProblem(upper, sound, preset="display", grid=GRID)
    x = np.zeros(GRID)
    x[5:] = 1.0
    bright = minimize_weighted(problem, (1, 0), steps=30)
    write_single(tmp_path, problem, bright, {}, 1.0)
    plot = np.asarray(Image.open(tmp_path / "spectrogram.png").convert("L"), dtype=float)
    inner = plot[60:400, 100:800]
    assert inner[:150].mean() > 2 * inner[-150:].mean()
    write_single(tmp_path, problem, replace(bright, X=x.ravel()), {}, 1.0, renderer=PLAIN)
    mask = np.asarray(Image.open(tmp_path / "mask.png"))
    assert mask.shape == (GRID[0] * 8, GRID[1] * 8)
    assert mask[0].min() == 255
    assert mask[-1].max() == 0


def test_the_exported_figures_are_those_of_the_sound_in_the_file(result, written):
    folder, _ = written
    index = json.loads((folder / "run.json").read_text())["picks"]["balanced"]
    with (folder / "front.csv").open() as file:
        row = list(csv.DictReader(file))[index]
    waveform, _ = soundfile.read(folder / "solutions" / f"{index:03d}" / "audio.wav", dtype="float32")
    problem = result.problem
    gain = export_sound(problem, result.X[index]).gain
    magnitude = problem.encoder.analyse(problem.encoder.audio_waveform.new_tensor(waveform) / gain)
    expected = problem.evaluate_spectrogram(magnitude[None])[0]
    # The file has 16 bits.
    assert float(row["exported_visual_display"]) == pytest.approx(expected[0], abs=0.02)
    assert float(row["exported_audio_log_l1"]) == pytest.approx(expected[1], abs=0.05)


def test_one_solution_alone_is_written(problem, tmp_path):
    found = minimize_weighted(problem, (0.8, 0.2), steps=3)
    write_single(tmp_path, problem, found, {"visual": 0.8}, 2.5)
    names = {
        "audio.wav",
        "index.html",
        "mask.png",
        "masks.npz",
        "run.json",
        "solution.png",
        "spectrogram.png",
    }
    assert {path.name for path in tmp_path.iterdir()} == names
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["F"]["visual_l1"] == pytest.approx(found.F[0])
    assert record["n_eval"] == found.n_eval


@pytest.mark.parametrize("offset", [0.4, -0.1])
def test_a_constant_offset_takes_no_room_from_the_sound(picture, sound, offset):
    waveform, rate = sound
    plain = MOSSProblem(picture, (waveform - waveform.mean(), rate), grid=GRID, phase="audio")
    shifted = MOSSProblem(picture, (waveform + offset, rate), grid=GRID, phase="audio")
    x = np.zeros(plain.n_var)
    expected, exported = export_sound(plain, x), export_sound(shifted, x)
    np.testing.assert_allclose(exported.waveform, expected.waveform, atol=2e-3)
    assert exported.waveform.mean() == pytest.approx(0.0, abs=1e-6)
    meter = pyloudnorm.Meter(rate)
    loudness = [meter.integrated_loudness(one.waveform.numpy().astype(float)) for one in (exported, expected)]
    assert loudness[0] == pytest.approx(loudness[1], abs=0.1)
