"""What an objective computes once for an encoder gives the losses of its formula."""

import numpy as np
import pytest
import torch

from pymoo_moss import MOSSProblem
from pymoo_moss.objectives import OBJECTIVES, AudioLogL1, AudioMel, Objective, VisualDisplay

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
