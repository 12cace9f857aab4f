"""Problems with constraints, and problems that wrap another one, in a study."""

import moocore
import numpy as np
import pytest
from pymoo.core.problem import Problem
from pymoo.problems.multi import ZDT1, ZDT2

from pymoo_moss import MOSSProblem
from pymoo_moss.errors import OptionError, StudyError
from pymoo_moss.study import AlgorithmChoice, Study

from .conftest import tiny_problem

LIMIT = 0.1
ALGORITHMS = {
    "random": AlgorithmChoice("nsga2", population=8),
    "hybrid": AlgorithmChoice("hybrid", population=8),
    "tracer": AlgorithmChoice("tracer", population=8),
}


class Limited(MOSSProblem):
    """The audio loss is at most a limit, which uniform random masks exceed."""

    def __init__(self, limit=LIMIT):
        super().__init__(encoder=tiny_problem().encoder, n_ieq_constr=1)
        self.limit = limit

    def _evaluate(self, x, out, *args, **kwargs):
        super()._evaluate(x, out, *args, **kwargs)
        out["G"] = out["F"][:, 1:] - self.limit


class Wrapped(Problem):
    """Less than which pymoo itself would not run."""

    def __init__(self):
        self.inner = tiny_problem()
        super().__init__(n_var=self.inner.n_var, n_obj=2, xl=-1.0, xu=1.0)

    def _evaluate(self, x, out, *args, **kwargs):
        values, slopes = self.inner.evaluate((x + 1) / 2, return_values_of=["F", "dF"])
        out["F"] = values
        if "dF" in out:
            out["dF"] = slopes / 2


@pytest.mark.parametrize("given", [Wrapped, Wrapped()], ids=["function", "object"])
def test_a_wrapping_problem_is_measured_in_the_box_of_its_ends(tmp_path, given):
    result = Study({"wrapped": given}, ALGORITHMS, 2, [100, 400], tmp_path).run()
    assert not result.broken
    low, high = tiny_problem().hypervolume_box
    for run in result.runs:
        front = run.fronts[400]
        expected = moocore.hypervolume((front - low) / (high - low), ref=np.ones(2))
        assert run.hypervolume[-1] == pytest.approx(expected)
        assert run.hypervolume[-1] > 0


def test_only_feasible_masks_count(tmp_path):
    result = Study({"limited": Limited}, ALGORITHMS, 2, [8, 400], tmp_path).run()
    assert not result.broken
    for run in result.runs:
        for front in run.fronts.values():
            assert (front[:, 1] <= LIMIT).all()
        if run.algorithm == "random":
            # The first population has nothing feasible.
            assert (run.fronts[8].shape, run.hypervolume[0]) == ((0, 2), 0.0)


def test_runs_of_different_problem_objects_under_one_label_are_not_mixed(tmp_path):
    def hypervolumes(problem, folder):
        study = Study({"mine": problem}, {"nsga2": AlgorithmChoice("nsga2", population=8)}, 1, [40], folder)
        return study.run().indicators()["hypervolume"].tolist()

    first, second = ZDT1(n_var=5), ZDT2(n_var=5)
    alone = hypervolumes(second, tmp_path / "alone")
    assert hypervolumes(first, tmp_path / "both") != alone
    assert hypervolumes(second, tmp_path / "both") == alone


def test_a_problem_that_cannot_be_made_is_named(tmp_path):
    def broken():
        raise RuntimeError("no picture here")

    with pytest.raises(
        StudyError, match="problem 'mine' cannot be made or measured, RuntimeError: no picture"
    ):
        Study({"mine": broken}, ["nsga2"], 1, 20, tmp_path).run()


def test_names_stand_for_problems_and_algorithms_under_a_label(tmp_path):
    study = Study({"small": "owl-drums-16x32"}, {"ours": "hybrid"}, 1, 300, tmp_path)
    assert study.problems["small"].name == "owl-drums-16x32"
    assert study.algorithms["ours"].algorithm == "hybrid"
    for wrong in ({"x": 3}, {"x": None}):
        with pytest.raises(OptionError, match="expected a name, a ProblemChoice"):
            Study(wrong, ["nsga2"], 1, 10, tmp_path)
        with pytest.raises(OptionError, match="expected a name, an AlgorithmChoice"):
            Study(["owl-drums-16x32"], wrong, 1, 10, tmp_path)
