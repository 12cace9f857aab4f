import numpy as np
import pytest
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.optimize import minimize
from pymoo.termination.collection import TerminationCollection
from pymoo.termination.max_eval import MaximumFunctionCallTermination
from pymoo.termination.max_gen import MaximumGenerationTermination

from pymoo_moss import GradientSeedSampling, LevelSampling, MOSSProblem
from pymoo_moss.errors import ObjectiveError, OptionError
from pymoo_moss.search.seed_weights import notebook_weights
from pymoo_moss.testing import counted


def sample(sampling, problem, count, seed=0):
    return sampling(problem, count, random_state=np.random.default_rng(seed), to_numpy=True)


@pytest.mark.parametrize("count", [1, 2, 11])
def test_levels_are_even_and_constant(problem, count):
    masks = sample(LevelSampling(), problem, count)
    assert masks.shape == (count, problem.n_var)
    assert (masks == masks[:, :1]).all()
    np.testing.assert_allclose(masks[:, 0], np.linspace(0, 1, count) if count > 1 else [0.5])


def weights_of(problem, n_seeds, power=4.0, visual_boost=20.0):
    return notebook_weights(problem.sides, np.ones(problem.n_obj), n_seeds, power, visual_boost)


def test_weights_are_the_notebooks(problem):
    weights = weights_of(problem, 5)
    share = np.array([1, 0.75, 0.5, 0.25, 0]) ** 4
    np.testing.assert_allclose(weights, np.stack([20 * share, 1 - share], axis=1))


def test_weights_are_shared_within_a_kind(encoder):
    names = ["visual_l1", "audio_log_l1", "audio_mel"]
    weights = weights_of(MOSSProblem(encoder=encoder, objectives=names), 3, 1.0, 10.0)
    np.testing.assert_allclose(weights, [[10, 0, 0], [5, 0.25, 0.25], [0, 0.5, 0.5]])


def test_one_step_is_one_step_of_adam_on_the_logits(problem):
    sampling = GradientSeedSampling(n_seeds=4, steps=1, lr=0.1, anchors=False)
    start = sample(GradientSeedSampling(n_seeds=4, steps=0, anchors=False), problem, 4)
    moved = sample(sampling, problem, 4)
    _, gradients = problem.evaluate(start, return_values_of=["F", "dF"])
    slope = np.einsum("nm,nmv->nv", weights_of(problem, 4), gradients) * start * (1 - start)
    logit = np.log(start / (1 - start)) - 0.1 * slope / (np.abs(slope) + 1e-8)
    np.testing.assert_allclose(moved, 1 / (1 + np.exp(-logit)), rtol=1e-9)


def test_descent_lowers_every_seeds_weighted_sum(problem):
    sampling = GradientSeedSampling(n_seeds=8, steps=101, lr=0.1)
    masks = sample(sampling, problem, 8)
    weights = weights_of(problem, 8)
    before, after = (weights * sampling.history[0]).sum(1), (weights * problem.evaluate(masks)).sum(1)
    assert (after[1:-1] < 0.9 * before[1:-1]).all()
    assert len(sampling.history) == 11
    assert all(values.shape == (8, 2) for values in sampling.history)


def test_anchors_are_the_ends(problem):
    masks = sample(GradientSeedSampling(n_seeds=4, steps=2), problem, 4)
    assert (masks[0] == 1).all()
    assert (masks[3] == 0).all()
    free = sample(GradientSeedSampling(n_seeds=4, steps=2, anchors=False), problem, 4)
    assert 0 < free.min() < free.max() < 1


def test_the_spread_schedule_covers_more_of_the_front(problem):
    def reached(schedule):
        return problem.evaluate(sample(GradientSeedSampling(lr=0.1, schedule=schedule), problem, 10))

    spread, notebook = reached("spread"), reached("notebook")
    assert problem.hypervolume(spread) > problem.hypervolume(notebook)
    front = spread[np.argsort(spread[:, 0])]
    pieces = np.sqrt(np.abs(np.diff(front, axis=0) / problem.ref_point).prod(axis=1))
    assert pieces.max() < 3 * pieces.mean()


@pytest.mark.parametrize("n_seeds", [1, 2, 3])
def test_few_seeds_can_be_spread(problem, n_seeds):
    masks = sample(GradientSeedSampling(n_seeds=n_seeds, steps=3, schedule="spread"), problem, 5)
    assert masks.shape == (5, problem.n_var)
    assert 0 <= masks.min() <= masks.max() <= 1


def test_the_rest_is_random_or_a_ramp(problem):
    random = sample(GradientSeedSampling(n_seeds=3, steps=0), problem, 40)[3:]
    assert random.std(axis=1) == pytest.approx(np.full(37, 12**-0.5), abs=0.06)
    assert random.mean() == pytest.approx(0.5, abs=0.02)
    ramp = sample(GradientSeedSampling(n_seeds=3, steps=0, fill="ramp"), problem, 7)[3:]
    np.testing.assert_allclose(ramp, np.repeat([[0.2], [0.4], [0.6], [0.8]], problem.n_var, axis=1))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_population_smaller_than_the_seeds_gets_fewer(problem, count):
    assert sample(GradientSeedSampling(steps=2), problem, count).shape == (count, problem.n_var)


def test_the_random_state_decides(problem):
    sampling = GradientSeedSampling(n_seeds=4, steps=3)
    first, second, other = (sample(sampling, problem, 6, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert (first[1:] != other[1:]).any()


@pytest.mark.parametrize("options", [{}, {"anchors": False}, {"n_seeds": 2}, {"n_seeds": 1}, {"steps": 0}])
def test_every_evaluation_is_counted(encoder, options):
    problem, spent = counted(MOSSProblem(encoder=encoder))
    sampling = GradientSeedSampling(**{"n_seeds": 5, "steps": 7, **options})
    result = minimize(problem, NSGA2(pop_size=10, sampling=sampling), ("n_gen", 3), seed=1)
    assert result.algorithm.evaluator.n_eval == spent.evaluations >= 30
    ran = result.algorithm.initialization.sampling
    # In the sampling ends, fill, descents and the seeds after their last step; then two more generations.
    n_seeds = ran.n_seeds
    seeds = n_seeds - 2 if ran.anchors and n_seeds > 1 else n_seeds
    assert ran.n_eval == 2 + (10 - n_seeds) + 3 * ran.steps * seeds + seeds
    assert spent.evaluations == ran.n_eval + 20
    assert sampling.n_eval == 0


@pytest.mark.parametrize("in_collection", [False, True])
def test_the_descent_stops_when_the_evaluations_are_spent(problem, in_collection):
    limit = MaximumFunctionCallTermination(100)
    termination = TerminationCollection(MaximumGenerationTermination(9), limit) if in_collection else limit
    algorithm = NSGA2(pop_size=10, sampling=GradientSeedSampling(n_seeds=5, steps=1000))
    result = minimize(problem, algorithm, termination, seed=1)
    # Not one more step of three masks would have been within the limit, and nothing else is begun.
    assert 100 - 3 * 3 < result.algorithm.evaluator.n_eval <= 100
    assert result.algorithm.n_gen == 2
    assert len(result.F) > 1


def test_the_descent_stops_at_the_last_evaluation_that_there_is(problem):
    # Both ends, the fill, and four steps of the three masks between them at three evaluations each.
    algorithm = NSGA2(pop_size=10, sampling=GradientSeedSampling(n_seeds=5, steps=1000))
    limit = 2 + 5 + 4 * 3 * 3
    result = minimize(problem, algorithm, ("n_eval", limit), seed=1)
    # The population needs no evaluation any more.
    assert result.algorithm.evaluator.n_eval == result.algorithm.initialization.sampling.n_eval == limit
    np.testing.assert_allclose(result.pop.get("F"), problem.evaluate(result.pop.get("X")), rtol=1e-12)


def test_the_descent_stops_when_the_time_is_up(problem):
    algorithm = NSGA2(pop_size=10, sampling=GradientSeedSampling(n_seeds=5, steps=10**6))
    assert minimize(problem, algorithm, ("time", 0.3), seed=1).algorithm.n_gen == 2


def test_the_descent_stops_when_told_to(problem):
    steps = []
    sampling = GradientSeedSampling(
        n_seeds=4, steps=50, on_step=lambda step, F: steps.append(F.shape) or step == 5
    )
    sample(sampling, problem, 4)
    assert steps == [(4, 2)] * 5


def test_an_algorithm_that_counts_is_optional(problem):
    sampling, algorithm = GradientSeedSampling(n_seeds=3, steps=1), NSGA2()
    alone = sample(sampling, problem, 3)
    with_algorithm = sampling(
        problem, 3, random_state=np.random.default_rng(0), algorithm=algorithm, to_numpy=True
    )
    np.testing.assert_array_equal(alone, with_algorithm)
    assert algorithm.evaluator.n_eval == sampling.n_eval == 2 + 3 * 1 + 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_seeds": 0}, "n_seeds"),
        ({"steps": -1}, "steps"),
        ({"lr": 0.0}, "lr"),
        ({"power": -1.0}, "power"),
        ({"visual_boost": float("nan")}, "visual_boost"),
        ({"fill": "rmap"}, "did you mean 'ramp'"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(OptionError, match=message):
        GradientSeedSampling(**options)


def test_problems_without_gradients_are_refused():
    from pymoo.problems.multi import ZDT1

    from pymoo_moss.search.adam import descend, keep_going

    with pytest.raises(ObjectiveError, match="expected finite gradients dF from ZDT1, got none"):
        sample(GradientSeedSampling(), ZDT1(), 4)
    with pytest.raises(ObjectiveError, match="gradients"):
        descend(ZDT1(), np.zeros((1, 30)), np.ones((1, 2)), steps=1, lr=0.1, on_step=keep_going)
