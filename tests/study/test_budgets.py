"""What a study says at a budget is what a run with that budget as its limit has found."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pymoo.core.algorithm as algorithm_module
import pymoo.termination.max_time as max_time_module
import pytest
from pymoo.core.callback import Callback, CallbackCollection
from pymoo.optimize import minimize
from pymoo.problems.multi import ZDT1

from pymoo_moss import FrontRecorder, GradientSeedSampling, HybridAlgorithm, ParetoTracer
from pymoo_moss.bounds import non_dominated
from pymoo_moss.errors import OptionError
from pymoo_moss.search import budget as budget_module
from pymoo_moss.search import make_algorithm
from pymoo_moss.study import AlgorithmChoice, ProblemChoice, Study, StudyResult, compare_over_problems
from pymoo_moss.study import task as task_module
from pymoo_moss.study.budgets import parse_budget

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


def test_budgets_per_variable_are_worth_evaluations_on_each_problem(tmp_path):
    small = ProblemChoice("pymoo.problems.multi:ZDT1", {"n_var": 5})
    large = ProblemChoice("pymoo.problems.multi:ZDT1", {"n_var": 11})
    algorithms = {"nsga2": AlgorithmChoice("nsga2", population=8)}
    problems = {"small": small, "large": large}
    result = Study(problems, algorithms, 2, {"per_variable": [1.5, 20]}, tmp_path / "per variable").run()
    rows = result.indicators()
    assert rows["budget"].drop_duplicates().tolist() == [1.5, 20]
    # 1.5 evaluations for each of 5 variables are 8, rounded up.
    for name, choice, evaluations in (("small", small, [8, 100]), ("large", large, [17, 220])):
        alone = Study({name: choice}, algorithms, 2, evaluations, tmp_path / name).run()
        for budget, count in zip((1.5, 20), evaluations, strict=True):
            for one, other in zip(
                result.fronts(name, "nsga2", budget), alone.fronts(name, "nsga2", count), strict=True
            ):
                np.testing.assert_array_equal(one, other)
    loaded = StudyResult.load(tmp_path / "per variable")
    assert (loaded.budgets, loaded.unit) == ((1.5, 20), "per_variable")
    pd.testing.assert_frame_equal(loaded.indicators(), rows, check_exact=True)
    assert len(compare_over_problems(rows, 1.5)) == 0


class Clock:
    """Time that goes on when masks are evaluated, and only then."""

    def __init__(self):
        self.now = 0.0

    def __getattr__(self, name):
        return lambda: self.now


class Timed(ZDT1):
    """Takes a second for a population."""

    def __init__(self, clock):
        super().__init__(n_var=5)
        self.clock = clock

    def _evaluate(self, x, out, *args, **kwargs):
        super()._evaluate(x, out, *args, **kwargs)
        self.clock.now += 1.0


def test_fronts_are_kept_at_times_and_runs_end_by_time(tmp_path, monkeypatch):
    clock = Clock()
    for module in (task_module, max_time_module, algorithm_module, budget_module):
        monkeypatch.setattr(module, "time", clock)
    algorithms = {"nsga2": AlgorithmChoice("nsga2", population=8)}
    study = Study({"timed": lambda: Timed(clock)}, algorithms, 1, {"seconds": [0.5, 2.5, 5]}, tmp_path)
    result = study.run()
    (run,) = result.runs
    assert run.seconds.tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    # A generation takes a second; the first front takes more than half of one, and is kept all the same.
    assert run.counted == {0.5: 8, 2.5: 16, 5: 40}
    alone = Study({"plain": ZDT1(n_var=5)}, algorithms, 1, [16, 40], tmp_path / "evaluations").run()
    for seconds, count in ((2.5, 16), (5, 40)):
        np.testing.assert_array_equal(
            result.fronts("timed", "nsga2", seconds)[0], alone.fronts("plain", "nsga2", count)[0]
        )
    loaded = StudyResult.load(tmp_path)
    assert (loaded.budgets, loaded.unit) == ((0.5, 2.5, 5), "seconds")
    assert loaded.runs[0].counted == run.counted
    names = {study.tasks[0].file_name, replace(study.tasks[0], unit="per_variable").file_name}
    assert len({*names, replace(study.tasks[0], unit="evaluations").file_name}) == 3


@pytest.mark.parametrize(
    ("budget", "message"),
    [
        ({"seconds": 0}, "expected budgets above 0"),
        ({"seconds": [1, -2]}, "expected budgets above 0"),
        ({"second": 3}, "did you mean 'seconds'"),
        ({"seconds": 3, "per_variable": 2}, "expected budget with one unit"),
        ({"seconds": "many"}, "expected budget as a number"),
        ({"per_variable": True}, "expected budget as a number"),
        ([], "at least one budget"),
        (1.5, "whole numbers of evaluations"),
        (None, "expected budget as a number"),
    ],
)
def test_wrong_budgets_are_named(budget, message):
    with pytest.raises(OptionError, match=message):
        parse_budget(budget)


def test_whole_numbers_are_the_same_budget_however_they_are_written():
    assert (
        parse_budget({"seconds": [5.0, 2]}) == parse_budget({"seconds": (2.0, 5, 5)}) == ((2, 5), "seconds")
    )
    assert parse_budget(np.array([300, 100])) == ((100, 300), "evaluations")
    assert [type(one) for one in parse_budget({"seconds": 5.0})[0]] == [int]


def test_each_problem_may_have_seeds_of_its_own(make_study, tmp_path):
    problems = {"a": tiny_problem, "b": tiny_problem}
    algorithms = {"levels": AlgorithmChoice("nsga2", population=8)}
    study = Study(problems, algorithms, {"b": [7], "a": 2}, 8, tmp_path)
    assert [(task.problem[0], task.seed) for task in study.tasks] == [("a", 1), ("a", 2), ("b", 7)]
    assert [run.seed for run in study.run().runs] == [1, 2, 7]
    for seeds, message in (({"a": 1}, "seeds for each of"), ({"a": 1, "b": [1, 1]}, "each seed once")):
        with pytest.raises(OptionError, match=message):
            Study(problems, algorithms, seeds, 8, tmp_path)
    with pytest.raises(OptionError, match="at least one problem, one algorithm and one seed"):
        Study(problems, algorithms, {"a": 1, "b": 0}, 8, tmp_path)
