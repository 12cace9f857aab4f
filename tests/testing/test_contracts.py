"""The package's own classes keep the contracts; each fault in a class is reported."""

import random

import numpy as np
import pytest
import torch
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.population import Population
from pymoo.core.sampling import Sampling

from pymoo_moss import (
    GradientSeedSampling,
    HybridAlgorithm,
    LevelSampling,
    ParetoTracer,
    SmoothNoiseSampling,
)
from pymoo_moss.objectives import OBJECTIVES, AudioLogL1, AutogradKernel, Objective, VisualL1
from pymoo_moss.search import ALGORITHMS, make_algorithm
from pymoo_moss.testing import check_algorithm, check_objective, check_sampling, counted

from ..conftest import GRID
from ..marks import few

SEEDING = {"n_seeds": 5, "steps": 4, "lr": 0.3}
ALGORITHMS_WITH_A_FRONT = sorted(set(ALGORITHMS) - {"rvea"})
"""RVEA is not among them, because its result contains dominated masks."""


@pytest.mark.parametrize("objective", [*OBJECTIVES.values(), lambda: AudioLogL1(floor_db=50.0)])
def test_our_objectives_keep_the_contract(objective):
    check_objective(objective())


def test_an_objective_can_be_checked_on_a_plane_of_ones_own(encoder):
    check_objective(VisualL1(), encoder)
    assert encoder.picture.dtype == torch.float32


@pytest.mark.parametrize(
    "sampling",
    [
        LevelSampling(),
        SmoothNoiseSampling(),
        GradientSeedSampling(**SEEDING),
        GradientSeedSampling(schedule="spread", fill="ramp", **SEEDING),
    ],
)
def test_our_samplings_keep_the_contract(sampling):
    check_sampling(sampling)


@pytest.mark.parametrize(
    "algorithm",
    [
        HybridAlgorithm(
            seeding=GradientSeedSampling(**SEEDING), pop_size=12, n_refined=4, refinement_steps=3
        ),
        HybridAlgorithm(NSGA2(pop_size=10), GradientSeedSampling(**SEEDING), refine_every=0),
        ParetoTracer(8),
    ],
)
def test_our_algorithms_keep_the_contract(algorithm):
    check_algorithm(algorithm)
    assert not algorithm.is_initialized


@pytest.mark.parametrize("name", few(ALGORITHMS_WITH_A_FRONT, ["nsga2"], "contract"))
def test_pymoos_algorithms_keep_it_too(name, problem):
    check_algorithm(make_algorithm(name, pop_size=12), problem)


def test_counting_is_that_of_the_problem(problem, rng):
    copied, spent = counted(problem)
    x = rng.random((3, GRID[0] * GRID[1]))
    np.testing.assert_array_equal(copied.evaluate(x), problem.evaluate(x))
    assert spent.evaluations == 3
    copied.evaluate(x, return_values_of=["F", "dF"])
    copied.log_parts(x)
    assert spent.evaluations == 3 + 9 + 9


class Power(Objective):
    name = "power"

    def __call__(self, mix, encoder):
        return mix.square().mean(dim=(1, 2))


def objective(**changes):
    return type("Faulty", (Power,), changes)()


class HalfGradient(torch.autograd.Function):
    @staticmethod
    def forward(context, mix):
        context.save_for_backward(mix)
        return mix.square().mean(dim=(1, 2))

    @staticmethod
    def backward(context, slope):
        (mix,) = context.saved_tensors
        return slope[:, None, None] * mix / mix[0].numel()


def noisy(self, mix, encoder):
    return mix.mean(dim=(1, 2)) + torch.rand(len(mix), generator=self.generator)


def spoils_the_mixture(self, mix, encoder):
    losses = mix.square().mean(dim=(1, 2))
    mix.zero_()
    return losses


def spoils_the_encoder(self, mix, encoder):
    encoder.picture.mul_(0.5)
    return mix.square().mean(dim=(1, 2))


FAULTY_OBJECTIVES = {
    "no name": ({"name": ""}, "expected a name"),
    "one loss for all": ({"__call__": lambda self, mix, encoder: mix.mean()}, "one loss for each mask"),
    "no tensor": ({"__call__": lambda self, mix, encoder: [0.0] * len(mix)}, "expected a tensor"),
    "whole numbers": (
        {"__call__": lambda self, mix, encoder: mix.mean(dim=(1, 2)).round().long()},
        "floating-point",
    ),
    "not a number": (
        {"__call__": lambda self, mix, encoder: mix.mean(dim=(1, 2)) * float("nan")},
        "expected finite losses",
    ),
    "depends on the batch": (
        {"__call__": lambda self, mix, encoder: mix.mean(dim=(1, 2)) / mix.max()},
        "alone to equal those in a batch",
    ),
    "random": (
        {"__call__": noisy, "generator": torch.Generator().manual_seed(0)},
        "the same losses in a second evaluation",
    ),
    "spoils the mixture": ({"__call__": spoils_the_mixture}, "leave the mixture"),
    "spoils the encoder": ({"__call__": spoils_the_encoder}, "changed picture"),
    "loses digits": (
        {"__call__": lambda self, mix, encoder: ((mix + 1e7) - 1e7).square().mean(dim=(1, 2))},
        "float32 losses",
    ),
    "wrong gradient": (
        {"__call__": lambda self, mix, encoder: HalfGradient.apply(mix)},
        "the gradients of 'power' to be finite differences",
    ),
    "a kernel that is not the formula": (
        {"kernel": lambda self, encoder: AutogradKernel(VisualL1(), encoder)},
        "the kernel of 'power' to return the losses of its formula",
    ),
    "prepares another loss": (
        {"prepare": lambda self, encoder: lambda mix: mix.mean(dim=(1, 2)), "__call__": Power.__call__},
        "the prepared loss of 'power' to return the losses of its formula",
    ),
    "wrong least": ({"least_at": 1.0}, "least loss of 'power' at X = 1.0"),
    "wrong lower bound": ({"lower_bound": 1e9}, "below its lower_bound"),
    "wrong upper bound": ({"upper_bound": lambda self, encoder: 0.0}, "above its upper_bound"),
    "not monotone": (
        {
            "monotone": True,
            "__call__": lambda self, mix, encoder: (
                (mix.log() - 0.5 * (encoder.audio_magnitude * encoder.image_magnitude).log())
                .square()
                .mean(dim=(1, 2))
            ),
        },
        "to be monotone",
    ),
}


@pytest.mark.parametrize(("changes", "message"), FAULTY_OBJECTIVES.values(), ids=FAULTY_OBJECTIVES)
def test_faulty_objectives_are_caught(changes, message):
    with pytest.raises(AssertionError, match=message):
        check_objective(objective(**changes))


def test_an_objective_may_have_no_gradient():
    detached = objective(__call__=lambda self, mix, encoder: mix.detach().mean(dim=(1, 2)))
    with pytest.warns(UserWarning, match="has no gradient"):
        check_objective(detached)


class Sampled(Sampling):
    """Uniform masks, made by a function that may be wrong."""

    def __init__(self, make):
        super().__init__()
        self.make = make

    def _do(self, problem, n_samples, *args, random_state, **kwargs):
        return self.make(problem, n_samples, random_state)


def evaluated(problem, n_samples, random_state):
    X = random_state.random((n_samples, problem.n_var))
    problem.evaluate(X, return_values_of=["F", "dF"])
    return X


FAULTY_SAMPLINGS = {
    "shape": (lambda p, n, r: r.random((n, p.n_var + 1)), "expected masks of shape"),
    "number": (lambda p, n, r: r.random((n + 1, p.n_var)), "expected 1 masks"),
    "precision": (lambda p, n, r: r.random((n, p.n_var), dtype=np.float32), "expected float64"),
    "range": (lambda p, n, r: r.normal(size=(n, p.n_var)), r"within \[0, 1\]"),
    "not a number": (lambda p, n, r: np.full((n, p.n_var), np.nan), r"within \[0, 1\]"),
    "numpy's generator": (lambda p, n, r: np.random.rand(n, p.n_var), "numpy's global generator"),  # noqa: NPY002
    "Python's generator": (
        lambda p, n, r: np.full((n, p.n_var), random.random()),
        "Python's global generator",
    ),
    "torch's generator": (
        lambda p, n, r: torch.rand(n, p.n_var, dtype=torch.float64).numpy(),
        "torch's global generator",
    ),
    "not repeatable": (
        lambda p, n, r: np.random.default_rng().random((n, p.n_var)),
        "the same masks for the same random_state",
    ),
    "not counted": (evaluated, "expected Sampled to add the 36 evaluations"),
}


@pytest.mark.parametrize(("make", "message"), FAULTY_SAMPLINGS.values(), ids=FAULTY_SAMPLINGS)
def test_faulty_samplings_are_caught(make, message):
    with pytest.raises(AssertionError, match=message):
        check_sampling(Sampled(make))


class Faulty(NSGA2):
    def __init__(self):
        super().__init__(pop_size=10, sampling=SmoothNoiseSampling())


class NotCounted(Faulty):
    def _infill(self):
        self.problem.evaluate(self.pop.get("X"))
        return super()._infill()


class MovesMasks(Faulty):
    def _set_optimum(self):
        super()._set_optimum()
        self.opt = Population.new(X=np.clip(self.opt.get("X") + 0.1, 0, 1), F=self.opt.get("F"))


class KeepsTheDominated(Faulty):
    first = None

    def _set_optimum(self):
        self.first = self.pop if self.first is None else self.first
        self.opt = Population.merge(self.first, self.pop)


class DrawsFromElsewhere(Faulty):
    def _infill(self):
        offspring = super()._infill()
        for one in offspring:
            one.X = np.clip(one.X + 0.01 * np.random.default_rng().random(len(one.X)), 0, 1)
        return offspring


class LeavesTheBox(Faulty):
    def _set_optimum(self):
        super()._set_optimum()
        self.opt = Population.new(X=self.opt.get("X") + 1, F=self.opt.get("F"))


class GoesOn(Faulty):
    def has_next(self):
        return self.n_gen is None or self.n_gen < 9


FAULTY_ALGORITHMS = {
    NotCounted: "expected NotCounted to count the 70 evaluations that it spent, it counted 40",
    MovesMasks: "to have the values of its masks",
    KeepsTheDominated: "masks are dominated",
    DrawsFromElsewhere: "find the same with the same seed",
    LeavesTheBox: r"within \[0, 1\]",
    GoesOn: "it continued to",
}


@pytest.mark.parametrize(
    ("algorithm", "message"), FAULTY_ALGORITHMS.items(), ids=lambda value: getattr(value, "__name__", "")
)
def test_faulty_algorithms_are_caught(algorithm, message, problem):
    with pytest.raises(AssertionError, match=message):
        check_algorithm(algorithm(), problem)


def test_an_algorithm_that_was_set_up_is_refused(problem):
    used = NSGA2(pop_size=10).setup(problem, ("n_gen", 1), seed=1)
    used.next()
    with pytest.raises(AssertionError, match="that was not set up"):
        check_algorithm(used, problem)
