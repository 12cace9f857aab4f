"""The problem with each of pymoo's multi-objective algorithms and each kind of termination."""

import copy

import moocore
import numpy as np
import pytest
from pymoo.algorithms.moo.age import AGEMOEA
from pymoo.algorithms.moo.age2 import AGEMOEA2
from pymoo.algorithms.moo.cmopso import CMOPSO
from pymoo.algorithms.moo.ctaea import CTAEA
from pymoo.algorithms.moo.dnsga2 import DNSGA2
from pymoo.algorithms.moo.gde3 import GDE3
from pymoo.algorithms.moo.kgb import KGB
from pymoo.algorithms.moo.moead import MOEAD
from pymoo.algorithms.moo.mopso_cd import MOPSO_CD
from pymoo.algorithms.moo.nsde import NSDE
from pymoo.algorithms.moo.nsder import NSDER
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.algorithms.moo.nsga3 import NSGA3
from pymoo.algorithms.moo.omni import OmniOptimizer
from pymoo.algorithms.moo.pinsga2 import PINSGA2, AutomatedDM
from pymoo.algorithms.moo.rnsga2 import RNSGA2
from pymoo.algorithms.moo.rnsga3 import RNSGA3
from pymoo.algorithms.moo.rvea import RVEA
from pymoo.algorithms.moo.sms import SMSEMOA
from pymoo.algorithms.moo.spea2 import SPEA2
from pymoo.algorithms.moo.unsga3 import UNSGA3
from pymoo.core.algorithm import Algorithm
from pymoo.operators.sampling.rnd import FloatRandomSampling
from pymoo.optimize import minimize
from pymoo.termination.collection import TerminationCollection
from pymoo.termination.default import DefaultMultiObjectiveTermination
from pymoo.termination.fmin import MinimumFunctionValueTermination
from pymoo.termination.ftol import MultiObjectiveSpaceTermination
from pymoo.termination.max_eval import MaximumFunctionCallTermination
from pymoo.termination.max_gen import MaximumGenerationTermination
from pymoo.termination.max_time import TimeBasedTermination
from pymoo.termination.robust import RobustTermination
from pymoo.termination.xtol import DesignSpaceTermination
from pymoo.util.ref_dirs import get_reference_directions

from pymoo_moss import (
    FrontRecorder,
    GradientSeedSampling,
    HybridAlgorithm,
    LevelSampling,
    MOSSProblem,
    PatchCrossover,
    SmoothNoiseMutation,
)
from pymoo_moss.errors import OptionError
from pymoo_moss.search import ALGORITHMS, make_algorithm
from pymoo_moss.testing import counted

from ..marks import few

POP_SIZE = 12


class PicturesFirst(AutomatedDM):
    """A decision maker who ranks points by their first objective."""

    def makeDecision(self, F):  # noqa: N802
        return np.argsort(np.argsort(F[:, 0])) + 1


def directions():
    return get_reference_directions("das-dennis", 2, n_partitions=POP_SIZE - 1)


def aspirations():
    return np.array([[0.3, 0.6], [0.6, 0.3]])


SIZED = {
    "NSGA2": NSGA2,
    "AGE-MOEA": AGEMOEA,
    "AGE-MOEA2": AGEMOEA2,
    "SMS-EMOA": SMSEMOA,
    "SPEA2": SPEA2,
    "D-NSGA2": DNSGA2,
    "KGB": KGB,
    "CMOPSO": CMOPSO,
    "MOPSO-CD": MOPSO_CD,
    "Omni": OmniOptimizer,
    "GDE3": GDE3,
    "NSDE": NSDE,
}
DIRECTED = {
    "NSGA3": NSGA3,
    "U-NSGA3": UNSGA3,
    "MOEA/D": MOEAD,
    "C-TAEA": CTAEA,
    "RVEA": RVEA,
    "NSDE-R": NSDER,
}
FACTORIES = {
    **{name: lambda s, c=c: c(pop_size=POP_SIZE, sampling=s) for name, c in SIZED.items()},
    **{name: lambda s, c=c: c(ref_dirs=directions(), sampling=s) for name, c in DIRECTED.items()},
    "R-NSGA2": lambda s: RNSGA2(ref_points=aspirations(), pop_size=POP_SIZE, sampling=s),
    "R-NSGA3": lambda s: RNSGA3(ref_points=aspirations(), pop_per_ref_point=5, sampling=s),
    "PINSGA2": lambda s: PINSGA2(
        pop_size=POP_SIZE, sampling=s, automated_dm=PicturesFirst(), ranking_type="absolute", tau=2, eta=3
    ),
}
TERMINATIONS = {
    "n_gen": MaximumGenerationTermination(4),
    "n_eval": MaximumFunctionCallTermination(150),
    "time": TimeBasedTermination(0.2),
    "default": DefaultMultiObjectiveTermination(n_max_gen=5),
    "ftol": MultiObjectiveSpaceTermination(tol=0.5, n_skip=0),
    "xtol": DesignSpaceTermination(tol=0.9),
    "f_min": MinimumFunctionValueTermination(0.9),
    "robust": RobustTermination(MultiObjectiveSpaceTermination(tol=0.9), period=3),
    "collection": TerminationCollection(MaximumGenerationTermination(3), TimeBasedTermination(10**6)),
}
# pymoo's f_min divides by the least value, which is 0 where an end of the front is there.
pytestmark = pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning:pymoo.termination.fmin")


# These do not keep what they found: they follow preferences, or decompose by directions.
FORGETFUL = {"R-NSGA2", "R-NSGA3", "PINSGA2", "C-TAEA", "RVEA", "MOEA/D"}


class FrontsRecorder(FrontRecorder):
    """Keeps masks and values of every generation's non-dominated members too."""

    def __init__(self) -> None:
        super().__init__()
        self.X: list[np.ndarray] = []
        self.F: list[np.ndarray] = []

    def _update(self, algorithm: Algorithm) -> None:
        super()._update(algorithm)
        self.X.append(algorithm.opt.get("X"))
        self.F.append(algorithm.opt.get("F"))


def to_nearest(points: np.ndarray, others: np.ndarray) -> float:
    """How far points are from the nearest of the others, on average."""
    return float(np.linalg.norm(points[:, None] - others, axis=2).min(axis=1).mean())


def front_moved(before: np.ndarray, after: np.ndarray) -> float:
    """The most that a corner of the front's box moved, or its points on average, in sizes of that box."""
    size = np.ptp(after, axis=0)
    size[size == 0] = 1
    corners = np.abs([after.min(axis=0) - before.min(axis=0), after.max(axis=0) - before.max(axis=0)])
    return max(float((corners / size).max()), to_nearest(after / size, before / size))


def masks_moved(before: np.ndarray, after: np.ndarray) -> float:
    return to_nearest(after, before)


def first_calm(parts, moved, tolerance: float, in_a_row: int = 1) -> int | None:
    """The first generation in which so many in a row stayed within the tolerance of the one before them."""
    last, calm = parts[0], 0
    for generation, part in enumerate(parts[1:], start=2):
        calm = calm + 1 if moved(last, part) <= tolerance else 0
        if calm == in_a_row:
            return generation
        if not calm:
            last = part
    return None


def first_below(fronts, value: float) -> int | None:
    return next((number for number, front in enumerate(fronts, start=1) if front.min() <= value), None)


def assert_ended_where_it_should(kind: str, recorder: FrontsRecorder) -> None:
    """A run stopped at the end that its termination names, neither before nor after."""
    if kind == "time":
        # Only the least time: how many generations fit is the machine's business.
        assert recorder.seconds[-1] >= 0.2
    elif kind == "n_eval":
        # Short of it by less than a gradient step of five masks, past it by less than a generation.
        assert recorder.n_eval[-2] < 150
        assert 150 - 3 * 5 < recorder.n_eval[-1] < 150 + POP_SIZE
    else:
        expected = {
            "n_gen": lambda: 4,
            "default": lambda: 5,
            "collection": lambda: 3,
            "f_min": lambda: first_below(recorder.F, 0.9),
            "ftol": lambda: first_calm(recorder.F, front_moved, 0.5),
            "xtol": lambda: first_calm(recorder.X, masks_moved, 0.9),
            "robust": lambda: first_calm(recorder.F, front_moved, 0.9, in_a_row=3),
        }
        assert len(recorder.generations) == expected[kind]()


@pytest.fixture(scope="module")
def small(encoder) -> MOSSProblem:
    return MOSSProblem(encoder=encoder, normalize=True)


def seeds() -> GradientSeedSampling:
    return GradientSeedSampling(n_seeds=5, steps=5, lr=0.5)


@pytest.mark.parametrize("name", few(FACTORIES, ["NSGA2", "SMS-EMOA", "GDE3", "MOEA/D"], "matrix"))
def test_every_algorithm_keeps_the_seeds_and_finds_more(small, name):
    recorder = FrontRecorder()
    result = minimize(small, FACTORIES[name](seeds()), ("n_gen", 6), seed=1, callback=recorder)
    assert result.F.shape[1] == 2
    assert len(result.X) == len(result.F) >= 1
    np.testing.assert_allclose(small.evaluate(result.X), result.F, rtol=1e-5, atol=1e-9)
    assert result.X.min() >= 0 <= result.X.max() <= 1
    assert len(recorder.generations) == 6
    assert small.hypervolume(result.F) > 0.3
    if name not in FORGETFUL:
        assert small.hypervolume(result.F) > small.hypervolume(recorder.generations[0]) + 0.01
        np.testing.assert_array_equal(result.F.min(axis=0), [0, 0])


@pytest.mark.parametrize("name", few(["NSGA2", "MOEA/D", "GDE3", "SMS-EMOA"], ["NSGA2"], "matrix"))
def test_the_same_seed_gives_the_same_result(small, name):
    first, second, other = (
        minimize(small, FACTORIES[name](seeds()), ("n_gen", 4), seed=seed).F for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, second)
    assert first.shape != other.shape or (first != other).any()


@pytest.mark.matrix
@pytest.mark.parametrize("kind", TERMINATIONS)
@pytest.mark.parametrize("name", sorted(set(FACTORIES) - {"RVEA"}))
def test_every_termination_ends_a_run_of_every_algorithm_with_a_front(small, name, kind):
    seeding, recorder = GradientSeedSampling(n_seeds=3, steps=2, lr=0.5), FrontsRecorder()
    result = minimize(small, FACTORIES[name](seeding), TERMINATIONS[kind], seed=1, callback=recorder)
    assert_ended_where_it_should(kind, recorder)
    np.testing.assert_allclose(small.evaluate(result.X), result.F, rtol=1e-5, atol=1e-9)
    # AGE-MOEA2 loses an end after some hundred generations, which a fast machine may reach in time.
    if name not in FORGETFUL and kind != "time":
        np.testing.assert_array_equal(result.F.min(axis=0), [0, 0])
    # The front of an algorithm with directions is what lies next to these, a part of what it found.
    if name not in FORGETFUL | set(DIRECTED):
        assert small.hypervolume(result.F) >= small.hypervolume(recorder.generations[0]) - 1e-6


@pytest.mark.parametrize("kind", TERMINATIONS)
def test_rvea_takes_a_number_of_generations_or_evaluations_alone(small, kind):
    recorder = FrontsRecorder()
    algorithm = FACTORIES["RVEA"](GradientSeedSampling(n_seeds=3, steps=2, lr=0.5))
    if kind in ("n_gen", "n_eval"):
        minimize(small, algorithm, TERMINATIONS[kind], seed=1, callback=recorder)
        assert_ended_where_it_should(kind, recorder)
    else:
        with pytest.raises(Exception, match="n_gen or n_eval"):
            minimize(small, algorithm, TERMINATIONS[kind], seed=1)


@pytest.mark.parametrize("kind", TERMINATIONS)
@pytest.mark.parametrize("hybrid", [False, True])
def test_terminations_end_a_run_where_they_should(small, kind, hybrid):
    base, recorder = NSGA2(pop_size=POP_SIZE, sampling=seeds()), FrontsRecorder()
    algorithm = HybridAlgorithm(base, seeds()) if hybrid else base
    result = minimize(small, algorithm, TERMINATIONS[kind], seed=1, callback=recorder)
    assert_ended_where_it_should(kind, recorder)
    front = moocore.filter_dominated(result.pop.get("F"))
    np.testing.assert_array_equal(np.unique(result.F, axis=0), np.unique(front, axis=0))
    assert small.hypervolume(result.F) >= small.hypervolume(recorder.generations[0]) - 1e-6
    np.testing.assert_array_equal(result.F.min(axis=0), [0, 0])
    np.testing.assert_allclose(small.evaluate(result.X), result.F, rtol=1e-5, atol=1e-9)
    assert result.algorithm.evaluator.n_eval == recorder.n_eval[-1]


@pytest.mark.parametrize("hybrid", [False, True])
def test_a_run_ends_in_the_generation_that_falls_below_a_value(small, hybrid):
    base = NSGA2(
        pop_size=POP_SIZE,
        sampling=FloatRandomSampling(),
        crossover=PatchCrossover(),
        mutation=SmoothNoiseMutation(),
    )
    algorithm = HybridAlgorithm(base, FloatRandomSampling(), refine_every=9) if hybrid else base
    recorder = FrontsRecorder()
    minimize(small, algorithm, MinimumFunctionValueTermination(0.08), seed=1, callback=recorder)
    assert len(recorder.generations) == first_below(recorder.F, 0.08) > 1


@pytest.mark.parametrize("name", few(FACTORIES, ["NSGA2", "MOPSO-CD", "MOEA/D"], "matrix"))
def test_the_hybrid_takes_any_population_algorithm(small, name):
    algorithm = HybridAlgorithm(FACTORIES[name](LevelSampling()), seeds(), refine_every=0)
    result = minimize(small, algorithm, ("n_gen", 4), seed=1)
    plain = minimize(small, FACTORIES[name](seeds()), ("n_gen", 4), seed=1)
    assert result.algorithm.n_gen == plain.algorithm.n_gen
    # MOPSO-CD does not tell its sampling which run it is in: only the hybrid can count its seeding.
    if name != "MOPSO-CD":
        assert result.algorithm.evaluator.n_eval == plain.algorithm.evaluator.n_eval
    assert small.hypervolume(result.F) > 0.4


def test_the_hybrid_of_nsga2_is_nsga2_from_the_same_seeds(small):
    algorithm = HybridAlgorithm(NSGA2(pop_size=POP_SIZE), seeds(), refine_every=0)
    hybrid = minimize(small, algorithm, ("n_gen", 5), seed=2)
    plain = minimize(small, NSGA2(pop_size=POP_SIZE, sampling=seeds()), ("n_gen", 5), seed=2)
    np.testing.assert_array_equal(hybrid.algorithm.algorithm.pop.get("F"), plain.pop.get("F"))
    # It keeps what NSGA-II loses.
    assert small.hypervolume(hybrid.F) >= small.hypervolume(plain.F)


def test_the_hybrids_defaults_beat_constant_masks(small):
    result = minimize(small, HybridAlgorithm(), ("n_gen", 3), seed=1)
    sweep = small.evaluate(np.repeat(np.linspace(0, 1, 101)[:, None], small.n_var, axis=1))
    assert small.hypervolume(result.F) > small.hypervolume(sweep) + 0.01
    assert len(result.algorithm.algorithm.pop) == 100
    assert len(result.F) <= len(result.pop) <= 400


def test_refinement_leads_further_with_the_same_budget(small):
    budget = 4000
    refined, plain = (
        minimize(
            small,
            HybridAlgorithm(NSGA2(pop_size=POP_SIZE), seeds(), refine_every=every),
            ("n_eval", budget),
            seed=1,
        )
        for every in (2, 0)
    )
    assert small.hypervolume(refined.F) > small.hypervolume(plain.F) + 0.001
    assert budget - 3 * 4 * POP_SIZE < refined.algorithm.evaluator.n_eval < budget + POP_SIZE


def test_refinements_come_every_so_many_generations(small):
    sizes = []
    minimize(
        small,
        HybridAlgorithm(NSGA2(pop_size=POP_SIZE), seeds(), refine_every=2, n_refined=3, refinement_steps=2),
        ("n_gen", 9),
        seed=1,
        callback=lambda algorithm: sizes.append(len(algorithm.off)),
    )
    refined = sizes[2::3]
    assert sizes[0::3] + sizes[1::3] == 6 * [POP_SIZE]
    # Three points, in two steps, and at most as many exchanges.
    assert all(2 * 3 <= size <= 3 * 3 for size in refined)


def test_all_that_the_hybrid_spends_is_counted(encoder):
    problem, spent = counted(MOSSProblem(encoder=encoder))
    result = minimize(problem, HybridAlgorithm(output=None), ("n_gen", 4), seed=1)
    assert result.algorithm.evaluator.n_eval == spent.evaluations > 100


@pytest.mark.parametrize("preset", ["notebook", "display"])
def test_the_hybrid_refines_any_preset_and_number_of_objectives(picture, sound, preset):
    for objectives in (None, ["visual_l1", "audio_log_l1", "mask_roughness"]):
        problem = MOSSProblem(picture, sound, grid=(5, 6), preset=preset, objectives=objectives)
        seeding = GradientSeedSampling(n_seeds=4, steps=10, lr=0.2, schedule="spread", fill="ramp")
        algorithm = HybridAlgorithm(pop_size=12, seeding=seeding)
        result = minimize(problem, algorithm, ("n_gen", 5), seed=1)
        assert len(result.algorithm.algorithm.pop) == 12
        np.testing.assert_allclose(problem.evaluate(result.X), result.F, rtol=1e-5, atol=1e-9)


def test_a_copy_of_the_hybrid_goes_on_to_the_same_end(small):
    algorithm = HybridAlgorithm(pop_size=POP_SIZE, seeding=seeds())
    algorithm.setup(small, termination=("n_gen", 8), seed=1)
    for _ in range(4):
        algorithm.next()
    copied = copy.deepcopy(algorithm)
    np.testing.assert_array_equal(copied.run().F, algorithm.run().F)


@pytest.mark.parametrize("option", [{"refine_every": -1}, {"n_refined": 0}, {"refinement_steps": 0}])
def test_options_of_the_hybrid_out_of_range_are_refused(option):
    with pytest.raises(OptionError, match="refine_every of 0 or more"):
        HybridAlgorithm(**option)


def test_the_hybrid_does_not_change_what_it_was_given(small):
    base, seeding = NSGA2(pop_size=POP_SIZE), seeds()
    algorithm = HybridAlgorithm(base, seeding)
    first = minimize(small, algorithm, ("n_gen", 2), seed=1).F
    assert base.problem is None
    assert seeding.history == []
    np.testing.assert_array_equal(minimize(small, algorithm, ("n_gen", 2), seed=1).F, first)


def test_the_hybrid_ends_when_no_new_offspring_can_be_made(small):
    base, recorder = NSGA2(pop_size=4, sampling=None), FrontRecorder()
    base.mating.do = lambda *args, **kwargs: []
    result = minimize(small, HybridAlgorithm(base, seeds()), ("n_gen", 50), seed=1, callback=recorder)
    # The seeds, one refinement, and the generation that has no offspring.
    assert len(recorder.generations) == 3
    np.testing.assert_array_equal(result.F.min(axis=0), [0, 0])


def test_algorithms_without_a_population_are_refused():
    with pytest.raises(OptionError, match="population algorithm"):
        HybridAlgorithm(Algorithm())


@pytest.mark.parametrize("name", few(ALGORITHMS, ["nsga2", "nsga3"], "matrix"))
@pytest.mark.parametrize("n_obj", [2, 3])
def test_algorithms_by_name_have_the_population_asked_for(encoder, name, n_obj):
    objectives = ["visual_l1", "audio_log_l1", "mask_roughness"][:n_obj]
    problem = MOSSProblem(encoder=encoder, objectives=objectives)
    algorithm = make_algorithm(name, n_obj=n_obj, pop_size=POP_SIZE)
    result = minimize(problem, HybridAlgorithm(algorithm, seeds()), ("n_gen", 2), seed=1)
    assert len(result.pop) == POP_SIZE
    assert result.F.shape[1] == n_obj


def test_reference_directions_are_each_algorithms_own():
    one, other = (make_algorithm("nsga3", n_obj=3, pop_size=POP_SIZE) for _ in range(2))
    np.testing.assert_array_equal(one.ref_dirs, other.ref_dirs)
    one.ref_dirs[:] = 0.0
    np.testing.assert_allclose(other.ref_dirs.sum(axis=1), 1.0)


def test_unknown_algorithms_name_the_nearest():
    with pytest.raises(OptionError, match="did you mean 'nsga2'"):
        make_algorithm("nsga-2")
    with pytest.raises(OptionError, match="4 or more"):
        make_algorithm("nsga2", pop_size=3)


def first_population(problem, name, sampling):
    algorithm = make_algorithm(name, pop_size=POP_SIZE, sampling=sampling)
    algorithm.setup(problem, ("n_gen", 1), seed=3)
    return algorithm.ask().get("X")


@pytest.mark.parametrize("name", ["nsga2", "nsga3", "moea-d", "cmopso"])
def test_samplings_by_name_make_the_first_population(problem, name):
    levels = first_population(problem, name, "levels")
    assert (levels == levels[:, :1]).all()
    np.testing.assert_array_equal(first_population(problem, name, None).shape, levels.shape)
    assert np.abs(np.diff(first_population(problem, name, "random"))).mean() == pytest.approx(1 / 3, abs=0.05)
    with pytest.raises(OptionError, match="did you mean 'levels'"):
        make_algorithm(name, sampling="level")


def test_variation_for_masks_replaces_both_operators():
    algorithm = make_algorithm("spea2", variation="masks")
    assert type(algorithm.mating.crossover).__name__ == "PatchCrossover"
    assert type(algorithm.mating.mutation).__name__ == "SmoothNoiseMutation"
    assert type(make_algorithm("spea2").mating.mutation).__name__ != "SmoothNoiseMutation"
    with pytest.raises(OptionError, match="did you mean 'masks'"):
        make_algorithm("spea2", variation="mask")
    for name in ("cmopso", "gde3", "mopso-cd"):
        with pytest.raises(OptionError, match="takes no variation"):
            make_algorithm(name, variation="masks")


def test_the_competitive_swarm_by_name_can_be_repeated(problem):
    def run(seed):
        algorithm = make_algorithm("cmopso", pop_size=POP_SIZE, sampling="smooth-noise")
        return minimize(problem, algorithm, ("n_gen", 12), seed=seed).pop.get("X")

    once = run(1)
    np.testing.assert_array_equal(once, run(1))
    assert (once != run(2)).any()
