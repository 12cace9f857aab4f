"""Problems with constraints, and problems that wrap another one, in a study."""

import moocore
import numpy as np
import pytest
from pymoo.core.problem import Problem
from pymoo.problems.many import DTLZ2
from pymoo.problems.multi import ZDT1, ZDT2

from pymoo_moss import MOSSProblem
from pymoo_moss.errors import OptionError, StudyError
from pymoo_moss.study import AlgorithmChoice, Study
from pymoo_moss.study.facts import measured_box

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


class WithoutFront(ZDT1):
    """Of which the best front is not known."""

    def _calc_pareto_front(self, *args, **kwargs):
        return None


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


@pytest.mark.parametrize("kind", [ZDT1, ZDT2, DTLZ2, WithoutFront], ids=lambda kind: kind.__name__)
def test_plain_problems_of_pymoo_are_measured_in_a_box_that_holds_their_front(tmp_path, kind):
    algorithms = {"nsga2": AlgorithmChoice("nsga2", population=16)}
    problem = kind(n_var=6)
    study = Study({"plain": problem}, algorithms, 1, [160, 1600], tmp_path)
    result = study.run()
    ends = problem.evaluate(np.stack([problem.xl, problem.xu]))
    front = problem.pareto_front()
    corners = ends if front is None else np.vstack([ends, front])
    low, high = corners.min(axis=0), corners.max(axis=0)
    for _, row in result.indicators().iterrows():
        points = (result.fronts("plain", "nsga2", row["budget"])[0] - low) / (high - low)
        expected = moocore.hypervolume(points, ref=np.ones(problem.n_obj))
        assert row["hypervolume"] == pytest.approx(expected, rel=1e-12)
        if front is not None:
            # The front has points of its own, and what is searched can at most reach it.
            reference = (front - low) / (high - low)
            assert (
                row["hypervolume"]
                <= moocore.hypervolume(reference, ref=np.ones(problem.n_obj)) + 0.02
                <= 1.02
            )
            assert row["igd_plus"] == pytest.approx(moocore.igd_plus(points, ref=reference), rel=1e-12)
    (run,) = result.runs
    assert run.hypervolume[-1] == pytest.approx(result.indicators()["hypervolume"].iloc[-1], rel=1e-12)
    assert np.isnan(result.indicators()["share"]).all()


def test_a_front_outside_of_the_box_of_the_bounds_does_not_give_more_than_the_whole():
    # With all variables at their bounds the second objective is at least 1, on the front at most.
    low, high = measured_box(ZDT1(n_var=6))
    np.testing.assert_allclose(low, [0, 0], atol=1e-12)
    assert (high >= 1).all()
    own = tiny_problem()
    for corner, expected in zip(measured_box(own), own.hypervolume_box, strict=True):
        np.testing.assert_array_equal(corner, expected)
