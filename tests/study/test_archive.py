"""The hypervolume of all points that a run has evaluated."""

import moocore
import numpy as np
import pytest
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.problems.multi import ZDT1

from pymoo_moss.study import Study


class Remembering(ZDT1):
    """Keeps everything that was evaluated."""

    hypervolume_box = (np.zeros(2), np.full(2, 5.0))

    def __init__(self) -> None:
        super().__init__(n_var=5)
        self.all = []

    def _evaluate(self, x, out, *args, **kwargs):
        super()._evaluate(x, out, *args, **kwargs)
        self.all.append(out["F"])

    def __deepcopy__(self, memo):
        # A study copies the problem of each run.
        return self


class Constrained(Remembering):
    """The same, with half of the masks infeasible."""

    def __init__(self) -> None:
        super().__init__()
        self.n_ieq_constr = 1

    def _evaluate(self, x, out, *args, **kwargs):
        super()._evaluate(x, out, *args, **kwargs)
        out["G"] = x[:, [1]] - 0.5
        self.all[-1] = self.all[-1][x[:, 1] <= 0.5]


@pytest.mark.parametrize("kind", [Remembering, Constrained])
def test_the_archive_has_every_feasible_point_that_was_evaluated(kind, tmp_path):
    problem = kind()
    study = Study({"p": problem}, {"nsga2": lambda n_obj: NSGA2(pop_size=8)}, 1, 800, tmp_path)
    (run,) = study.run().runs
    assert len(run.n_eval) == 100
    # The problem was evaluated for its box as well.
    evaluated = problem.all[-100:]
    for index in range(100):
        points = np.vstack(evaluated[: index + 1]) / 5
        wanted = moocore.hypervolume(points, ref=[1.0, 1.0])
        assert run.archive_hypervolume[index] == pytest.approx(wanted, rel=1e-12)
    assert (run.archive_hypervolume >= run.hypervolume - 1e-12).all()
    assert (run.archive_hypervolume > run.hypervolume + 1e-6).any()


def test_cpu_time_rises(tmp_path):
    (run,) = Study(["owl-drums-16x32"], ["ascent"], 1, 400, tmp_path).run().runs
    assert (np.diff(run.cpu_seconds) >= 0).all()
    assert run.cpu_seconds[-1] > 0
    assert np.isfinite(run.archive_hypervolume).all()
    assert (np.diff(run.archive_hypervolume) >= 0).all()
