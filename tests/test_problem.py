import copy
import pickle
import tracemalloc

import numpy as np
import pytest
import torch
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.indicators.hv import HV
from pymoo.optimize import minimize

from pymoo_moss import LevelSampling, MOSSProblem
from pymoo_moss.errors import AudioError, ObjectiveError, OptionError, PictureError
from pymoo_moss.objectives import AudioLogL1, Objective, VisualL1, fused

from .conftest import GRID
from .test_cuda import needs_no_cuda


class Power(Objective):
    name = "power"

    def __call__(self, mix, encoder):
        return mix.square().mean(dim=(1, 2))


@pytest.mark.parametrize("engine", ["torch", "numba"])
@pytest.mark.parametrize("preset", ["notebook", "display"])
def test_any_batch_gives_the_rows_it_gives_alone_to_the_last_bit(picture, sound, preset, engine, rng):
    problem = MOSSProblem(picture, sound, preset=preset, grid=GRID, engine=engine)
    x = rng.random((40, problem.n_var))
    x[5], x[20], x[21] = 0.0, 1.0, 1e-6
    alone = np.vstack([problem.evaluate(row) for row in x])
    for part in (slice(0, 40), slice(3, 5), slice(6, 31)):
        np.testing.assert_array_equal(problem.evaluate(x[part]), alone[part])


LEAST_MEMORY_MB = {
    ("notebook", "torch"): 0.4,
    ("display", "torch"): 0.8,
    ("notebook", "numba"): 0.1,
    ("display", "numba"): 15,
}
"""What holds a few masks at a time."""


@pytest.mark.parametrize("engine", ["torch", "numba"])
@pytest.mark.parametrize("preset", ["notebook", "display"])
def test_any_memory_gives_the_same_rows(picture, sound, preset, engine, rng):
    options = {"preset": preset, "grid": GRID, "engine": engine}
    x = rng.random((21, GRID[0] * GRID[1]))
    values, gradients = MOSSProblem(picture, sound, **options).evaluate(x, return_values_of=["F", "dF"])
    for max_memory_mb in (LEAST_MEMORY_MB[preset, engine], 100):
        problem = MOSSProblem(picture, sound, max_memory_mb=max_memory_mb, **options)
        np.testing.assert_allclose(problem.evaluate(x), values, rtol=1e-6)
        others = problem.evaluate(x, return_values_of=["F", "dF"])
        np.testing.assert_allclose(others[0], values, rtol=1e-6)
        np.testing.assert_allclose(others[1], gradients, rtol=1e-4, atol=1e-5 * np.abs(gradients).max())


def test_the_batch_is_cut_to_the_memory(encoder, monkeypatch):
    problem = MOSSProblem(encoder=encoder, objectives=["visual_l1", Power()], max_memory_mb=30)
    sizes = []
    blend = encoder.blend
    monkeypatch.setattr(encoder, "blend", lambda grids: sizes.append(len(grids.levels)) or blend(grids))
    problem.evaluate(np.random.default_rng(0).random((20, encoder.n_var)))
    assert 20 <= sum(sizes) < 20 + max(sizes)
    assert 1 <= max(sizes) < 8
    with pytest.raises(OptionError, match="max_memory_mb of at least"):
        MOSSProblem(encoder=encoder, max_memory_mb=0.01)


def test_inputs_are_not_changed_and_runs_repeat(problem, rng):
    x = rng.random((3, problem.n_var))
    before = x.copy()
    x.flags.writeable = False
    first, second = (problem.evaluate(x, return_values_of=["F", "dF"]) for _ in range(2))
    np.testing.assert_array_equal(x, before)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


def refuse_gradients(*args):
    raise AssertionError("computed a gradient")


class WithoutGradient(VisualL1):
    def kernel(self, encoder):
        kernel = super().kernel(encoder)
        kernel.value_and_gradient = refuse_gradients
        return kernel


@pytest.mark.parametrize("engine", ["torch", "numba"])
def test_gradients_are_computed_only_when_asked_for(encoder, engine, monkeypatch):
    if engine == "torch":
        problem = MOSSProblem(encoder=encoder, objectives=[WithoutGradient(), "audio_mel"])
    else:
        problem = MOSSProblem(encoder=encoder, engine="numba")
        monkeypatch.setattr(fused.FusedAudioLogL1, "values_and_gradients", refuse_gradients)
    assert problem.evaluate(np.full(problem.n_var, 0.5)).shape == (2,)
    with pytest.raises(AssertionError, match="computed a gradient"):
        problem.evaluate(np.full(problem.n_var, 0.5), return_values_of=["F", "dF"])


def test_empty_populations_have_no_values(problem):
    assert problem.evaluate(np.zeros((0, problem.n_var))).shape == (0, 2)


def test_ends_are_exact(problem, rng):
    ends = problem.evaluate(np.repeat([[0.0], [1.0]], problem.n_var, axis=1))
    np.testing.assert_array_equal(problem.ideal_point(), [0, 0])
    np.testing.assert_array_equal(problem.nadir_point(), [ends[0, 0], ends[1, 1]])
    np.testing.assert_array_equal(problem.ref_point, problem.nadir_point())
    inside = problem.evaluate(rng.random((50, problem.n_var)))
    assert (inside > problem.ideal_point()).all()
    assert (inside < problem.nadir_point()).all()


def test_normalised_values_are_shares_of_the_box(encoder, problem, rng):
    normalised = MOSSProblem(encoder=encoder, normalize=True)
    x = rng.random((3, problem.n_var))
    values, gradients = problem.evaluate(x, return_values_of=["F", "dF"])
    scaled, scaled_gradients = normalised.evaluate(x, return_values_of=["F", "dF"])
    np.testing.assert_allclose(scaled, values / problem.nadir_point(), rtol=1e-12)
    np.testing.assert_allclose(scaled_gradients, gradients / problem.nadir_point()[:, None], rtol=1e-12)
    np.testing.assert_array_equal(normalised.nadir_point(), [1, 1])
    assert normalised.hypervolume(scaled) == pytest.approx(problem.hypervolume(values))
    mix = encoder.mix(x)
    np.testing.assert_allclose(
        normalised.evaluate_spectrogram(mix), problem.evaluate_spectrogram(mix) / problem.nadir_point()
    )


def test_hypervolume_is_the_share_of_the_box(problem):
    nadir = problem.nadir_point()
    assert problem.hypervolume(np.array([[0.25, 0.5], [0.5, 0.25]]) * nadir) == pytest.approx(0.375 + 0.125)
    assert problem.hypervolume(0.5 * nadir) == pytest.approx(0.25)
    assert problem.hypervolume(np.zeros((0, 2))) == 0.0
    assert problem.hypervolume(np.array([nadir, 2 * nadir])) == 0.0
    points = np.random.default_rng(0).random((30, 2))
    assert problem.hypervolume(points * nadir) == pytest.approx(HV(ref_point=np.ones(2)).do(points))


def test_points_not_known_exactly_are_refused_with_the_reason(encoder):
    rough = MOSSProblem(encoder=encoder, objectives=["visual_l1", "audio_log_l1", "mask_roughness"])
    np.testing.assert_array_equal(rough.ideal_point(), [0, 0, 0])
    with pytest.raises(ObjectiveError, match="nadir point is not known exactly for mask_roughness"):
        rough.nadir_point()
    assert rough.ref_point[2] == 1.0
    assert rough.hypervolume(np.zeros((1, 3))) == pytest.approx(1.0)
    with pytest.raises(ObjectiveError, match="nadir"):
        MOSSProblem(encoder=encoder, objectives=["visual_l1", "mask_roughness"], normalize=True)
    unbounded = MOSSProblem(encoder=encoder, objectives=["visual_l1", Power()])
    for ask in (unbounded.ideal_point, unbounded.nadir_point, lambda: unbounded.hypervolume(np.ones((1, 2)))):
        with pytest.raises(ObjectiveError, match="power"):
            ask()


def test_two_objectives_of_one_kind_have_no_exact_nadir(encoder):
    problem = MOSSProblem(encoder=encoder, objectives=[VisualL1(), "visual_ssim"])
    with pytest.raises(ObjectiveError, match="nadir"):
        problem.nadir_point()


def test_copies_share_tensors_and_pickles_give_the_same_values(encoder, rng):
    problem = MOSSProblem(encoder=encoder, objectives=["visual_l1", "audio_log_l1", "mask_roughness"])
    x = rng.random((2, problem.n_var))
    copied = copy.deepcopy(problem)
    assert copied.encoder is problem.encoder
    assert copied is not problem
    for other in (copied, pickle.loads(pickle.dumps(problem))):
        for one, same in zip(
            other.evaluate(x, return_values_of=["F", "dF"]),
            problem.evaluate(x, return_values_of=["F", "dF"]),
            strict=True,
        ):
            np.testing.assert_array_equal(one, same)
    loaded = pickle.loads(pickle.dumps(problem))
    assert loaded.encoder is not problem.encoder
    np.testing.assert_array_equal(loaded.ref_point, problem.ref_point)


def test_a_saved_history_holds_populations_and_no_tensors(problem):
    pop_size, generations = 8, 100
    algorithm = NSGA2(pop_size=pop_size, sampling=LevelSampling())
    tracemalloc.start()
    result = minimize(problem, algorithm, ("n_gen", generations), seed=1, save_history=True)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(result.history) == generations
    assert all(entry.problem.encoder is problem.encoder for entry in result.history)
    # Each copy of the algorithm holds parents and offspring; pymoo's own objects come on top.
    populations = generations * 2 * pop_size * problem.n_var * 8
    assert grown < 3 * populations + 2e7


def test_a_run_leaves_nothing_in_the_problem(problem):
    # pymoo's own place for what it keeps, which another run may have filled before.
    ours = lambda: {name: id(value) for name, value in vars(problem).items() if name != "cache"}  # noqa: E731
    before = ours()
    minimize(problem, NSGA2(pop_size=8, sampling=LevelSampling()), ("n_gen", 3), seed=1)
    assert ours() == before


@pytest.mark.parametrize("value", [np.nan, -0.01, 1.01, -1e-6, 1 + 1e-6])
def test_masks_out_of_bounds_are_refused(problem, value):
    x = np.full(problem.n_var, 0.5)
    x[7] = value
    with pytest.raises(OptionError, match=r"expected masks within \[0, 1\]"):
        problem.evaluate(x)


def test_rounding_beyond_the_bounds_is_forgiven(problem):
    for value, bound in ((1 + 1e-12, 1.0), (-1e-12, 0.0)):
        beyond, at = (problem.evaluate(np.full(problem.n_var, level)) for level in (value, bound))
        np.testing.assert_array_equal(beyond, at)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"smothing": 2.0}, "unknown option 'smothing': did you mean 'smoothing'"),
        ({"normalise": True}, "did you mean 'normalize'"),
        ({"preset": "displya"}, "did you mean 'display'"),
        ({"threads": 0}, "threads"),
        ({"phase": "refind"}, "unknown phase 'refind': did you mean 'refined'"),
        ({"device": "toaster"}, "device 'toaster'"),
    ],
)
def test_unknown_options_name_the_nearest(picture, sound, options, message):
    with pytest.raises(OptionError, match=message):
        MOSSProblem(picture, sound, grid=GRID, **options)


def test_inputs_are_given_once(picture, sound, encoder):
    with pytest.raises(OptionError, match="either an encoder"):
        MOSSProblem(picture, sound, encoder=encoder)
    with pytest.raises(OptionError, match="either an encoder"):
        MOSSProblem(encoder=encoder, smoothing=2.0)
    with pytest.raises(PictureError, match="expected a picture"):
        MOSSProblem(audio=sound)
    with pytest.raises(AudioError, match="expected a sound"):
        MOSSProblem(picture)


@needs_no_cuda
def test_cuda_without_a_gpu_is_refused(encoder):
    with pytest.raises(OptionError, match="device 'cuda' cannot be used here"):
        MOSSProblem(encoder=encoder, device="cuda")


@pytest.mark.skipif(torch.backends.mps.is_available(), reason="tests a device that is not there")
def test_the_reason_for_a_refused_device_is_one_sentence(encoder):
    # Torch lists all of its backends.
    with pytest.raises(OptionError, match=r"device 'mps' cannot be used here \(.+\): choose cpu$") as said:
        MOSSProblem(encoder=encoder, device="mps")
    assert len(str(said.value)) < 200


def test_threads_are_set_for_the_evaluation_only(encoder, monkeypatch):
    seen = []

    class Watching(AudioLogL1):
        def __call__(self, mix, encoder):
            seen.append(torch.get_num_threads())
            return super().__call__(mix, encoder)

        def kernel(self, encoder):
            return Objective.kernel(self, encoder)

    before = torch.get_num_threads()
    problem = MOSSProblem(encoder=encoder, objectives=["visual_l1", Watching()], threads=before + 1)
    problem.evaluate(np.zeros(problem.n_var))
    assert set(seen) == {before + 1}
    assert torch.get_num_threads() == before


def test_presets_choose_mapping_and_objectives(picture, sound):
    display = MOSSProblem(picture, sound, preset="display", grid=GRID)
    assert [objective.name for objective in display.objectives] == ["visual_display", "audio_log_l1"]
    assert display.objectives[1].floor_db == pytest.approx(70.0)
    narrower = MOSSProblem(picture, sound, preset="display", grid=GRID, dynamic_range_db=50.0)
    assert narrower.objectives[1].floor_db == pytest.approx(50.0)
    notebook = MOSSProblem(picture, sound, grid=GRID)
    assert [objective.name for objective in notebook.objectives] == ["visual_l1", "audio_log_l1"]


@pytest.mark.parametrize(
    "options",
    [
        {"smoothing": "x"},
        {"gamma": None},
        {"floor_quantile": "low"},
        {"dynamic_range_db": "70"},
        {"n_fft": 1024.0},
        {"hop_length": 256.5},
        {"sample_rate": "16000"},
        {"fmin": "100"},
        {"fmax": True},
        {"max_memory_mb": "a"},
        {"dtype": "float32"},
    ],
)
def test_options_of_another_type_are_refused_in_one_line(picture, sound, options):
    with pytest.raises(OptionError, match="expected") as caught:
        MOSSProblem(picture, sound, grid=GRID, **options)
    assert "\n" not in str(caught.value)
