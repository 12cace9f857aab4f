import json

import numpy as np
import pytest
from pymoo.termination.collection import TerminationCollection
from pymoo.termination.max_eval import MaximumFunctionCallTermination
from pymoo.termination.max_gen import MaximumGenerationTermination
from pymoo.termination.max_time import TimeBasedTermination

from pymoo_moss import HybridAlgorithm, ParetoTracer
from pymoo_moss.errors import OptionError
from pymoo_moss.runs import SearchPlan, parse_termination, search_algorithm, with_limits_of


@pytest.mark.parametrize("algorithm", ["hybrid", "rvea"])
def test_a_plan_without_a_limit_is_refused(algorithm):
    with pytest.raises(OptionError, match="expected a limit of generations, seconds or evaluations"):
        SearchPlan(algorithm, generations=None)


@pytest.mark.parametrize(
    ("limits", "kinds"),
    [
        ({}, {MaximumGenerationTermination}),
        ({"generations": None, "seconds": 3.0}, {TimeBasedTermination}),
        ({"generations": None, "evaluations": 9}, {MaximumFunctionCallTermination}),
        ({"seconds": 3.0, "evaluations": 9}, None),
    ],
)
def test_any_limit_alone_is_a_plan_and_all_count(limits, kinds):
    termination = SearchPlan(**limits).termination()
    if kinds is not None:
        assert {type(termination)} == kinds
        return
    assert type(termination) is TerminationCollection
    assert {type(one) for one in termination.terminations} == {
        MaximumGenerationTermination,
        TimeBasedTermination,
        MaximumFunctionCallTermination,
    }


def test_the_message_for_rvea_names_fields_of_the_plan():
    with pytest.raises(OptionError, match="limit of seconds") as raised:
        SearchPlan("rvea", seconds=3.0)
    assert "--" not in str(raised.value)


def test_another_termination_replaces_all_limits_but_not_what_was_reached():
    plan = SearchPlan(generations=9, seconds=5.0)
    assert with_limits_of(plan, parse_termination(("n_gen", 4)), reached=6) == SearchPlan(generations=6)
    by_evaluations = with_limits_of(plan, parse_termination(("n_eval", 400)), reached=6)
    assert by_evaluations == SearchPlan(generations=None, evaluations=400)


def test_a_plans_algorithm_is_seeded_with_its_steps_and_callback():
    def on_step(step, values):
        return False

    for algorithm in (
        search_algorithm("nsga2", n_obj=2, population=12, steps=7, on_step=on_step),
        SearchPlan("nsga2", population=12, steps=7).make_algorithm(2, on_step),
    ):
        assert isinstance(algorithm, HybridAlgorithm)
        assert algorithm.algorithm.pop_size == 12
        assert (algorithm.seeding.steps, algorithm.seeding.on_step) == (7, on_step)
    assert isinstance(SearchPlan("tracer").make_algorithm(2, on_step), ParetoTracer)


@pytest.mark.parametrize(
    "numbers",
    [
        {"generations": 0},
        {"generations": -1},
        {"generations": "x"},
        {"generations": 2.5},
        {"population": 0},
        {"population": None},
        {"steps": -1},
        {"steps": 1.5},
        {"seed": -1},
        {"seed": True},
        {"evaluations": 0},
        {"seconds": 0},
        {"seconds": float("nan")},
        {"seconds": "x"},
    ],
)
def test_numbers_out_of_their_range_are_refused_before_anything_is_done(numbers):
    (name,) = numbers
    with pytest.raises(OptionError, match=f"expected {name} "):
        SearchPlan(**numbers)


def test_whole_numbers_of_numpy_are_numbers():
    plan = SearchPlan(generations=np.int64(2), population=np.int32(8), seed=np.int64(3))
    assert json.dumps([plan.generations, plan.population, plan.seed]) == "[2, 8, 3]"
