import copy
import pickle
from typing import ClassVar

import numpy as np
import pytest
from pymoo.optimize import minimize
from pymoo.termination.max_time import TimeBasedTermination

from pymoo_moss import (
    FrontAscent,
    FrontRecorder,
    GradientSeedSampling,
    HybridAlgorithm,
    MOSSProblem,
    ParetoTracer,
    get_problem,
)
from pymoo_moss.errors import OptionError
from pymoo_moss.search import constant_sweep
from pymoo_moss.search.slopes import steps_of
from pymoo_moss.testing import counted

from .conftest import search

SEEDED = {"n_seeds": 12, "steps": 30, "schedule": "hypervolume", "fill": "ramp"}
KEEPING = {
    "ascent": lambda size: FrontAscent(12, size),
    "tracer": lambda size: ParetoTracer(size),
    "hybrid": lambda size: HybridAlgorithm(pop_size=size),
    "seeds": lambda size: HybridAlgorithm(
        None, GradientSeedSampling(**SEEDED), pop_size=size, refine_every=0
    ),
}


class OptimumRecorder(FrontRecorder):
    """Keeps the optimum of every generation too."""

    def __init__(self):
        super().__init__()
        self.optima = []

    def _update(self, algorithm):
        super()._update(algorithm)
        self.optima.append(algorithm.opt.get("F"))


def test_a_tenth_of_the_cost_on_a_frozen_problem():
    problem = get_problem("butterfly-prelude-16x32")
    found = search(problem, FrontAscent(archive_size=100), ("n_eval", 1000))
    assert problem.share(found.F) > 0.988
    # What the tracer of version 0.1 had after 10,000: 0.982.
    assert found.algorithm.evaluator.n_eval <= 1000


@pytest.mark.parametrize("name", KEEPING)
@pytest.mark.parametrize("preset", ["notebook", "display", "three"])
@pytest.mark.parametrize("size", [4, pytest.param(30, marks=pytest.mark.contract)])
def test_hypervolume_never_falls(picture, sound, name, preset, size):
    three = ["visual_l1", "audio_log_l1", "mask_roughness"]
    options = {"objectives": three} if preset == "three" else {"preset": preset}
    problem, recorder = MOSSProblem(picture, sound, grid=(5, 6), **options), OptimumRecorder()
    search(problem, KEEPING[name](size), ("n_gen", 9), callback=recorder)
    for fronts in (recorder.optima, recorder.generations):
        reached = [problem.hypervolume(F) for F in fronts]
        assert (np.diff(reached) >= -1e-7).all()


def test_its_front_is_not_worse_than_all_that_it_evaluated(problem):
    class Keeping(MOSSProblem):
        seen: ClassVar[list] = []

        def _evaluate(self, x, out, *args, **kwargs):
            super()._evaluate(x, out, *args, **kwargs)
            self.seen.append(out["F"])

        def log_parts(self, x):
            parts = super().log_parts(x)
            self.seen.append(self.evaluate(x))
            return parts

    keeping = Keeping(encoder=problem.encoder)
    found = search(keeping, FrontAscent(archive_size=2000), ("n_eval", 2000))
    everything = problem.hypervolume(np.vstack(Keeping.seen))
    assert problem.hypervolume(found.F) == pytest.approx(everything, rel=1e-9)


def test_all_that_is_spent_is_counted_and_the_limit_kept(encoder):
    for budget in (2, 100, 1000, 5000):
        problem, spent = counted(MOSSProblem(encoder=encoder))
        result = search(problem, FrontAscent(20, 50, output=None), ("n_eval", budget))
        assert result.algorithm.evaluator.n_eval == spent.evaluations <= budget
        assert spent.evaluations > budget - 3 * 100


@pytest.mark.parametrize("n_masks", [1, 2, 20])
@pytest.mark.parametrize("archive_size", [1, 2, 20])
@pytest.mark.parametrize(
    "termination", [("n_gen", 2), ("n_eval", 1), ("n_eval", 700), TimeBasedTermination(1e-9)]
)
def test_any_end_leaves_a_valid_front(problem, n_masks, archive_size, termination):
    result = search(problem, FrontAscent(n_masks, archive_size), termination)
    assert 1 <= len(result.F) <= archive_size
    np.testing.assert_allclose(problem.evaluate(result.X), result.F, rtol=1e-9)


@pytest.mark.parametrize("count", [1, 12, 31])
def test_other_objectives_start_next_to_both_ends(display_problem, count):
    X, known = steps_of(display_problem).start(count, np.ones(2))
    assert known is None
    assert X.shape == (count, display_problem.n_var)
    logits = np.log(X / (1 - X))
    np.testing.assert_allclose(logits, np.repeat(logits[:, :1], X.shape[1], axis=1))
    np.testing.assert_allclose(np.diff(logits[:, 0]), 14 / (count + 1))
    np.testing.assert_allclose(logits[:, 0], -logits[::-1, 0], atol=1e-9)


@pytest.mark.parametrize("name", ["ascent", "tracer"])
def test_ask_and_tell_are_the_same_run(problem, name):
    whole = search(problem, KEEPING[name](24), ("n_gen", 6), seed=3)
    algorithm = KEEPING[name](24)
    algorithm.setup(problem, termination=("n_gen", 6), seed=3)
    while algorithm.has_next():
        candidates = algorithm.ask()
        algorithm.evaluator.eval(problem, candidates, algorithm=algorithm)
        algorithm.tell(infills=candidates)
    np.testing.assert_array_equal(algorithm.result().F, whole.F)
    assert algorithm.evaluator.n_eval == whole.algorithm.evaluator.n_eval


@pytest.mark.parametrize("name", ["ascent", "tracer"])
def test_a_copy_in_the_middle_goes_on_to_the_same_end(display_problem, name):
    algorithm = KEEPING[name](24)
    algorithm.setup(display_problem, termination=("n_gen", 9), seed=1)
    for _ in range(5):
        algorithm.next()
    copies = copy.deepcopy(algorithm), pickle.loads(pickle.dumps(algorithm))
    expected = algorithm.run().F
    for copied in copies:
        np.testing.assert_array_equal(copied.run().F, expected)


def test_feasible_points_are_found_where_the_start_is_infeasible(encoder):
    class Quiet(MOSSProblem):
        """No mask may cost the sound more than a fifth of its range, as no mask of the first step does."""

        def __init__(self, **options):
            super().__init__(n_ieq_constr=1, **options)

        def _evaluate(self, x, out, *args, **kwargs):
            super()._evaluate(x, out, *args, **kwargs)
            out["G"] = out["F"][:, 1:] / self.ref_point[1] - 0.2

    for options, share in (({}, 0.99), ({"preset": "display"}, 0.7)):
        problem = Quiet(encoder=encoder, **options)
        free = MOSSProblem(encoder=encoder, **options)
        reached, without = [], []
        # Several runs, because each ends in local minima of its own.
        for seed in (1, 2):
            found, known = (
                minimize(one, FrontAscent(12, 30), ("n_eval", 2000), seed=seed).F for one in (problem, free)
            )
            assert (found[:, 1] <= 0.2 * problem.ref_point[1]).all()
            reached.append(problem.hypervolume(found))
            without.append(problem.hypervolume(known[known[:, 1] <= 0.2 * problem.ref_point[1]]))
        assert np.mean(reached) > share * np.mean(without)


def test_seeds_of_the_hypervolume_schedule_are_a_front_for_any_algorithm(problem):
    told = []
    sampling = GradientSeedSampling(**SEEDED | {"on_step": lambda step, F: told.append((step, F.shape))})
    population = sampling(problem, 20, random_state=np.random.default_rng(1))
    assert len(population) == 20
    assert problem.hypervolume(population.get("F")) > problem.hypervolume(constant_sweep(problem))
    assert [step for step, _ in told] == list(range(1, len(told) + 1))
    assert {shape for _, shape in told} == {(10, 2)}
    assert sampling.n_eval == 2 + 3 + 3 * 10 * len(told)
    reached = [problem.hypervolume(F) for F in sampling.history]
    assert reached == sorted(reached)


def test_options_out_of_range_and_other_numbers_of_objectives_are_refused(encoder):
    for options in ({"n_masks": 0}, {"archive_size": 0}):
        with pytest.raises(OptionError, match="n_masks and archive_size of 1 or more"):
            FrontAscent(**options)
    four = MOSSProblem(
        encoder=encoder, objectives=["visual_l1", "audio_log_l1", "mask_roughness", "audio_mel"]
    )
    with pytest.raises(OptionError, match="two or three objectives, got 4"):
        search(four, FrontAscent(), ("n_gen", 1))
