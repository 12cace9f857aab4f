import math

import numpy as np
import pytest
import torch
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.optimize import minimize
from pytorch_msssim import ssim

from pymoo_moss import GradientSeedSampling, HybridAlgorithm, MOSSProblem, ParetoTracer
from pymoo_moss.errors import ObjectiveError, OptionError
from pymoo_moss.objectives import AudioLogL1, AudioMel, MaskRoughness, Objective, VisualL1, VisualSSIM

from .. import reference
from ..conftest import GRID


class Loudness(Objective):
    """A user's own objective: mean power of the mixture, through autograd."""

    name = "loudness"

    def __call__(self, mix, encoder):
        return mix.square().mean(dim=(1, 2))


class Duck:
    """The same, without the base class."""

    name = "duck"

    def __call__(self, mix, encoder):
        return mix.square().mean(dim=(1, 2))


@pytest.mark.parametrize("objective", [Loudness(), Duck()])
def test_a_users_objective_works_with_gradients(encoder, objective, rng):
    problem = MOSSProblem(encoder=encoder, objectives=["visual_l1", objective])
    x = rng.random((3, problem.n_var))
    values, gradients = problem.evaluate(x, return_values_of=["F", "dF"])
    mix, audio, image = reference.mixture(x, encoder)
    np.testing.assert_allclose(values[:, 1], mix.square().mean(dim=(1, 2)), rtol=1e-5)
    by_mask = 2 * mix * (image - audio) / mix[0].numel()
    expected = encoder.mask_map.double().adjoint(by_mask).flatten(1)
    encoder.mask_map.float()
    np.testing.assert_allclose(gradients[:, 1], expected, rtol=1e-4, atol=1e-5 * expected.abs().max())
    assert problem.objectives[1].name == objective.name


def test_ssim_is_that_of_the_stretched_log_spectrogram(encoder, rng):
    problem = MOSSProblem(encoder=encoder, objectives=["visual_ssim", "audio_log_l1"])
    x = rng.random((3, problem.n_var))
    mix, _, _ = reference.mixture(x, encoder)
    for row, levels in zip(problem.evaluate(x), torch.log(mix + 1e-8), strict=True):
        stretched = (levels - levels.min()) / (levels.max() - levels.min())
        expected = 1 - ssim(stretched[None, None], encoder.picture.double()[None, None], data_range=1.0)
        assert row[0] == pytest.approx(float(expected), rel=1e-4)


def test_ssim_gradient_equals_finite_differences(exact_encoder, rng):
    problem = MOSSProblem(encoder=exact_encoder, objectives=["visual_ssim", "audio_log_l1"])
    x, direction, step = 0.2 + 0.6 * rng.random(problem.n_var), rng.standard_normal(problem.n_var), 1e-6
    _, gradients = problem.evaluate(x, return_values_of=["F", "dF"])
    above, below = (problem.evaluate(x + sign * step * direction) for sign in (1, -1))
    np.testing.assert_allclose(gradients @ direction, (above - below) / (2 * step), rtol=1e-3, atol=1e-9)


def test_mel_compares_bands(encoder):
    objective, audio = AudioMel(bands=8), encoder.audio_magnitude
    assert float(objective(audio[None], encoder)) == 0.0
    # The tail of digital silence counts a little less, by the 1e-8 under the logarithm.
    assert float(objective(2 * audio[None], encoder)) == pytest.approx(math.log(2), rel=0.05)
    # Energy that moves within a band is the same to it, and not to the log L1 of every bin.
    moved = audio.clone()
    moved[400:402] = audio[400:402].flip(0)
    assert float(objective(moved[None], encoder)) < 0.05 * float(AudioLogL1()(moved[None], encoder) * 513 / 8)


def test_mel_stays_within_its_bound(encoder, rng):
    problem = MOSSProblem(encoder=encoder, objectives=["visual_l1", AudioMel(16)])
    bound = AudioMel(16).upper_bound(encoder)
    values = problem.evaluate(np.stack(list(reference.challenging_masks(problem.n_var, GRID).values())))[:, 1]
    assert 0 <= values.min() < values.max() <= bound * (1 + 1e-6)


def test_roughness_is_the_mean_squared_step(encoder, rng):
    problem = MOSSProblem(encoder=encoder, objectives=["visual_l1", "audio_log_l1", "mask_roughness"])
    x = rng.random((2, problem.n_var))
    values, gradients = problem.evaluate(x, return_values_of=["F", "dF"])
    grids = x.reshape(2, *GRID)
    steps = [np.concatenate([np.diff(g, axis=0).ravel(), np.diff(g, axis=1).ravel()]) for g in grids]
    np.testing.assert_allclose(values[:, 2], [np.mean(step**2) for step in steps], rtol=1e-5)
    direction, step = rng.standard_normal((2, problem.n_var)), 1e-4
    moved = [
        problem.evaluate(np.clip(x + sign * step * direction * (x > 0.1) * (x < 0.9), 0, 1))[:, 2]
        for sign in (1, -1)
    ]
    slope = (gradients[:, 2] * direction * (x > 0.1) * (x < 0.9)).sum(axis=1)
    np.testing.assert_allclose(slope, (moved[0] - moved[1]) / (2 * step), rtol=1e-2)
    checkerboard = np.indices(GRID).sum(axis=0) % 2
    assert problem.evaluate(checkerboard.reshape(1, -1).astype(float))[0, 2] == pytest.approx(1.0)
    with pytest.raises(ObjectiveError, match="mask"):
        MaskRoughness()(encoder.audio_magnitude[None], encoder)
    assert np.isnan(problem.evaluate_spectrogram(encoder.mix(x))[:, 2]).all()


class WrongShape(Loudness):
    def __call__(self, mix, encoder):
        return mix.mean()


class NotANumber(Loudness):
    def __call__(self, mix, encoder):
        return mix.mean(dim=(1, 2)) * float("nan")


class Detached(Loudness):
    def __call__(self, mix, encoder):
        return mix.detach().mean(dim=(1, 2))


class ByNumpy(Loudness):
    def __call__(self, mix, encoder):
        return torch.from_numpy(mix.numpy().mean(axis=(1, 2)))


@pytest.mark.parametrize("objective", [Detached(), ByNumpy()])
def test_an_objective_without_a_gradient_joins_those_that_have_one(encoder, objective, rng):
    problem = MOSSProblem(encoder=encoder, objectives=["visual_l1", "audio_log_l1", objective])
    x = rng.random((3, problem.n_var))
    with pytest.warns(UserWarning, match="objective 'loudness' has no gradient"):
        values, gradients = problem.evaluate(x, return_values_of=["F", "dF"])
    np.testing.assert_allclose(values[:, 2], encoder.mix(x).mean(dim=(1, 2)), rtol=1e-6)
    assert np.isnan(gradients[:, 2]).all()
    both = MOSSProblem(encoder=encoder)
    np.testing.assert_array_equal(gradients[:, :2], both.evaluate(x, return_values_of=["dF"]))
    # Said once.
    problem.evaluate(x, return_values_of=["F", "dF"])
    algorithm = NSGA2(pop_size=8, sampling=GradientSeedSampling(n_seeds=6, steps=60, lr=0.2, anchors=False))
    result = minimize(problem, algorithm, ("n_gen", 2), seed=1)
    seeds = algorithm.initialization.sampling
    assert seeds.n_seeds == 6
    spans = np.ptp(result.F, axis=0)
    assert (spans[:2] > 0.3 * np.ptp(problem.losses_at_ends, axis=0)[:2]).all()


@pytest.mark.parametrize(
    "algorithm", [HybridAlgorithm(pop_size=8, n_refined=4, refinement_steps=3), ParetoTracer(6)]
)
def test_refinement_does_without_an_objective_that_has_no_gradient(encoder, algorithm):
    problem = MOSSProblem(encoder=encoder, objectives=["visual_l1", Detached()])
    with pytest.warns(UserWarning, match="has no gradient"):
        result = minimize(problem, algorithm, ("n_gen", 3), seed=1)
    assert np.isfinite(result.F).all()


def test_errors_of_an_objective_are_not_taken_for_a_missing_gradient(encoder, rng):
    class Broken(Loudness):
        def __call__(self, mix, encoder):
            if mix.requires_grad:
                raise RuntimeError("out of memory")
            return mix.mean(dim=(1, 2))

    problem = MOSSProblem(encoder=encoder, objectives=["visual_l1", Broken()])
    with pytest.raises(RuntimeError, match="out of memory"):
        problem.evaluate(rng.random(problem.n_var), return_values_of=["F", "dF"])


class Declared:
    """What an objective declares of itself counts without the base class, too."""

    name = "declared"
    side = "sound"
    lower_bound = -1.0

    def __call__(self, mix, encoder):
        return mix.mean(dim=(1, 2))

    def upper_bound(self, encoder):
        return 1e3


class DeclaredNumber(Declared):
    upper_bound = 1e3


@pytest.mark.parametrize("objective", [Declared(), DeclaredNumber()])
def test_an_object_keeps_the_bounds_and_the_side_that_it_declares(encoder, objective):
    problem = MOSSProblem(encoder=encoder, objectives=["visual_l1", objective])
    assert problem.sides == ("picture", "sound")
    low, high = problem.hypervolume_box
    assert (low[1], high[1]) == (-1.0, 1e3)


class MeanLevel:
    """Of the mask alone, by a kernel of its own."""

    name = "mean_level"
    of_mix = False
    bytes_per_mask = 1000

    def __call__(self, mix, encoder):
        raise AssertionError("a mixture does not determine its mask")

    def kernel(self, encoder):
        return self

    def value(self, grids):
        return grids.levels.double().mean(dim=(1, 2))

    def value_and_gradient(self, grids):
        return self.value(grids), torch.full_like(grids.levels, 1 / grids.levels[0].numel())


def test_an_object_may_be_a_loss_of_the_mask_with_a_kernel_of_its_own(encoder, rng):
    x = rng.random((3, encoder.n_var))
    problem = MOSSProblem(encoder=encoder, objectives=["visual_l1", MeanLevel(), "audio_log_l1"])
    values, gradients = problem.evaluate(x, return_values_of=["F", "dF"])
    np.testing.assert_allclose(values[:, 1], x.mean(axis=1), rtol=1e-6)
    np.testing.assert_allclose(gradients[:, 1], 1 / encoder.n_var, rtol=1e-6)
    assert np.isnan(problem.evaluate_spectrogram(encoder.mix(x))[:, 1]).all()


def test_an_object_may_prepare_its_constants(encoder, rng):
    class Prepared:
        name = "prepared"
        prepared = 0

        def __call__(self, mix, encoder):
            return self.prepare(encoder)(mix)

        def prepare(self, encoder):
            self.prepared += 1
            total = float(encoder.audio_magnitude.sum())
            return lambda mix: mix.sum(dim=(1, 2)) / total

    objective = Prepared()
    problem = MOSSProblem(encoder=encoder, objectives=["visual_l1", objective])
    before = objective.prepared
    x = rng.random((40, problem.n_var))
    found = problem.evaluate(x)[:, 1]
    assert objective.prepared == before
    np.testing.assert_allclose(found, objective(encoder.mix(x), encoder), rtol=1e-6)


class HalfVisualL1(VisualL1):
    """A subclass that replaces the formula alone: the closed form of its parent is another loss."""

    def __call__(self, mix, encoder):
        return super().__call__(mix, encoder) / 2


class RoughSound(MaskRoughness):
    """Of the mixture, although its parent is of the mask."""

    def __call__(self, mix, encoder):
        return mix.diff(dim=2).square().mean(dim=(1, 2))


def test_a_subclass_of_a_loss_of_masks_may_be_one_of_mixtures(encoder, rng):
    x = rng.random((3, encoder.n_var))
    problem = MOSSProblem(encoder=encoder, objectives=["visual_l1", RoughSound()])
    expected = encoder.mix(x).diff(dim=2).square().mean(dim=(1, 2))
    np.testing.assert_allclose(problem.evaluate(x)[:, 1], expected, rtol=1e-5)


@pytest.mark.parametrize("engine", ["auto", "torch"])
def test_a_subclass_with_another_formula_is_not_evaluated_by_its_parents_closed_form(encoder, engine, rng):
    x = rng.random((3, encoder.n_var))
    problem = MOSSProblem(encoder=encoder, objectives=[HalfVisualL1(), "audio_log_l1"], engine=engine)
    whole = MOSSProblem(encoder=encoder).evaluate(x)[:, 0]
    np.testing.assert_allclose(problem.evaluate(x)[:, 0], whole / 2, rtol=1e-5)


def test_a_class_in_place_of_an_object_is_refused(encoder):
    with pytest.raises(ObjectiveError, match=r"got the class VisualL1: pass an object, VisualL1\(\)"):
        MOSSProblem(encoder=encoder, objectives=[VisualL1, "audio_log_l1"])


def test_malformed_objectives_are_told_what_is_wrong(encoder):
    with pytest.raises(ObjectiveError, match=r"shape \(n,\)"):
        MOSSProblem(encoder=encoder, objectives=["visual_l1", WrongShape()])
    with pytest.raises(ObjectiveError, match="finite losses from objective 'loudness'"):
        MOSSProblem(encoder=encoder, objectives=["visual_l1", NotANumber()])
    with pytest.raises(ObjectiveError, match="name and __call__"):
        MOSSProblem(encoder=encoder, objectives=["visual_l1", 3])
    with pytest.raises(OptionError, match="did you mean 'visual_l1'"):
        MOSSProblem(encoder=encoder, objectives=["visual_11", "audio_log_l1"])
    for objectives in ("visual_l1", ["visual_l1"], []):
        with pytest.raises(OptionError, match="expected objectives as two or more"):
            MOSSProblem(encoder=encoder, objectives=objectives)


def test_ssim_has_a_bound():
    assert VisualSSIM().upper_bound(None) == 2.0


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_mel_bands_have_one_sided_derivatives_at_the_ends(exact_encoder, level):
    """Against difference quotients into the box, in float64."""
    problem = MOSSProblem(encoder=exact_encoder, objectives=["visual_l1", "audio_mel"])
    x = np.full((1, problem.n_var), level)
    gradient = problem.evaluate(x, return_values_of=["dF"])[0, 1]
    # Small, because derivatives reach 1e7 where the picture is black and the sound is not.
    step = 1e-11 if level == 0 else -1e-11
    # Along the constant masks, where all bins of a band move one way.
    quotient = (problem.evaluate(x + step)[0, 1] - problem.evaluate(x)[0, 1]) / step
    assert gradient.sum() == pytest.approx(quotient, rel=1e-3)


class Sometimes(Loudness):
    """Without a gradient in the first batch that asks for one."""

    def __init__(self):
        self.calls = 0

    def __call__(self, mix, encoder):
        self.calls += mix.requires_grad
        return (mix.detach() if self.calls == 1 else mix).square().mean(dim=(1, 2))


def test_one_batch_without_a_gradient_does_not_take_it_from_the_others(encoder, rng):
    problem = MOSSProblem(encoder=encoder, objectives=["visual_l1", Sometimes()])
    x = rng.random((1, problem.n_var))
    with pytest.warns(UserWarning, match="no gradient"):
        assert np.isnan(problem.evaluate(x, return_values_of=["dF"])[:, 1]).all()
    assert np.isfinite(problem.evaluate(x, return_values_of=["dF"])).all()


class Scaled(Loudness):
    """A parameter has a gradient, the mixture has none."""

    def __init__(self):
        self.weight = torch.ones((), requires_grad=True)

    def __call__(self, mix, encoder):
        return self.weight * mix.detach().mean(dim=(1, 2))


def test_the_gradient_of_a_parameter_is_not_that_of_the_mixture(encoder, rng):
    problem = MOSSProblem(encoder=encoder, objectives=["visual_l1", Scaled()])
    with pytest.warns(UserWarning, match="no gradient"):
        gradients = problem.evaluate(rng.random((2, problem.n_var)), return_values_of=["dF"])
    assert np.isnan(gradients[:, 1]).all()
    assert np.isfinite(gradients[:, 0]).all()


class InPlace(Loudness):
    def __call__(self, mix, encoder):
        return mix.log_().mean(dim=(1, 2))


def test_an_objective_that_computes_in_place_changes_no_other(encoder, rng):
    mix = encoder.mix(rng.random((2, encoder.n_var)))
    kept = mix.clone()
    alone = MOSSProblem(encoder=encoder).evaluate_spectrogram(mix)
    beside = MOSSProblem(encoder=encoder, objectives=[InPlace(), "visual_l1", "audio_log_l1"])
    np.testing.assert_array_equal(beside.evaluate_spectrogram(mix)[:, 1:], alone)
    assert torch.equal(mix, kept)


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"least_at": 0.5}, "least_at of objective 'loudness' to be 0.0, 1.0 or None, got 0.5"),
        ({"side": "audio"}, "side of objective 'loudness' to be 'picture', 'sound' or None, got 'audio'"),
        ({"name": None}, "to have a name"),
    ],
)
def test_what_an_objective_cannot_declare_is_refused(encoder, declared, message):
    objective = type("Odd", (Loudness,), declared)()
    with pytest.raises(ObjectiveError, match=message):
        MOSSProblem(encoder=encoder, objectives=["visual_l1", objective])


def test_objectives_may_come_from_a_generator(encoder):
    problem = MOSSProblem(encoder=encoder, objectives=(name for name in ("visual_l1", "audio_mel")))
    assert [objective.name for objective in problem.objectives] == ["visual_l1", "audio_mel"]
