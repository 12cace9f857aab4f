"""Evaluation, gradients, seeding and whole runs against the notebook, torch and the arithmetic limit."""

import time

import numpy as np
import pytest
import torch
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.optimize import minimize

from pymoo_moss import GradientSeedSampling, LevelSampling
from pymoo_moss.search import ExactDuplicateElimination

from . import baselines, memory
from .inputs import random_masks, title

ENGINES = ["numba", "torch"]
GRADIENTS = {"return_values_of": ["F", "dF"]}


def test_the_machine(measure, make_problem):
    encoder = make_problem().encoder
    needed = {g: baselines.necessary_operations(encoder, gradient=g) for g in (False, True)}
    measure(
        "arithmetic",
        baselines.multiply_and_add,
        side="machine",
        amount=baselines.MULTIPLY_ADDS,
        values=needed[False],
        gradients=needed[True],
        problem=f"{title()}, plane {encoder.plane[0]} x {encoder.plane[1]}, grid 64 x 128",
    )


def test_values_by_the_notebook(measure, make_problem):
    problem, x = make_problem(), random_masks(10)
    found = measure(
        "values", lambda: baselines.notebook_values(problem, x), side="notebook", amount=10, rounds=3
    )
    np.testing.assert_allclose(found, problem.evaluate(x), rtol=1e-4)


@pytest.mark.parametrize("engine", ENGINES)
def test_values(measure, make_problem, engine):
    problem, x = make_problem("notebook", engine), random_masks(100)
    measure("values", lambda: problem.evaluate(x), side=engine, amount=100)


@pytest.mark.parametrize("gradients", [False, True])
@pytest.mark.parametrize("amount", [1, 4, 8, 16, 32, 33])
def test_small_batches(measure, make_problem, amount, gradients):
    problem, x = make_problem(), random_masks(amount)
    work = f"batch, {'value and gradient' if gradients else 'value'}"
    options = GRADIENTS if gradients else {}
    measure(work, lambda: problem.evaluate(x, **options), side=str(amount), amount=amount)


def test_gradients_by_the_notebook(measure, make_problem):
    problem, x, weights = make_problem(), random_masks(10), np.ones((10, 2))
    gradients = measure(
        "gradients",
        lambda: baselines.notebook_gradients(problem, x, weights),
        side="notebook",
        amount=10,
        rounds=1,
        warmup=0,
    )
    expected = problem.evaluate(x, **GRADIENTS)[1].sum(axis=1)
    np.testing.assert_allclose(gradients, expected, rtol=1e-2, atol=1e-3 * np.abs(expected).max())


@pytest.mark.parametrize("engine", ENGINES)
def test_gradients(measure, make_problem, engine):
    problem, x = make_problem("notebook", engine), random_masks(10)
    measure("gradients", lambda: problem.evaluate(x, **GRADIENTS), side=engine, amount=10)


MOST_OF_A_MODULE = 1.15
"""Time of 100 masks with gradient through `problem.as_torch()`, relative to `problem.evaluate`."""


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gradients_of_the_torch_module(measure, make_problem, dtype):
    problem, x = make_problem(), random_masks(100)
    losses, masks = problem.as_torch(), torch.from_numpy(x).to(dtype).requires_grad_()

    def by_evaluate():
        return problem.evaluate(x, **GRADIENTS)

    def by_module():
        return torch.autograd.grad(losses(masks).sum(), masks)[0]

    expected = by_evaluate()[1].sum(axis=1)
    np.testing.assert_allclose(by_module(), expected, rtol=1e-3, atol=1e-5 * np.abs(expected).max())
    # By turns, so that other work on the machine slows down both.
    ratios = [_seconds(by_module) / _seconds(by_evaluate) for _ in range(31)]
    ratio = float(np.median(ratios))
    measure("module", by_module, side=str(dtype).removeprefix("torch."), amount=100, ratio=ratio)
    assert ratio < MOST_OF_A_MODULE


def _seconds(function):
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("amount", "gradients"), [(100, False), (10, True), (1, True)])
def test_display(measure, make_problem, engine, amount, gradients):
    problem, x = make_problem("display", engine), random_masks(amount)
    work = f"display {'gradients' if gradients else 'values'} of {amount}"
    options = GRADIENTS if gradients else {}
    measure(work, lambda: problem.evaluate(x, **options), side=engine, amount=amount, rounds=3)


@pytest.mark.parametrize("engine", ENGINES)
def test_seeding(measure, make_problem, engine):
    problem = make_problem("notebook", engine)
    sampling = GradientSeedSampling(n_seeds=10, steps=200)
    run = lambda: sampling(problem, 10, random_state=np.random.default_rng(1))  # noqa: E731
    measure("seeding", run, side=engine, amount=1, rounds=2, warmup=0)


@pytest.mark.parametrize("duplicates", ["pymoo's", "exact"])
def test_generations(measure, make_problem, duplicates):
    _run(measure, make_problem(), "generations", duplicates, LevelSampling())


@pytest.mark.parametrize("duplicates", ["pymoo's", "exact"])
def test_whole_job(measure, make_problem, duplicates):
    _run(measure, make_problem(), "job", duplicates, GradientSeedSampling())


def _run(measure, problem, work, duplicates, sampling):
    """Time NSGA-II, 100 x 50, and the parts of evaluation, of the seeding itself, and of pymoo."""
    options = {} if duplicates == "pymoo's" else {"eliminate_duplicates": ExactDuplicateElimination()}
    spent, seeding, info = [], [], {}
    evaluate, sample = problem._evaluate, sampling.do

    def timed_evaluate(*args, **kwargs):
        started = time.perf_counter()
        evaluate(*args, **kwargs)
        spent.append(time.perf_counter() - started)

    def timed_sample(*args, **kwargs):
        started, before = time.perf_counter(), sum(spent)
        masks = sample(*args, **kwargs)
        seeding.append(time.perf_counter() - started - (sum(spent) - before))
        return masks

    def run():
        started = time.perf_counter()
        result = minimize(problem, NSGA2(pop_size=100, sampling=sampling, **options), ("n_gen", 50), seed=1)
        pymoo = time.perf_counter() - started - sum(spent) - sum(seeding)
        info.update(hypervolume=problem.hypervolume(result.F), pymoo=pymoo)
        info.update(evaluating=sum(spent), seeding=sum(seeding))

    problem._evaluate, sampling.do = timed_evaluate, timed_sample
    try:
        measure(work, run, side=duplicates, amount=1, rounds=1, warmup=0, info=info)
    finally:
        del problem._evaluate


@pytest.mark.parametrize("work", memory.WORK)
@pytest.mark.parametrize("preset", ["notebook", "display"])
def test_memory(measure, preset, work):
    _remember(measure, preset, "numba", work)


@pytest.mark.parametrize("work", memory.NOTEBOOK_WORK)
def test_memory_of_the_notebook(measure, work):
    _remember(measure, "notebook", "notebook", work)


def _remember(measure, preset, engine, work):
    megabytes = []
    run = lambda: megabytes.append(memory.added(preset, engine, work))  # noqa: E731
    side = engine if engine == "notebook" else f"{preset} preset"
    measure("memory", run, side=side, amount=1, rounds=1, warmup=0, what=work, megabytes=megabytes)
