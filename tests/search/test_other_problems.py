"""Problems with constraints, and problems that wrap another one, in every algorithm."""

import copy
import pickle

import numpy as np
import pytest
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.algorithms.soo.nonconvex.ga import GA
from pymoo.core.evaluator import Evaluator
from pymoo.core.problem import Problem
from pymoo.problems.static import StaticProblem

from pymoo_moss import (
    GradientSeedSampling,
    HybridAlgorithm,
    LevelSampling,
    MOSSProblem,
    ParetoTracer,
    PatchCrossover,
    SmoothNoiseMutation,
    SmoothNoiseSampling,
    certify,
    minimize_weighted,
)
from pymoo_moss.errors import ObjectiveError, OptionError

from ..marks import few
from .conftest import search

LIMIT = 1.0


class Intelligible(MOSSProblem):
    """The audio loss is at most a limit, which the constructor sets after its parent's."""

    def __init__(self, *args, limit=LIMIT, **options):
        super().__init__(*args, n_ieq_constr=1, **options)
        self.limit, self.calls = limit, []

    def _evaluate(self, x, out, *args, **kwargs):
        super()._evaluate(x, out, *args, **kwargs)
        self.calls.append(len(x))
        out["G"] = out["F"][:, 1:] - self.limit


class Wrapped(Problem):
    """What is left when a user knows pymoo alone: F, and dF on request."""

    def __init__(self, inner, low=0.0, high=1.0, **options):
        super().__init__(n_var=inner.n_var, n_obj=inner.n_obj, xl=low, xu=high, **options)
        self.inner = inner

    def _evaluate(self, x, out, *args, **kwargs):
        span = self.xu - self.xl
        shares = np.clip((x - self.xl) / span, 0.0, 1.0)
        if "dF" in out:
            out["F"], out["dF"] = self.inner.evaluate(shares, return_values_of=["F", "dF"])
            out["dF"] = out["dF"] / span
        else:
            out["F"] = self.inner.evaluate(shares, return_values_of=["F"])
        if self.has_constraints():
            out["G"] = out["F"][:, 1:] - LIMIT


ALGORITHMS = {
    "noise": lambda: NSGA2(
        8, sampling=SmoothNoiseSampling(), crossover=PatchCrossover(), mutation=SmoothNoiseMutation()
    ),
    "levels": lambda: NSGA2(8, sampling=LevelSampling()),
    "notebook": lambda: NSGA2(8, sampling=GradientSeedSampling(n_seeds=6, steps=9)),
    "spread": lambda: NSGA2(
        8, sampling=GradientSeedSampling(n_seeds=6, steps=9, schedule="spread", fill="ramp")
    ),
    "hybrid": lambda: HybridAlgorithm(pop_size=8, n_refined=3, refinement_steps=4),
    "tracer": lambda: ParetoTracer(8),
}
FAST = ["noise", "spread", "hybrid", "tracer"]

PROBLEMS = {
    "subclass": lambda problem: Intelligible(encoder=problem.encoder),
    "wrapper": Wrapped,
    "other bounds": lambda problem: Wrapped(problem, low=-2.0, high=np.linspace(1, 3, problem.n_var)),
    "constrained wrapper": lambda problem: Wrapped(problem, n_ieq_constr=1),
}


@pytest.fixture(scope="module")
def small(picture, sound):
    return MOSSProblem(picture, sound, grid=(6, 8))


@pytest.mark.parametrize("algorithm", few(ALGORITHMS, FAST, "matrix"))
@pytest.mark.parametrize("name", PROBLEMS)
def test_any_problem_can_be_searched_by_any_algorithm(small, name, algorithm):
    problem = PROBLEMS[name](small)
    result = search(problem, ALGORITHMS[algorithm](), ("n_gen", 4))
    assert (problem.xl <= result.X).all()
    assert (problem.xu >= result.X).all()
    inner = small.evaluate((result.X - problem.xl) / (problem.xu - problem.xl))
    np.testing.assert_allclose(result.F, inner, rtol=1e-6, atol=1e-9)
    if problem.has_constraints():
        # By the formula, and not by what the run says of itself.
        assert inner[:, 1].max() <= LIMIT
    assert small.hypervolume(inner) > 0.3


def test_a_constrained_front_is_that_of_the_feasible_part(small):
    problem = Intelligible(encoder=small.encoder)
    result = search(problem, ParetoTracer(30), ("n_gen", 20))
    assert result.F[:, 1].max() <= LIMIT
    # Up to the limit it is the front without one.
    free = search(small, ParetoTracer(30), ("n_gen", 20)).F
    free = free[free[:, 1] <= LIMIT]
    box = small.ref_point
    reached, expected = (small.hypervolume(np.minimum(F, box)) for F in (result.F, free))
    assert reached > 0.97 * expected


def test_without_a_feasible_mask_the_least_infeasible_is_the_optimum(small):
    problem = Intelligible(encoder=small.encoder, limit=-1.0)
    for algorithm in ("hybrid", "tracer"):
        algorithm = ALGORITHMS[algorithm]().setup(problem, termination=("n_gen", 3), seed=1)
        while algorithm.has_next():
            algorithm.next()
        np.testing.assert_array_equal(algorithm.opt.get("F")[:, 1], 0.0)


@pytest.mark.parametrize("make", [lambda p: p, PROBLEMS["subclass"], PROBLEMS["wrapper"]])
@pytest.mark.parametrize("name", few(ALGORITHMS, ["spread", "hybrid", "tracer"], "matrix"))
def test_ask_and_tell_with_values_from_elsewhere(small, name, make):
    problem = make(small)
    algorithm = ALGORITHMS[name]().setup(problem, termination=("n_gen", 4), seed=1)
    while algorithm.has_next():
        infills = algorithm.ask()
        values = problem.evaluate(infills.get("X"), return_as_dictionary=True)
        Evaluator().eval(StaticProblem(problem, **values), infills)
        algorithm.tell(infills=infills)
    expected = search(make(small), ALGORITHMS[name](), ("n_gen", 4))
    np.testing.assert_allclose(algorithm.opt.get("F"), expected.F, rtol=1e-9)


def test_a_subclass_is_made_copied_and_pickled_with_what_it_sets_itself(small, rng):
    problem = Intelligible(encoder=small.encoder, limit=0.5)
    assert problem.calls == []
    x = rng.random((2, problem.n_var))
    values, violations = problem.evaluate(x)
    np.testing.assert_allclose(violations, values[:, 1:] - 0.5)
    copied, loaded = copy.deepcopy(problem), pickle.loads(pickle.dumps(problem))
    for other in (copied, loaded):
        assert (other.limit, other.n_ieq_constr, other.calls) == (0.5, 1, [2])
        np.testing.assert_array_equal(other.evaluate(x)[1], violations)
    # What a subclass changes in a copy stays there, while the tensors are shared.
    assert problem.calls == [2]
    assert copied.encoder is problem.encoder


def test_the_constructor_calls_nothing_that_a_subclass_overrides(small):
    class Late(MOSSProblem):
        """Every public method needs what the constructor sets after its parent's."""

        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            self.ready = True

    def needs_ready(name):
        def method(self, *args, **kwargs):
            assert self.ready
            return getattr(MOSSProblem, name)(self, *args, **kwargs)

        return method

    public = [
        name
        for name in dir(MOSSProblem)
        if callable(getattr(MOSSProblem, name)) and not name.startswith("__")
    ]
    for name in [one for one in public if not one.startswith("_")] + ["_evaluate"]:
        setattr(Late, name, needs_ready(name))
    for options in ({}, {"normalize": True}, {"preset": "display"}):
        problem = Late(encoder=small.encoder, **options)
        assert problem.evaluate(np.zeros((1, problem.n_var))).shape == (1, 2)


def test_constraints_alone_may_leave_the_structure(small):
    class Same(Intelligible):
        evaluates_objectives = True

    problem = Same(encoder=small.encoder)
    expected = certify(small, n_weights=8, n_passes=0).hypervolume_upper
    assert certify(problem, n_weights=8, n_passes=0).hypervolume_upper == pytest.approx(expected)
    result = search(problem, ParetoTracer(12), ("n_gen", 4))
    assert result.F[:, 1].max() <= LIMIT
    np.testing.assert_allclose(result.F, small.evaluate(result.X), rtol=1e-6)


def test_further_arguments_reach_pymoo(small):
    seen = []
    problem = MOSSProblem(
        encoder=small.encoder, n_eq_constr=2, n_ieq_constr=1, callback=lambda X, out: seen.append(len(X))
    )
    assert (problem.n_ieq_constr, problem.n_eq_constr) == (1, 2)
    assert seen == []
    problem.evaluate(np.zeros((3, problem.n_var)), return_values_of=["F"])
    assert seen == [3]
    with pytest.raises(OptionError, match="did you mean 'n_ieq_constr'"):
        MOSSProblem(encoder=small.encoder, n_ieq_const=1)


def test_descents_use_another_f_where_a_subclass_has_one(small):
    class Doubled(MOSSProblem):
        def _evaluate(self, x, out, *args, **kwargs):
            super()._evaluate(x, out, *args, **kwargs)
            out.update({name: 2 * out[name] for name in ("F", "dF") if name in out})

    problem = Doubled(encoder=small.encoder)
    for algorithm in (ParetoTracer(6), HybridAlgorithm(pop_size=8, n_refined=3, refinement_steps=4)):
        # So few evaluations that values come from a descent.
        result = search(problem, algorithm, ("n_eval", 250))
        np.testing.assert_allclose(result.F, 2 * small.evaluate(result.X), rtol=1e-6)
    with pytest.raises(ObjectiveError, match="got Doubled, which evaluates something else"):
        certify(problem)


def test_one_mask_for_one_weighting_of_a_wrapped_problem(small):
    wrapped = Wrapped(small, low=-2.0, high=4.0)
    found = minimize_weighted(wrapped, (0.5, 0.5), steps=20)
    expected = minimize_weighted(small, (0.5, 0.5), steps=20)
    np.testing.assert_allclose(found.F, expected.F, rtol=1e-3)
    with pytest.raises(OptionError, match="objective 1, objective 2; got"):
        minimize_weighted(wrapped, (1.0,))


class Unbounded(Problem):
    def __init__(self):
        super().__init__(n_var=3, n_obj=2)


@pytest.mark.parametrize("name", ["spread", "hybrid", "tracer"])
def test_a_problem_without_bounds_is_refused(name):
    with pytest.raises(OptionError, match="expected variables with finite bounds"):
        search(Unbounded(), ALGORITHMS[name](), ("n_gen", 2))
    with pytest.raises(OptionError, match="finite bounds"):
        minimize_weighted(Unbounded())


@pytest.mark.parametrize("name", ["hybrid", "tracer"])
def test_algorithms_pickle(small, name):
    algorithm = ALGORITHMS[name]()
    loaded = pickle.loads(pickle.dumps(algorithm))
    np.testing.assert_array_equal(
        search(small, loaded, ("n_gen", 3)).F, search(small, algorithm, ("n_gen", 3)).F
    )


def test_the_name_of_version_0_1_for_refinement_steps_works_with_a_warning():
    with pytest.warns(DeprecationWarning, match="refinement_steps"):
        assert HybridAlgorithm(steps=7).refinement_steps == 7


class Sum(Problem):
    """One objective: the sum of both."""

    def __init__(self, inner):
        super().__init__(n_var=inner.n_var, n_obj=1, xl=0.0, xu=1.0)
        self.inner = inner

    def _evaluate(self, x, out, *args, **kwargs):
        values, slopes = self.inner.evaluate(x, return_values_of=["F", "dF"])
        out["F"] = values.sum(axis=1)
        if "dF" in out:
            out["dF"] = slopes.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("schedule", ["notebook", "spread"])
def test_a_single_objective_can_be_seeded_and_refined(small, schedule):
    seeding = GradientSeedSampling(n_seeds=4, steps=30, lr=0.2, schedule=schedule)
    seeded = search(Sum(small), GA(8, sampling=seeding), ("n_gen", 2))
    by_chance = small.evaluate(np.random.default_rng(0).random((100, small.n_var))).sum(axis=1).min()
    assert seeded.F[0] < by_chance
    hybrid = HybridAlgorithm(GA(8), seeding, n_refined=3, refinement_steps=5)
    assert search(Sum(small), hybrid, ("n_gen", 4)).F[0] < by_chance


class Within(Wrapped):
    """Less room than the problem inside, whose ends are given."""

    def __init__(self, inner):
        super().__init__(inner, low=0.2, high=0.7)
        self.ends, self.grid = inner.ends, inner.grid


@pytest.mark.parametrize("name", ["noise", "levels", "spread", "hybrid", "tracer"])
def test_no_mask_leaves_the_bounds(small, name):
    result = search(Within(small), ALGORITHMS[name](), ("n_gen", 3))
    assert 0.2 <= result.pop.get("X").min() <= result.pop.get("X").max() <= 0.7


@pytest.mark.parametrize("name", ["spread", "hybrid", "tracer"])
def test_a_variable_may_be_fixed(small, name):
    high = np.ones(small.n_var)
    high[3] = 0.0
    result = search(Wrapped(small, low=0.0, high=np.maximum(high, 1e-300)), ALGORITHMS[name](), ("n_gen", 3))
    assert np.isfinite(result.F).all()
    low = np.zeros(small.n_var)
    low[3] = 0.5
    high[3] = 0.5

    class Fixed(Wrapped):
        def _evaluate(self, x, out, *args, **kwargs):
            names = [one for one in ("F", "dF") if one in out]
            out.update(self.inner.evaluate(x, return_values_of=names, return_as_dictionary=True))

    result = search(Fixed(small, low=low, high=high), ALGORITHMS[name](), ("n_gen", 3))
    assert (result.X[:, 3] == 0.5).all()


@pytest.mark.parametrize(
    ("name", "attributes", "message"),
    [
        ("hybrid", {"grid": 48}, r"expected grid as \(rows, columns\) from Wrapped, got 48"),
        (
            "hybrid",
            {"ends": np.zeros((2, 3))},
            r"expected ends of shape \(2, n_var\) = \(2, 48\) from Wrapped",
        ),
        ("spread", {"sides": ["picture"]}, "expected a side for each of 2 objectives from Wrapped"),
    ],
)
def test_attributes_that_do_not_fit_are_refused_in_one_line(small, name, attributes, message):
    problem = Wrapped(small)
    vars(problem).update(attributes)
    with pytest.raises(OptionError, match=message) as caught:
        search(problem, ALGORITHMS[name](), ("n_gen", 4))
    assert "\n" not in str(caught.value)


def test_losses_at_ends_of_another_number_of_objectives_do_not_count(small):
    class Third(MOSSProblem):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            self.n_obj, self.sides = 3, None

        def _evaluate(self, x, out, *args, **kwargs):
            super()._evaluate(x, out, *args, **kwargs)
            for name in ("F", "dF"):
                if name in out:
                    out[name] = np.concatenate([out[name], out[name][:, :1]], axis=1)

    result = search(Third(encoder=small.encoder), ALGORITHMS["spread"](), ("n_gen", 2))
    assert result.F.shape[1] == 3


@pytest.mark.parametrize("sampling", [LevelSampling(), SmoothNoiseSampling()])
def test_samplings_need_bounds(sampling):
    with pytest.raises(OptionError, match="finite bounds"):
        sampling(Unbounded(), 4, random_state=np.random.default_rng(0))
