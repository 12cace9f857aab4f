"""Steering along a front, and searches that are watched and stopped."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from pymoo.termination.max_gen import MaximumGenerationTermination

from pymoo_moss import MOSSProblem, ParetoTracer
from pymoo_moss.errors import ObjectiveError, OptionError
from pymoo_moss.objectives import Objective
from pymoo_moss.runs import LiveSearch, run_search, search_algorithm, steer

from ..processes import PATIENCE


@pytest.fixture(scope="module")
def result(display_problem):
    return run_search(display_problem, ParetoTracer(8), ("n_gen", 3), seed=1)


@pytest.mark.parametrize(("towards", "way"), [("picture", -1), ("sound", 1)])
def test_steering_finds_new_solutions_on_the_way(result, towards, way):
    start = result.pick("balanced")
    steered, index = steer(result, start, towards)
    assert way * (steered.F[index, 0] - result.F[start, 0]) > 0
    assert way * (steered.F[index, 1] - result.F[start, 1]) < 0
    np.testing.assert_allclose(steered.problem.evaluate(steered.X), steered.F)
    assert (np.diff(steered.F[:, 0]) >= 0).all()
    assert (np.diff(steered.F[:, 1]) <= 0).all()
    assert steered.hypervolume >= result.hypervolume
    assert steered.n_eval > result.n_eval
    assert len(steered.F) == len(result.F) + 1


@pytest.mark.parametrize(("towards", "end"), [("picture", 0), ("sound", -1)])
def test_steering_ends_at_the_ends(result, towards, end):
    steered, index = result, result.pick("balanced")
    for _ in range(150):
        steered, index = steer(steered, index, towards, steps=2)
    assert index == end % len(steered.F)
    np.testing.assert_array_equal(steered.F[index], result.F[end])
    again, same = steer(steered, index, towards)
    assert (again, same) == (steered, index)


@pytest.mark.parametrize(("towards", "neighbour"), [("picture", 1), ("sound", 3)])
def test_steering_that_finds_nothing_goes_to_the_neighbour(result, towards, neighbour):
    # Copies of one mask: a descent between two of them cannot have values between theirs.
    corners = np.array([[0.0, 4.0], [1.0, 3.0], [2.0, 2.0], [3.0, 1.0], [4.0, 0.0]])
    F = corners * result.problem.ref_point / 4
    copies = replace(result, X=np.repeat(result.X[:1], 5, axis=0), F=F)
    steered, index = steer(copies, 2, towards, steps=0)
    assert index == neighbour
    np.testing.assert_array_equal(steered.F, F)
    assert steered.n_eval > result.n_eval


def test_steering_refuses_what_it_cannot(result, encoder):
    for arguments, message in (((99, "sound"), "index of"), ((0, "left"), "'picture' or 'sound'")):
        with pytest.raises(OptionError, match=message):
            steer(result, *arguments)
    three = MOSSProblem(encoder=encoder, objectives=["visual_l1", "audio_log_l1", "mask_roughness"])
    with pytest.raises(OptionError, match="two objectives"):
        steer(replace(result, problem=three), 0, "sound")


def live(problem, name="hybrid", generations=100_000, steps=10, began=None, **seams):
    """A search; ``began`` is set when it has taken a step, and has told so."""

    def make(on_step):
        def step(number, values):
            ended = on_step(number, values)
            if began is not None:
                began.set()
            return ended

        return search_algorithm(name, n_obj=2, population=20, steps=steps, on_step=step)

    limit = MaximumGenerationTermination(generations)
    return LiveSearch(problem, make, limit, seed=1, settings={"some": "setting"}, **seams)


@pytest.mark.parametrize(("name", "steps"), [("hybrid", 10), ("nsga2", 10), ("hybrid", 10**7)])
def test_a_search_that_is_stopped_keeps_what_it_has(display_problem, name, steps):
    began = threading.Event()
    search = live(display_problem, name, steps=steps, began=began)
    assert began.wait(PATIENCE)
    assert len(search.moment.F)
    assert not search.wait(0)
    with pytest.raises(RuntimeError, match="has not ended"):
        _ = search.result
    assert not search.stopping
    search.stop()
    assert search.stopping
    assert search.wait(PATIENCE)
    assert search.result.stopped
    assert len(search.result.F) > 3
    assert search.result.settings == {"some": "setting"}


def test_a_search_tells_where_it_is(display_problem):
    now = iter(range(1000))
    search = live(display_problem, generations=3, clock=lambda: float(next(now)))
    assert search.wait(PATIENCE)
    # Ten steps of the seeding and three generations since the clock was asked first.
    assert search.moment.seconds == 13
    assert search.moment.generation == 3
    assert search.moment.step == 10
    assert search.moment.balanced.shape == (display_problem.n_var,)
    np.testing.assert_array_equal(search.moment.F, search.result.F)
    assert not search.result.stopped


@pytest.mark.parametrize("error", [ObjectiveError("no more"), ZeroDivisionError("no more")])
def test_an_error_of_a_search_is_raised_where_its_result_is_asked_for(encoder, error):
    class Breaking(Objective):
        name = "breaking"
        calls = 0

        def __call__(self, mix, encoder):
            self.calls += 1
            if self.calls > 20:
                raise error
            return mix.mean(dim=(1, 2))

    search = live(MOSSProblem(encoder=encoder, objectives=["visual_l1", Breaking()]))
    assert search.wait(PATIENCE)
    with pytest.raises(type(error), match="no more"):
        _ = search.result
