"""Generated problems: the same bits everywhere, all different, certified when asked."""

import copy
import hashlib
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from pymoo.optimize import minimize

from pymoo_moss import (
    FrontAscent,
    FrontRecorder,
    certify,
    get_problem,
    list_instances,
    list_problems,
    make_instance,
)
from pymoo_moss.errors import MossError, ObjectiveError, OptionError
from pymoo_moss.instances import INSTANCE_SEEDS, GeneratedProblem
from pymoo_moss.instances.generated import KINDS, drawing, make, tune
from pymoo_moss.instances.generated.draws import Draws
from pymoo_moss.objectives import PRESETS
from pymoo_moss.objectives.audio_log_l1 import picture_to_sound
from pymoo_moss.study import AlgorithmChoice, ProblemChoice, Study

from ..marks import few

NAME = "easy-07-16x32"
KNOWN = json.loads((Path(make.__file__).parents[1] / "data" / "generated.json").read_text(encoding="utf-8"))
ALL = [(difficulty, seed) for difficulty in KINDS for seed in INSTANCE_SEEDS]
of_every_kind = pytest.mark.parametrize(
    "which", few(ALL, [(difficulty, 4) for difficulty in KINDS], "contract")
)


def test_uniform_numbers_are_those_of_the_published_generator():
    """PCG64 by its recurrence (O'Neill 2014), from the state that numpy's seed sequence gives."""
    state = np.random.PCG64(np.random.SeedSequence((3, 7))).state["state"]
    number, mask = state["state"], 2**128 - 1
    expected = []
    for _ in range(5):
        number = (number * 0x2360ED051FC65DA44385DF649FCCF645 + state["inc"]) & mask
        folded, turn = (number >> 64) ^ (number & (2**64 - 1)), number >> 122
        turned = ((folded >> turn) | (folded << (64 - turn))) & (2**64 - 1)
        expected.append(2.0 + 3.0 * ((turned >> 11) / 2**53))
    np.testing.assert_array_equal(Draws(3, 7).array(2.0, 5.0, 5), expected)


def test_whole_numbers_reach_both_ends_equally_often():
    draws = Draws(1)
    counts = np.bincount([draws.whole(2, 4) for _ in range(3000)])
    assert counts[:2].sum() == 0
    np.testing.assert_allclose(counts[2:], 1000, atol=100)


@of_every_kind
def test_drawings_and_tunes_are_what_they_were(which):
    difficulty, seed = which
    picture, sound = make.drawing_and_tune(seed, difficulty)
    in_bytes = b"".join(one.to_bytes(2, "little", signed=True) for one in sound.tolist())
    assert KNOWN[f"{difficulty}-{seed:02d}"] == {
        "drawing": hashlib.sha256(bytes(picture.flatten().tolist())).hexdigest(),
        "tune": hashlib.sha256(in_bytes).hexdigest(),
    }
    assert picture.shape == (drawing.HEIGHT, drawing.WIDTH)
    assert int(picture.max()) - int(picture.min()) > 50
    assert len(sound) == tune.SECONDS * tune.SAMPLE_RATE
    assert 0.8 < np.abs(sound / 32768).max() < 0.95


@of_every_kind
def test_other_libraries_of_functions_round_to_the_same_bits(which):
    """Their sines, exponentials and transforms differ by 1e-10 of a step at most, far from every tie."""
    difficulty, seed = which
    kind = KINDS[difficulty]
    for exact in (
        drawing.shades(kind.drawing, Draws(kind.number, seed, 0)),
        tune.samples(kind.tune, Draws(kind.number, seed, 1)),
    ):
        assert np.abs(exact - np.floor(exact) - 0.5).min() > 1e-7


def test_all_drawings_and_tunes_differ():
    assert list(KNOWN) == [f"{difficulty}-{seed:02d}" for difficulty, seed in ALL]
    hashes = {known for both in KNOWN.values() for known in both.values()}
    assert len(hashes) == 2 * len(ALL) == 90


@pytest.mark.parametrize("difficulty", KINDS)
def test_drawings_and_tunes_of_a_kind_do_not_resemble_each_other(difficulty):
    made = [make.drawing_and_tune(seed, difficulty) for seed in INSTANCE_SEEDS[:4]]
    for rows in zip(*made, strict=True):
        correlations = np.corrcoef([row.flatten().astype(float) for row in rows]) - np.eye(len(rows))
        assert np.abs(correlations).max() < 0.95


@pytest.mark.parametrize("frequency", [65.4064, 440.0, 4186.009])
def test_waves_are_sines(frequency):
    time = np.arange(tune.SECONDS * tune.SAMPLE_RATE)
    wave = tune._wave(frequency, 2**30, time.astype(np.uint32))
    expected = np.sin(2 * np.pi * (frequency * time / tune.SAMPLE_RATE + 0.25))
    # A phase of 16 bits and a frequency of 32.
    np.testing.assert_allclose(wave, expected, atol=3e-4)


def test_names_of_the_lists():
    assert len(list_instances()) == len(set(list_instances())) == 45
    assert list_instances("easy")[6] == NAME
    assert list_instances("hard", (64, 128))[-1] == "hard-15-64x128"
    assert len(list_problems()) == 36
    assert not set(list_problems()) & set(list_instances())
    with pytest.raises(OptionError, match="unknown difficulty 'heavy'"):
        list_instances("heavy")
    with pytest.raises(OptionError, match="unknown grid '8x8'"):
        list_instances(grid=(8, 8))


@pytest.mark.parametrize("preset", PRESETS)
def test_a_name_is_a_seed_a_difficulty_and_a_grid(preset):
    named, direct = get_problem(NAME, preset=preset), make_instance(7, "easy", preset=preset)
    assert named.name() == direct.name() == NAME
    assert named.preset == preset
    x = np.random.default_rng(0).random((2, 512))
    np.testing.assert_array_equal(named.evaluate(x), direct.evaluate(x))
    assert named.pareto_front() is None


def test_the_grid_changes_neither_drawing_nor_tune():
    large = get_problem("easy-07-32x64", normalize=True)
    assert large.n_var == 2048
    small = make_instance(7, "easy", (8, 16), objectives=["visual_l1", "audio_log_l1", "mask_roughness"])
    assert small.name() == "easy-07-8x16"
    assert small.n_obj == 3
    assert small.instance.picture == large.instance.picture
    np.testing.assert_array_equal(small.encoder.audio_magnitude, large.encoder.audio_magnitude)
    np.testing.assert_array_equal(small.encoder.picture, large.encoder.picture)


def test_any_seed_makes_a_problem():
    problem = make_instance(np.int64(123456), "hard", (8, 16))
    assert problem.name() == "hard-123456-8x16"
    assert 0 < problem.hypervolume(problem.evaluate(np.full((1, 128), 0.5))) < 1


def test_what_cannot_be_made_is_refused():
    for seed in (0, 1.5, "1", True):
        with pytest.raises(OptionError, match="expected seed as a whole number of 1 or more"):
            make_instance(seed)
    with pytest.raises(OptionError, match="did you mean 'medium'"):
        make_instance(1, "mediun")
    with pytest.raises(OptionError, match="unknown difficulty"):
        make_instance(1, ["easy"])
    with pytest.raises(OptionError, match="unknown option 'instance'"):
        make_instance(1, "easy", instance=1)
    with pytest.raises(OptionError, match="did you mean 'easy-07-16x32'"):
        get_problem("easy-7-16x32")
    with pytest.raises(OptionError, match="expected grid as"):
        make_instance(1, grid=3)
    with pytest.raises(OptionError, match="got audio: its picture and sound are fixed"):
        get_problem(NAME, audio="other.wav")


@pytest.mark.parametrize("what", ["drawing", "tune"])
def test_a_drawing_or_tune_that_differs_is_refused(monkeypatch, what):
    known = copy.deepcopy(KNOWN)
    known["easy-07"][what] = "0" * 64
    monkeypatch.setattr(make, "_hashes", lambda: known)
    with pytest.raises(MossError, match=f"the {what} of easy-07 differs from what it was"):
        get_problem(NAME)
    assert get_problem("easy-08-16x32").name() == "easy-08-16x32"


def test_bounds_are_computed_once_and_kept(monkeypatch):
    computed = []

    def quickly(problem):
        computed.append(problem.name())
        return certify(problem, n_weights=8, n_passes=0)

    monkeypatch.setattr("pymoo_moss.instances.generated.problem.certify", quickly)
    problem = make_instance(7, "easy", (4, 8))
    F = problem.evaluate(np.linspace(0, 1, 11)[:, None].repeat(32, axis=1))
    assert computed == []
    share = problem.share(F)
    assert 0 < share < 1
    for one in (problem, pickle.loads(pickle.dumps(problem)), copy.deepcopy(problem)):
        assert isinstance(one, GeneratedProblem)
        assert one.name() == "easy-07-4x8"
        assert one.share(F) == share == one.hypervolume(F) / one.front_bounds().hypervolume_upper
    assert computed == ["easy-07-4x8"]
    facts = json.loads(json.dumps(problem.describe()))
    assert facts["name"] == "easy-07-4x8"
    assert facts["picture_sha256"] == KNOWN["easy-07"]["drawing"]
    assert facts["sound_sha256"] == KNOWN["easy-07"]["tune"]


@pytest.mark.contract
def test_a_bound_that_has_been_computed_is_described():
    problem = make_instance(7, "easy", (4.0, 8.0))
    assert problem.name() == "easy-07-4x8"
    assert "certified_hypervolume_upper" not in problem.describe()
    bounds = problem.front_bounds()
    assert problem.describe()["certified_hypervolume_upper"] == bounds.hypervolume_upper
    with pytest.raises(ObjectiveError, match=r"shape \(n, 2\) without NaN"):
        problem.share([[np.nan, 1.0]])
    with pytest.raises(ObjectiveError, match=r"got shape \(1, 3\)"):
        problem.share([[0.0, 1.0, 2.0]])


def test_the_bounds_are_those_of_certify():
    problem = make_instance(7, "easy", (4, 8), normalize=True)
    expected = certify(make_instance(7, "easy", (4, 8))).hypervolume_upper
    assert problem.front_bounds().hypervolume_upper == pytest.approx(expected, abs=1e-6)


def test_objectives_without_a_certificate_say_so():
    with pytest.raises(ObjectiveError):
        make_instance(7, "easy", preset="display").front_bounds()


def test_a_study_takes_names(tmp_path):
    assert ProblemChoice(NAME, {"grid": [4, 8]}).make().name() == "easy-07-4x8"
    with pytest.raises(OptionError, match="did you mean 'hard-01-16x32'"):
        ProblemChoice("hard-01-16x23")
    study = Study([NAME], {"ascent": AlgorithmChoice("ascent")}, seeds=1, budget=200, folder=tmp_path)
    (hypervolume,) = study.run().indicators()["hypervolume"]
    found = minimize(get_problem(NAME), FrontAscent(), ("n_eval", 200), seed=1).F
    assert hypervolume == pytest.approx(get_problem(NAME).hypervolume(found), abs=1e-6)


@pytest.mark.process
def test_worker_processes_make_the_same_problems(tmp_path):
    names, algorithms = [NAME, "hard-01-16x32"], {"ascent": AlgorithmChoice("ascent")}
    there = Study(names, algorithms, seeds=1, budget=200, folder=tmp_path / "there").run(n_jobs=2)
    here = Study(names, algorithms, seeds=1, budget=200, folder=tmp_path / "here").run()
    assert there.indicators()["hypervolume"].tolist() == here.indicators()["hypervolume"].tolist()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_share_of_concave_bins_rises_from_kind_to_kind(seed):
    encoders = [make_instance(seed, difficulty).encoder for difficulty in KINDS]
    easy, medium, hard = [float((picture_to_sound(one) > 1).double().mean()) for one in encoders]
    assert easy < medium < hard


@pytest.mark.contract
def test_harder_kinds_take_more_evaluations():
    """On other seeds than those of the lists."""
    evaluations = {}
    for difficulty in KINDS:
        made = [make_instance(seed, difficulty) for seed in (101, 102, 103)]
        evaluations[difficulty] = np.median([evaluations_to_gap(problem) for problem in made])
    assert evaluations["easy"] < evaluations["medium"] < evaluations["hard"]


def evaluations_to_gap(problem):
    """Evaluations in whose fronts at most 0.01 of hypervolume is missing to the certified bound."""
    upper = problem.front_bounds().hypervolume_upper
    recorder = FrontRecorder()
    minimize(problem, FrontAscent(), ("n_eval", 8000), seed=1, callback=recorder)
    fronts = zip(recorder.n_eval, recorder.generations, strict=True)
    return next((n for n, F in fronts if upper - problem.hypervolume(F) <= 0.01), np.inf)
