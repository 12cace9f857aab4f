"""State of an algorithm kept in a file and gone on from: the run without the interruption is the truth."""

import io
import json
import random

import numpy as np
import pytest
import torch
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.callback import Callback
from pymoo.problems import get_problem as pymoo_problem
from pymoo.termination.default import DefaultMultiObjectiveTermination

from pymoo_moss import FrontRecorder, GradientSeedSampling, HybridAlgorithm, ParetoTracer, get_problem
from pymoo_moss.errors import CheckpointError
from pymoo_moss.search import ALGORITHMS, load_checkpoint, make_algorithm, save_checkpoint
from pymoo_moss.search.checkpoint_file import read_facts

from ..marks import few

GENERATIONS = 7


@pytest.fixture(scope="module")
def problem():
    return get_problem("owl-drums-16x32")


def make(name, n_obj=2):
    seeding = GradientSeedSampling(n_seeds=4, steps=3, lr=0.2, fill="ramp")
    if name == "tracer":
        return ParetoTracer(12)
    if name == "hybrid":
        return HybridAlgorithm(seeding=seeding, pop_size=16, n_refined=4, refinement_steps=3)
    return HybridAlgorithm(
        make_algorithm(name, n_obj=n_obj, pop_size=16), seeding, n_refined=4, refinement_steps=3
    )


def begin(problem, algorithm, termination=("n_gen", GENERATIONS)):
    return algorithm.setup(problem, termination=termination, seed=3, callback=FrontRecorder())


def run(algorithm, generations):
    while algorithm.has_next() and len(algorithm.callback.generations) < generations:
        algorithm.next()
    return algorithm


def everything(algorithm):
    recorder = algorithm.callback
    return {
        "X": algorithm.pop.get("X"),
        "F": algorithm.pop.get("F"),
        "front": algorithm.opt.get("X"),
        "n_eval": algorithm.evaluator.n_eval,
        "random numbers": algorithm.random_state.bit_generator.state,
        "recorded": recorder.generations,
        "seeding": recorder.seeding,
        "counted": recorder.n_eval,
        "ended": algorithm.termination.has_terminated(),
    }


def assert_same(one, other):
    one, other = everything(one), everything(other)
    for name, value in one.items():
        np.testing.assert_equal(other[name], value, err_msg=name)


@pytest.mark.parametrize("name", few(["hybrid", "tracer", *ALGORITHMS], ["hybrid", "tracer"], "contract"))
@pytest.mark.parametrize("pause", [1, 4])
def test_goes_on_as_if_nothing_had_been(name, pause, problem, tmp_path):
    """Both phases: after the first generation, the seeding, and in the middle of the search."""
    whole = run(begin(problem, make(name)), GENERATIONS)
    paused = run(begin(problem, make(name)), pause)
    save_checkpoint(tmp_path / "state.npz", paused)
    resumed = begin(problem, make(name))
    load_checkpoint(tmp_path / "state.npz", resumed)
    assert_same(paused, resumed)
    assert_same(whole, run(resumed, GENERATIONS))


def test_three_objectives(tmp_path):
    problem = get_problem("owl-drums-16x32", objectives=["visual_l1", "audio_log_l1", "mask_roughness"])
    whole = run(begin(problem, make("nsga3", 3)), GENERATIONS)
    save_checkpoint(tmp_path / "state.npz", run(begin(problem, make("nsga3", 3)), 3))
    resumed = begin(problem, make("nsga3", 3))
    load_checkpoint(tmp_path / "state.npz", resumed)
    assert_same(whole, run(resumed, GENERATIONS))


def test_pymoos_own_problems_and_a_termination_with_a_memory(tmp_path):
    pause, window = 55, 10

    def fresh():
        ends_when_calm = DefaultMultiObjectiveTermination(ftol=0.05, period=window)
        return begin(pymoo_problem("zdt1", n_var=5), NSGA2(pop_size=12), ends_when_calm)

    paused = run(fresh(), pause)
    save_checkpoint(tmp_path / "state.npz", paused)
    resumed = fresh()
    load_checkpoint(tmp_path / "state.npz", resumed)
    assert_same(run(paused, 10**6), run(resumed, 10**6))
    # A termination that had forgotten would have watched for a whole window again.
    assert pause < len(resumed.callback.generations) < pause + window


def test_saving_changes_nothing(problem, tmp_path):
    watched = begin(problem, make("hybrid"))
    for generation in range(1, GENERATIONS + 1):
        run(watched, generation)
        save_checkpoint(tmp_path / "state.npz", watched)
    assert_same(run(begin(problem, make("hybrid")), GENERATIONS), watched)


def test_time_goes_on_from_where_it_was(problem, tmp_path):
    # So long that no busy machine decides.
    paused = run(begin(problem, make("hybrid"), ("time", 10**6)), 2)
    paused.start_time -= 2 * 10**6
    save_checkpoint(tmp_path / "state.npz", paused)
    resumed = begin(problem, make("hybrid"), ("time", 10**6))
    load_checkpoint(tmp_path / "state.npz", resumed)
    assert len(run(resumed, 10**6).callback.generations) == 3


def test_one_individual_in_two_populations_stays_one(problem, tmp_path):
    paused = run(begin(problem, make("nsga2")), 4)
    save_checkpoint(tmp_path / "state.npz", paused)
    resumed = begin(problem, make("nsga2"))
    load_checkpoint(tmp_path / "state.npz", resumed)

    def shared(algorithm):
        return [[one is other for other in algorithm.pop] for one in algorithm.opt]

    assert np.any(shared(paused))
    np.testing.assert_array_equal(shared(resumed), shared(paused))
    assert resumed.algorithm.random_state is resumed.random_state
    assert resumed.algorithm.evaluator is resumed.evaluator


def test_facts_come_back_with_and_without_a_state(problem, tmp_path):
    facts = {"name": "ö", "options": [1, 2.5, None]}
    save_checkpoint(tmp_path / "a.npz", None, facts)
    save_checkpoint(tmp_path / "b.npz", run(begin(problem, make("tracer")), 1), facts)
    assert read_facts(tmp_path / "a.npz") == read_facts(tmp_path / "b.npz") == facts
    with pytest.raises(CheckpointError, match="before the first generation"):
        load_checkpoint(tmp_path / "a.npz", begin(problem, make("tracer")))


@pytest.mark.parametrize(
    ("other", "message"),
    [("nsga3", "has a NSGA2 where the algorithm has a NSGA3"), ("tracer", "has a HybridAlgorithm where")],
)
def test_another_algorithm_is_refused(other, message, problem, tmp_path):
    save_checkpoint(tmp_path / "state.npz", run(begin(problem, make("nsga2")), 1))
    with pytest.raises(CheckpointError, match=message):
        load_checkpoint(tmp_path / "state.npz", begin(problem, make(other)))


@pytest.mark.parametrize("make_it", [lambda: iter([1]), lambda: torch.zeros(2), lambda: io.BytesIO(b"1")])
def test_what_cannot_be_kept_is_named_with_its_place(make_it, problem, tmp_path):
    callback = Callback()
    callback.data["mine"] = [1.0, make_it()]
    algorithm = NSGA2(pop_size=8).setup(problem, termination=("n_gen", 3), seed=1, callback=callback)
    algorithm.next()
    with pytest.raises(CheckpointError, match=r"callback\.data\['mine'\]\[1\]"):
        save_checkpoint(tmp_path / "state.npz", algorithm)
    assert list(tmp_path.iterdir()) == []


def test_a_history_of_algorithms_is_refused(problem, tmp_path):
    algorithm = NSGA2(pop_size=8, save_history=True).setup(problem, termination=("n_gen", 3), seed=1)
    algorithm.next()
    with pytest.raises(CheckpointError, match="save_history=False"):
        save_checkpoint(tmp_path / "state.npz", algorithm)


def test_every_damage_is_seen(problem, tmp_path):
    """Bits flipped and ends cut off at random: the state, or an error with a name, never another state."""
    path, damaged = tmp_path / "state.npz", tmp_path / "damaged.npz"
    paused = run(begin(problem, make("nsga2")), 2)
    save_checkpoint(path, paused)
    whole, chance = path.read_bytes(), random.Random(1)
    seen = 0
    for number in range(150):
        content = bytearray(whole)
        if number % 3 == 0:
            del content[chance.randrange(len(content)) :]
        else:
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        damaged.write_bytes(content)
        resumed = begin(problem, make("nsga2"))
        try:
            load_checkpoint(damaged, resumed)
        except CheckpointError:
            seen += 1
        else:
            assert_same(paused, resumed)
    assert seen > 100


def altered(path, change):
    """A checkpoint with a valid checksum and another head."""
    with np.load(path) as content:
        members = dict(content)
    head = json.loads(members["head"].tobytes())
    change(head)
    members["head"] = np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)
    np.savez(path, **members)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda head: head.update(format=99), "format 99"),
        (lambda head: head.pop("places"), "damaged"),
        (lambda head: head.update(places=[[0, 10**9]]), "damaged"),
        (lambda head: head.update(tree=[]), "damaged"),
        (lambda head: head["tree"].update(kind="call"), "unknown kind of node"),
        (lambda head: head["tree"].update({"class": "Popen"}), "has a Popen where"),
        (lambda head: head["tree"]["attributes"].update(next=1), "overrides HybridAlgorithm.next"),
        (lambda head: head["tree"]["attributes"].update(pop={"kind": "again", "number": 10**9}), "damaged"),
        (lambda head: head["tree"]["attributes"].update(random_state=None), "damaged"),
    ],
)
def test_a_forged_state_cannot_do_anything(change, message, problem, tmp_path):
    path = tmp_path / "state.npz"
    save_checkpoint(path, run(begin(problem, make("nsga2")), 1))
    altered(path, change)
    with pytest.raises(CheckpointError, match=message):
        load_checkpoint(path, begin(problem, make("nsga2")))


def test_a_pickle_is_never_loaded(problem, tmp_path):
    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "exploded"), "w"))

    np.savez(tmp_path / "state.npz", head=np.array([Bomb()], dtype=object))
    with pytest.raises(CheckpointError, match="damaged"):
        load_checkpoint(tmp_path / "state.npz", begin(problem, make("nsga2")))
    assert not (tmp_path / "exploded").exists()


def test_no_checkpoint(problem, tmp_path):
    with pytest.raises(CheckpointError, match="there is no checkpoint"):
        read_facts(tmp_path / "none.npz")
    with pytest.raises(CheckpointError, match="cannot write"):
        save_checkpoint("/proc/moss/state.npz", None)
