"""What an objective computes once for an encoder gives the losses of its formula."""

import numpy as np
import pytest
import torch

from pymoo_moss import MaskEncoder, MOSSProblem
from pymoo_moss.errors import ObjectiveError
from pymoo_moss.objectives import OBJECTIVES, AudioLogL1, AudioMel, Objective, VisualDisplay
from pymoo_moss.runs import ViewSimilarity

from ..conftest import GRID

OF_MIX = [objective for objective in OBJECTIVES.values() if objective.of_mix]


@pytest.mark.parametrize("objective", OF_MIX)
def test_what_is_prepared_gives_the_losses_of_the_formula(encoder, objective, rng):
    mix = encoder.mix(rng.random((3, encoder.n_var)))
    prepared = objective().prepare(encoder)
    assert torch.equal(prepared(mix), objective()(mix, encoder))
    assert torch.equal(prepared(mix[1:]), objective()(mix[1:], encoder))


@pytest.mark.parametrize("parent", [VisualDisplay, AudioMel, AudioLogL1])
def test_a_subclass_with_another_formula_does_not_inherit_what_its_parent_prepares(encoder, parent, rng):
    class Doubled(parent):
        name = "doubled"

        def __call__(self, mix, encoder):
            return 2 * super().__call__(mix, encoder)

        def kernel(self, encoder):
            return Objective.kernel(self, encoder)

    x = rng.random((2, encoder.n_var))
    mix, expected = encoder.mix(x), 2 * parent()(encoder.mix(x), encoder)
    problem = MOSSProblem(encoder=encoder, objectives=["visual_l1", Doubled()])
    np.testing.assert_allclose(problem.evaluate(x)[:, 1], expected, rtol=1e-5)
    np.testing.assert_allclose(problem.evaluate_spectrogram(mix)[:, 1], expected, rtol=1e-6)


def test_a_subclass_that_prepares_otherwise_has_that_formula_too(encoder, rng):
    class Halved(AudioMel):
        def prepare(self, encoder):
            losses = super().prepare(encoder)
            return lambda mix: 0.5 * losses(mix)

    mix = encoder.mix(rng.random((2, encoder.n_var)))
    assert torch.equal(Halved()(mix, encoder), 0.5 * AudioMel()(mix, encoder))


class WithFormula(Objective):
    name = "formula"

    def __call__(self, mix, encoder):
        return mix.mean(dim=(1, 2))


class WithPreparation(Objective):
    name = "preparation"

    def prepare(self, encoder):
        return lambda mix: mix.mean(dim=(1, 2))


class FormulaDoubles:
    def __call__(self, mix, encoder):
        return 2 * super().__call__(mix, encoder)


class PreparationDoubles:
    def prepare(self, encoder):
        losses = super().prepare(encoder)
        return lambda mix: 2 * losses(mix)


PARENTS = [WithFormula, WithPreparation, AudioMel, VisualDisplay, AudioLogL1]
DOUBLING = [FormulaDoubles, PreparationDoubles]


@pytest.mark.parametrize("doubles", DOUBLING)
@pytest.mark.parametrize("mixin", [False, True])
@pytest.mark.parametrize("parent", PARENTS)
def test_formula_and_preparation_follow_each_other_through_any_inheritance(
    encoder, parent, mixin, doubles, rng
):
    if mixin:
        child = type("Child", (doubles, parent), {})
    elif doubles is FormulaDoubles:

        class child(parent):  # noqa: N801
            def __call__(self, mix, encoder):
                return 2 * super().__call__(mix, encoder)
    else:

        class child(parent):  # noqa: N801
            def prepare(self, encoder):
                losses = super().prepare(encoder)
                return lambda mix: 2 * losses(mix)

    # A grandchild overrides the other of the two methods as well.
    (other,) = set(DOUBLING) - {doubles}
    mix = encoder.mix(rng.random((2, encoder.n_var)))
    expected = parent()(mix, encoder)
    for factor, made in ((2, child), (4, type("Grandchild", (other, child), {}))):
        torch.testing.assert_close(made()(mix, encoder), factor * expected)
        torch.testing.assert_close(made().prepare(encoder)(mix), factor * expected)


def test_a_class_with_neither_says_what_to_define(encoder):
    class Neither(Objective):
        name = "neither"

    with pytest.raises(ObjectiveError, match=r"from Neither: define __call__\(mix, encoder\) or prepare"):
        MOSSProblem(encoder=encoder, objectives=["visual_l1", Neither()])


@pytest.mark.parametrize("name", ["audio_mel", "visual_ssim"])
def test_an_encoder_may_be_converted_after_its_problem_was_made(picture, sound, name, rng):
    encoder = MaskEncoder(picture, sound, grid=GRID)
    problem = MOSSProblem(encoder=encoder, objectives=["visual_l1", name], engine="torch")
    x = rng.random((2, encoder.n_var))
    before, heard = problem.evaluate(x), problem.evaluate_spectrogram(encoder.mix(x))
    encoder.double()
    np.testing.assert_allclose(problem.evaluate(x), before, rtol=1e-4)
    np.testing.assert_allclose(problem.evaluate_spectrogram(encoder.mix(x)), heard, rtol=1e-4)


def test_the_exporter_follows_a_converted_encoder(picture, sound):
    problem = MOSSProblem(picture, sound, preset="display", grid=GRID)
    view_ssim = ViewSimilarity(problem.encoder)
    x = np.full(problem.n_var, 0.5)
    before = view_ssim(problem.encoder.mix(x))
    problem.encoder.double()
    assert view_ssim(problem.encoder.mix(x)) == pytest.approx(before, abs=1e-4)


def test_constants_are_computed_once_for_many_evaluations(encoder, rng):
    prepared = []

    class Counting(AudioMel):
        def prepare(self, encoder):
            prepared.append(encoder)
            return super().prepare(encoder)

    problem = MOSSProblem(encoder=encoder, objectives=["visual_l1", Counting()])
    x = rng.random((20, encoder.n_var))
    for _ in range(3):
        problem.evaluate(x, return_values_of=["F", "dF"])
    assert prepared == [encoder]
    for _ in range(3):
        problem.evaluate_spectrogram(encoder.mix(x[:2]))
    assert prepared == [encoder, encoder]
