"""What a study says at a budget is what a run with that budget as its limit has found."""

import numpy as np
import pytest
from pymoo.core.callback import Callback, CallbackCollection
from pymoo.optimize import minimize

from pymoo_moss import FrontRecorder, GradientSeedSampling, HybridAlgorithm, ParetoTracer
from pymoo_moss.bounds import non_dominated
from pymoo_moss.search import make_algorithm
from pymoo_moss.study import AlgorithmChoice

from .conftest import tiny_problem

GRADIENTS = {
    "tracer": AlgorithmChoice("tracer", population=20),
    "hybrid": AlgorithmChoice("hybrid", population=24),
    "seeded": AlgorithmChoice("nsga2", population=20, sampling="gradient"),
    "levels": AlgorithmChoice("nsga2", population=20, sampling="levels"),
}
BUDGETS = (70, 400, 1500)
"""In the first population, in seedings, and after them."""


@pytest.fixture(scope="module")
def problem():
    return tiny_problem()


def share(problem, F):
    return problem.hypervolume(np.atleast_2d(F))


def test_values_at_a_budget_are_those_of_a_run_that_ends_there(make_study, problem):
    whole = make_study("whole", algorithms=GRADIENTS, seeds=1, budget=BUDGETS).run().indicators()
    for budget in BUDGETS:
        alone = make_study(f"to {budget}", algorithms=GRADIENTS, seeds=1, budget=budget).run().indicators()
        on_the_way = whole[whole["budget"] == budget].set_index("algorithm")["hypervolume"]
        at_the_end = alone.set_index("algorithm")["hypervolume"]
        np.testing.assert_allclose(on_the_way, at_the_end, rtol=3e-3)
        assert on_the_way.rank().tolist() == at_the_end.rank().tolist()
        for name in ("tracer", "seeded"):
            run = minimize(problem, GRADIENTS[name].make(2), ("n_eval", budget), seed=1)
            assert share(problem, run.F) == pytest.approx(on_the_way[name], rel=3e-3), (name, budget)
    assert (whole["hypervolume"] > 0).all()
    assert np.isfinite(whole["igd_plus"]).all()


def test_records_are_in_the_order_of_evaluations_and_seedings_have_them(make_study):
    result = make_study(algorithms=GRADIENTS, seeds=1, budget=BUDGETS).run()
    for run in result.runs:
        assert (np.diff(run.n_eval) > 0).all()
        assert (np.diff(run.seconds) >= 0).all()
        assert all(run.counted[budget] <= budget for budget in BUDGETS)
    counts = {run.algorithm: run.n_eval for run in result.runs}
    # Ten seeds of which two are ends, and a fill of ten: 12 evaluations, then 24 a step.
    assert counts["seeded"][:4].tolist() == [12, 36, 60, 84]
    # Two ends, the mask between them, and 18 masks.
    assert counts["tracer"][:4].tolist() == [2, 5, 59, 113]


class Told(Callback):
    """Keeps what it is told of between generations."""

    def __init__(self):
        super().__init__()
        self.counts, self.F = [], []

    def on_values(self, algorithm, F):
        self.counts.append(algorithm.evaluator.n_eval)
        self.F.append(F)


@pytest.mark.parametrize("collected", [False, True])
@pytest.mark.parametrize(
    "make",
    [
        lambda: ParetoTracer(20),
        lambda: HybridAlgorithm(pop_size=24),
        lambda: make_algorithm("nsga2", pop_size=20, sampling="gradient"),
    ],
    ids=["tracer", "hybrid", "seeded"],
)
def test_a_run_that_ends_in_its_seeding_has_the_front_that_it_reported(problem, make, collected):
    told = Told()
    callback = CallbackCollection(FrontRecorder(), told) if collected else told
    run = minimize(problem, make(), ("n_eval", 200), seed=1, callback=callback)
    assert run.algorithm.evaluator.n_eval == told.counts[-1] <= 200
    assert run.algorithm.n_gen == 2
    last = told.F[-1]
    np.testing.assert_array_equal(np.unique(last[non_dominated(last)], axis=0), np.unique(run.F, axis=0))


@pytest.mark.parametrize("limit", [1, 3, 50, 500])
@pytest.mark.parametrize(
    ("make", "batch"),
    [
        (lambda: ParetoTracer(20), 18),
        (lambda: HybridAlgorithm(pop_size=24), 24),
        (lambda: make_algorithm("moea-d", pop_size=20, sampling="gradient"), 20),
    ],
    ids=["tracer", "hybrid", "moea-d"],
)
def test_no_more_than_a_first_population_is_spent_beyond_the_limit(problem, make, batch, limit):
    run = minimize(problem, make(), ("n_eval", limit), seed=1)
    assert run.algorithm.evaluator.n_eval <= max(limit, batch)
    assert share(problem, run.F) > 0 or limit < batch


def test_seeds_that_are_evaluated_already_are_not_evaluated_again(problem):
    population = GradientSeedSampling(n_seeds=4, steps=3, on_step=lambda step, F: step == 2)(
        problem, 9, random_state=np.random.default_rng(0)
    )
    assert all({"F", "G", "H"} <= one.evaluated for one in population)
    np.testing.assert_allclose(population.get("F"), problem.evaluate(population.get("X")), rtol=1e-12)
