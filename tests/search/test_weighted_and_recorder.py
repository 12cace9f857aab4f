import numpy as np
import pytest
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.callback import CallbackCollection
from pymoo.optimize import minimize
from scipy.optimize import minimize as scipy_minimize

from pymoo_moss import FrontRecorder, GradientSeedSampling, HybridAlgorithm, LevelSampling, minimize_weighted
from pymoo_moss.errors import OptionError


def test_a_long_descent_reaches_what_scipy_finds(problem):
    weights = np.array([0.6, 0.4]) / problem.nadir_point()

    def loss(x):
        values, gradients = problem.evaluate(np.clip(x, 0, 1), return_values_of=["F", "dF"])
        return weights @ values, weights @ gradients

    found = scipy_minimize(loss, np.full(problem.n_var, 0.5), jac=True, bounds=[(0, 1)] * problem.n_var)
    result = minimize_weighted(problem, weights, steps=400)
    assert weights @ result.F == pytest.approx(found.fun, rel=0.02)
    assert weights @ result.F < 0.9 * weights @ problem.evaluate(np.full(problem.n_var, 0.5))


def test_the_result_tells_what_happened(problem):
    steps = []
    result = minimize_weighted(problem, (1, 0), steps=7, on_step=lambda step, F: steps.append(step))
    assert steps == list(range(1, 8))
    assert result.history.shape == (7, 2)
    np.testing.assert_allclose(result.history[0], problem.evaluate(np.full(problem.n_var, 0.5)))
    np.testing.assert_allclose(result.F, problem.evaluate(result.X))
    assert result.n_eval == 7 * 3 + 1
    assert result.history[-1, 0] < result.history[0, 0]


def test_the_weights_pull_to_either_side(problem):
    scale = 1 / problem.nadir_point()
    picture, sound = (minimize_weighted(problem, np.array(w) * scale, steps=50).F for w in [(9, 1), (1, 9)])
    assert picture[0] < sound[0]
    assert picture[1] > sound[1]


def test_a_descent_stops_when_told_to(problem):
    assert len(minimize_weighted(problem, steps=50, on_step=lambda step, F: step == 3).history) == 3


@pytest.mark.parametrize("weights", [(1,), (1, 2, 3), (-1, 1), (0, 0), (float("nan"), 1), (float("inf"), 1)])
def test_bad_weights_are_refused(problem, weights):
    with pytest.raises(OptionError, match="2 non-negative weights"):
        minimize_weighted(problem, weights)


def test_bad_steps_are_refused(problem):
    with pytest.raises(OptionError, match="steps"):
        minimize_weighted(problem, steps=-1)


@pytest.mark.parametrize("hybrid", [False, True])
@pytest.mark.parametrize("collected", [False, True])
def test_the_recorder_sees_both_phases(problem, hybrid, collected):
    seeding = GradientSeedSampling(n_seeds=4, steps=21)
    base = NSGA2(pop_size=8, sampling=seeding)
    recorder = FrontRecorder()
    result = minimize(
        problem,
        HybridAlgorithm(base, seeding, refine_every=0) if hybrid else base,
        ("n_gen", 5),
        seed=1,
        callback=CallbackCollection(recorder) if collected else recorder,
    )
    assert [values.shape for values in recorder.seeding] == [(4, 2)] * 3
    assert [values.shape for values in recorder.generations] == [(8, 2)] * 5
    assert recorder.generations[0].dtype == np.float32
    np.testing.assert_allclose(recorder.generations[-1], result.pop.get("F"), rtol=1e-6)
    assert recorder.n_eval[-1] == result.algorithm.evaluator.n_eval
    assert np.diff(recorder.n_eval).tolist() == [8] * 4
    assert (np.diff(recorder.seconds) >= 0).all()


def test_the_recorder_needs_no_seeding(problem):
    recorder = FrontRecorder()
    minimize(problem, NSGA2(pop_size=8, sampling=LevelSampling()), ("n_gen", 2), seed=1, callback=recorder)
    assert recorder.seeding == []
    assert len(recorder.generations) == 2
