import numpy as np
import pytest
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.problems import get_problem as get_pymoo_problem
from pymoo.termination.max_time import TimeBasedTermination

from pymoo_moss import FrontRecorder, GradientSeedSampling, LevelSampling, MOSSProblem, ParetoTracer, certify
from pymoo_moss.errors import ObjectiveError, OptionError
from pymoo_moss.search.slopes import MajorisedSteps
from pymoo_moss.testing import counted

from .conftest import search


@pytest.fixture(scope="module")
def traced(problem):
    return search(problem, ParetoTracer(40), ("n_gen", 200), callback=FrontRecorder())


def test_the_trace_comes_near_the_certified_bound(problem, traced):
    bounds = certify(problem)
    # What is left is mostly what 40 points leave of any curve.
    assert problem.hypervolume(traced.F) > 0.985 * bounds.hypervolume_upper
    assert (bounds.lower_bounds <= traced.F @ bounds.weights.T).all()


def test_the_trace_is_a_front_of_as_many_points_with_both_ends(problem, traced):
    F = traced.F[np.argsort(traced.F[:, 0])]
    assert len(F) == len(traced.pop) == 40
    assert (np.diff(F, axis=0) * [1, -1] > 0).all()
    np.testing.assert_array_equal(F[[0, -1]], [[0, problem.ref_point[1]], [problem.ref_point[0], 0]])
    np.testing.assert_array_equal(problem.evaluate(traced.X), traced.F)
    assert 0 <= traced.X.min() <= traced.X.max() <= 1


def test_it_ends_by_itself_when_nothing_is_gained(problem, traced):
    reached = [problem.hypervolume(F) for F in traced.algorithm.callback.generations]
    assert len(reached) < 200
    # The last generation gains less than the tolerance, the one before it more.
    assert reached[-1] - reached[-2] < 1e-5 < reached[-2] - reached[-3]


@pytest.mark.contract
def test_it_is_ahead_of_a_seeded_algorithm_with_the_same_budget(problem, traced):
    budget = traced.algorithm.evaluator.n_eval
    seeded = search(problem, NSGA2(pop_size=40, sampling=GradientSeedSampling()), ("n_eval", budget))
    assert problem.hypervolume(traced.F) > problem.hypervolume(seeded.F)


def test_all_that_is_spent_is_counted(encoder):
    problem, spent = counted(MOSSProblem(encoder=encoder))
    result = search(problem, ParetoTracer(24, output=None), ("n_gen", 9))
    assert result.algorithm.evaluator.n_eval == spent.evaluations > 1000


def test_the_same_seed_gives_the_same_front(problem):
    first, second, other = (search(problem, ParetoTracer(24), ("n_gen", 7), seed=s).F for s in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert first.shape != other.shape or (first != other).any()


@pytest.mark.parametrize("n_points", [1, 2, 3, 4, 20])
@pytest.mark.parametrize(
    "termination",
    [("n_gen", 1), ("n_eval", 1), ("n_eval", 100), ("n_eval", 3000), TimeBasedTermination(1e-9)],
)
def test_any_end_leaves_a_valid_front(problem, n_points, termination):
    result = search(problem, ParetoTracer(n_points), termination)
    assert 1 <= len(result.F) <= n_points
    np.testing.assert_array_equal(problem.evaluate(result.X), result.F)


def test_a_budget_is_kept_to_the_evaluation(problem):
    for budget in (2, 100, 1000, 5000, 9000):
        result = search(problem, ParetoTracer(40, tolerance=0), ("n_eval", budget))
        # Less is left than a gradient step of all masks takes, more of which may be refined than are kept.
        assert budget - 3 * MajorisedSteps.refined < result.algorithm.evaluator.n_eval <= budget


@pytest.mark.parametrize(
    "options",
    [
        {"preset": "display"},
        pytest.param({"objectives": ["visual_ssim", "audio_mel"]}, marks=pytest.mark.matrix),
        {"objectives": ["audio_log_l1", "visual_l1"]},
        {"normalize": True},
        {"engine": "torch"},
    ],
)
def test_other_objectives_orders_and_units_are_traced(picture, sound, options):
    problem = MOSSProblem(picture, sound, grid=(5, 6), **options)
    result = search(problem, ParetoTracer(5), ("n_gen", 3))
    sweep = search(problem, NSGA2(pop_size=5, sampling=LevelSampling()), ("n_gen", 1))
    assert len(result.F) == 5
    np.testing.assert_allclose(problem.evaluate(result.X), result.F, rtol=1e-5, atol=1e-9)
    assert problem.hypervolume(result.F) > problem.hypervolume(sweep.F)


def test_history_recorder_and_display_work(problem, capsys):
    recorder = FrontRecorder()
    result = search(
        problem, ParetoTracer(24), ("n_gen", 4), callback=recorder, save_history=True, verbose=True
    )
    assert len(result.history) == len(recorder.generations) == 4
    assert all(len(one.pop) <= 24 for one in result.history)
    gained = [problem.hypervolume(F) for F in recorder.generations]
    assert gained == sorted(gained)
    assert "above_sweep" in capsys.readouterr().out


def test_what_cannot_be_traced_is_refused(encoder):
    with pytest.raises(OptionError, match="n_points of 1 or more"):
        ParetoTracer(0)
    with pytest.raises(OptionError, match="tolerance of 0 or more"):
        ParetoTracer(tolerance=-1)
    four = MOSSProblem(
        encoder=encoder, objectives=["visual_l1", "audio_log_l1", "mask_roughness", "audio_mel"]
    )
    with pytest.raises(OptionError, match="expected two or three objectives, got 4: HybridAlgorithm"):
        search(four, ParetoTracer(), ("n_gen", 2))
    with pytest.raises(ObjectiveError, match="expected finite gradients dF from ZDT1, got none"):
        search(get_pymoo_problem("zdt1"), ParetoTracer(), ("n_gen", 2))
