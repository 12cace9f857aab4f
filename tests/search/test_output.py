import numpy as np
import pytest
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.problems import get_problem as get_pymoo_problem

from pymoo_moss import FrontBounds, FrontOutput, LevelSampling, MOSSProblem
from pymoo_moss.objectives import Objective

UNIT_BOX = np.zeros(2), np.ones(2)


class Loudness(Objective):
    name = "loudness"

    def __call__(self, mix, encoder):
        return mix.square().mean(dim=(1, 2))


def columns(problem, output):
    algorithm = NSGA2(pop_size=12, sampling=LevelSampling(), output=output)
    algorithm.setup(problem, termination=("n_gen", 2), seed=1, verbose=True)
    while algorithm.has_next():
        algorithm.next()
    return {column.name: column.value for column in algorithm.output.columns}, algorithm


def test_hypervolume_sweep_and_gap_are_shown(problem, capsys):
    bounds = FrontBounds(np.array([[1.0, 1.0]]), np.array([0.1]), problem.hypervolume_box)
    shown, algorithm = columns(problem, FrontOutput(bounds))
    reached = problem.hypervolume(algorithm.opt.get("F"))
    levels = np.repeat(np.linspace(0, 1, 101)[:, None], problem.n_var, axis=1)
    assert shown["hypervolume"] == pytest.approx(reached, abs=1e-12)
    assert shown["above_sweep"] == pytest.approx(reached - problem.hypervolume(problem.evaluate(levels)))
    assert shown["gap"] == pytest.approx(bounds.hypervolume_upper - reached)
    assert shown["n_eval"] == 24  # the sweep is not counted
    assert "hypervolume" in capsys.readouterr().out


def test_columns_that_cannot_be_known_are_left_out(problem, encoder):
    assert "gap" not in columns(problem, FrontOutput())[0]
    without_ends = MOSSProblem(encoder=encoder, objectives=["visual_l1", Loudness()])
    assert "hypervolume" not in columns(without_ends, FrontOutput())[0]
    other = get_pymoo_problem("zdt1")
    shown = columns(other, FrontOutput(FrontBounds(np.array([[1.0, 1.0]]), np.array([0.1]), UNIT_BOX)))[0]
    assert shown.keys().isdisjoint({"hypervolume", "above_sweep", "gap"})
    assert shown["n_nds"] >= 1
