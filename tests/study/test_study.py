"""Runs, and what happens when they are interrupted, broken or done elsewhere."""

import functools
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pymoo.algorithms.moo.nsga2 import NSGA2

from pymoo_moss.errors import MossError, OptionError, OutputError, StudyError
from pymoo_moss.instances import FrozenProblem
from pymoo_moss.study import AlgorithmChoice, ProblemChoice, Study, StudyResult
from pymoo_moss.study import task as task_module

from ..processes import PATIENCE, guarded
from .conftest import ALGORITHMS, BUDGETS, tiny_problem

ROOT = Path(__file__).parents[2]


def values(result):
    """Everything of a result but times, in an order that does not depend on when runs ended."""
    generations = result.generations().drop(columns=["seconds", "cpu_seconds"])
    keys = ["problem", "algorithm", "seed", "generation"]
    return (
        generations.sort_values(keys, ignore_index=True),
        result.indicators().sort_values(["problem", "algorithm", "seed", "budget"], ignore_index=True),
    )


def assert_same(one, other):
    for a, b in zip(values(one), values(other), strict=True):
        pd.testing.assert_frame_equal(a, b, check_exact=True)


def times(study):
    return {path.name: path.stat().st_mtime_ns for path in (study.folder / "runs").iterdir()}


def test_a_study_has_every_run_with_its_whole_budget(make_study):
    result = make_study().run()
    assert len(result.runs) == 6
    problem = tiny_problem()
    for run in result.runs:
        assert BUDGETS[-1] <= run.n_eval[-1] <= 1.05 * BUDGETS[-1]
        assert (np.diff(run.n_eval) > 0).all()
        # A clock may be too coarse to tell two generations apart.
        assert (np.diff(run.seconds) >= 0).all()
        assert run.seconds[-1] > 0
        assert run.hypervolume[-1] == problem.hypervolume(run.fronts[BUDGETS[-1]])


def test_a_front_at_a_budget_is_that_of_a_run_with_that_budget(make_study):
    """The run's way does not depend on where it ends."""
    whole = make_study("whole").run()
    short = make_study("short", budget=BUDGETS[0]).run()
    for name in ALGORITHMS:
        for a, b in zip(whole.fronts("tiny", name, BUDGETS[0]), short.fronts("tiny", name), strict=True):
            np.testing.assert_array_equal(a, b)


def test_what_came_after_the_budget_does_not_count(make_study):
    result = make_study(budget=[5, 15, 50], algorithms={"levels": ALGORITHMS["levels"]}, seeds=1).run()
    run = result.runs[0]
    assert run.n_eval.tolist() == [20, 40, 60]
    at = result.indicators().set_index("budget")
    # A run's first front is all that is known of it before; how much it took is said.
    assert at["n_eval"].tolist() == [20, 20, 40]
    assert at.loc[5, "hypervolume"] == at.loc[15, "hypervolume"] == run.hypervolume[0]
    assert at.loc[50, "hypervolume"] == run.hypervolume[1]


@pytest.mark.process
def test_backends_and_workers_change_nothing_but_times(make_study):
    assert_same(make_study("alone").run(), make_study("loky").run(n_jobs=2))


def test_finished_runs_are_not_repeated_and_more_can_be_added(make_study):
    study = make_study()
    study.run()
    before = times(study)
    study.run()
    assert times(study) == before
    more = make_study(seeds=3)
    assert len(more.run().runs) == 9
    assert {name: when for name, when in times(more).items() if name in before} == before


def test_a_damaged_run_is_done_again(make_study):
    study = make_study()
    whole = study.run()
    victim, other = sorted((study.folder / "runs").iterdir())[:2]
    victim.write_bytes(victim.read_bytes()[:200])
    other.write_bytes(b"")
    assert len(study.result().runs) == 4
    assert_same(study.run(), whole)


def test_another_budget_or_option_is_another_run(make_study):
    first = make_study()
    first.run()
    changed = {**ALGORITHMS, "levels": AlgorithmChoice("nsga2", population=24, sampling="levels")}
    result = make_study(algorithms=changed).run()
    assert len(times(first)) == 8
    assert {run.n_eval[0] for run in result.runs if run.algorithm == "levels"} == {24}


def broken_algorithm(n_obj):
    raise RuntimeError("no such luck")


@pytest.mark.parametrize("n_jobs", [1, pytest.param(2, marks=pytest.mark.process)])
def test_broken_runs_are_named_and_the_others_kept(make_study, n_jobs):
    study = make_study(algorithms={"bad": broken_algorithm, **ALGORITHMS})
    message = r"^2 of 8 runs failed(.|\n)*\nbad on tiny, seed 1, 2: RuntimeError: no such luck$"
    with pytest.warns(UserWarning, match=message) as warned:
        result = study.run(n_jobs=n_jobs)
    assert len(warned) == 1
    assert len(result.runs) == 6
    assert [(one.problem, one.algorithm, one.seed) for one in result.broken] == [
        ("tiny", "bad", 1),
        ("tiny", "bad", 2),
    ]
    assert "in broken_algorithm" in result.broken[0].error
    assert StudyResult.load(study.folder).broken == study.result().broken == []
    mended = make_study(algorithms={"bad": lambda n_obj: NSGA2(pop_size=20), **ALGORITHMS}).run()
    assert len(mended.runs) == 8
    assert mended.broken == []


def test_a_study_without_a_finished_run_raises(make_study):
    study = make_study(algorithms={"bad": broken_algorithm})
    message = r"^all 2 runs failed\. The first was bad on tiny, seed 1: RuntimeError: no such luck$"
    with pytest.raises(StudyError, match=message) as raised:
        study.run()
    assert "Traceback" in str(raised.value.__cause__)


def finished_runs(folder):
    return len(list(folder.glob("runs/*.npz")))


def wait_until(happened):
    """Wait for what another process does; the limit is there for the case that it died."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)


def dying_algorithm(folder, n_obj):
    """Kills the process that makes it, when some runs are finished."""
    wait_until(lambda: finished_runs(folder) >= 2)
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.process
def test_a_killed_worker_loses_nothing_that_was_finished(make_study, tmp_path):
    dying = functools.partial(dying_algorithm, tmp_path / "study")
    study = make_study(algorithms={**ALGORITHMS, "dying": dying}, seeds=3)
    with pytest.raises(StudyError, match="a worker process was killed"):
        study.run(n_jobs=2)
    assert 2 <= len(study.result().runs) <= 9
    assert_same(make_study(seeds=3).run(), make_study("undisturbed", seeds=3).run())


_HELD_STUDY = """
import sys
from pathlib import Path
from pymoo_moss.study import Study
from tests.study.conftest import ALGORITHMS, BUDGETS, tiny_problem

folder = Path(sys.argv[1])

def held_problem():
    # Every run makes the problem anew.
    if len(list(folder.glob("runs/*.npz"))) == 7:
        print("in the eighth run", flush=True)
        sys.stdin.read()
    return tiny_problem()

Study({"tiny": held_problem}, ALGORITHMS, 6, BUDGETS, folder).run()
"""


@pytest.mark.process
def test_a_killed_study_goes_on_where_it_was(make_study, tmp_path):
    folder = tmp_path / "study"
    study = make_study(seeds=6)
    command, pipes = [sys.executable, "-c", _HELD_STUDY, str(folder)], {"stdin": subprocess.PIPE}
    started = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, **pipes)
    with guarded(started) as process:
        assert process.stdout.readline() == "in the eighth run\n"
    before = {name: when for name, when in times(study).items() if name.endswith(".npz")}
    assert len(before) == 7
    result = study.run()
    assert len(result.runs) == 18
    after = times(study)
    assert {name: after[name] for name in before} == before
    assert_same(result, make_study("undisturbed", seeds=6).run())


@pytest.fixture
def dask_on_loopback(tmp_path):
    """A scheduler and two workers, each a process of its own; yields its address and the workers."""
    file = tmp_path / "scheduler.json"
    base = [sys.executable, "-m", "dask"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}
    listen = ["--host", "127.0.0.1", "--port", "0", "--dashboard-address", ":0"]
    worker = ["worker", "--no-nanny", "--nthreads", "1"]
    worker += ["--no-dashboard", "--death-timeout", "300", "--host", "127.0.0.1"]

    def address():
        try:
            return json.loads(file.read_text())["address"]
        except (FileNotFoundError, ValueError):  # not written yet, or half of it
            return None

    processes = [subprocess.Popen([*base, "scheduler", "--scheduler-file", str(file), *listen], **quiet)]
    try:
        wait_until(lambda: address() or processes[0].poll() is not None)
        processes += [subprocess.Popen([*base, *worker, address()], **quiet) for _ in range(2)]
        yield address(), processes[1:]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def problem_of_a_worker_that_is_killed(folder, victim, other):
    """Kills one worker in its first run, when the other has finished some, and holds the other until then."""
    killed = folder / "killed"
    if os.getpid() == victim:
        wait_until(lambda: finished_runs(folder) >= 2)
        killed.touch()
        os.kill(victim, signal.SIGKILL)
    if os.getpid() == other and finished_runs(folder) >= 2:
        wait_until(killed.exists)
    return tiny_problem()


@pytest.mark.process
def test_dask_gives_the_same_though_a_worker_is_killed(make_study, dask_on_loopback, tmp_path):
    from dask.distributed import Client

    address, workers = dask_on_loopback
    with Client(address, timeout=300) as client:
        client.wait_for_workers(2, timeout=300)
    problem = functools.partial(
        problem_of_a_worker_that_is_killed, tmp_path / "dask", *(worker.pid for worker in workers)
    )
    study = make_study("dask", problems={"tiny": problem}, seeds=6)
    result = study.run(backend="dask", scheduler=address)
    assert workers[0].wait() == -signal.SIGKILL
    assert workers[1].poll() is None
    assert len(result.runs) == 18
    assert_same(result, make_study("alone", seeds=6).run())


@pytest.mark.process
def test_a_scheduler_that_does_not_respond_is_named(make_study):
    with pytest.raises(StudyError, match="no dask scheduler responds at"):
        make_study().run(backend="dask", scheduler="tcp://127.0.0.1:9")


def test_frozen_problems_bring_reference_and_bound(tmp_path):
    name = "owl-drums-16x32"
    result = Study([name], {"tracer": AlgorithmChoice("tracer", population=20)}, 1, 3000, tmp_path).run()
    row = result.indicators().iloc[0]
    problem = ProblemChoice(name).make()
    assert isinstance(problem, FrozenProblem)
    assert row["share"] == pytest.approx(problem.share(result.runs[0].fronts[3000]), rel=1e-7)
    assert 0.9 < row["share"] < 1
    assert row["igd_plus"] > 0
    loaded = StudyResult.load(tmp_path)
    pd.testing.assert_frame_equal(loaded.indicators(), result.indicators(), check_exact=True)


def test_a_result_can_be_loaded_without_the_study(make_study):
    study = make_study()
    assert_same(StudyResult.load(study.run() and study.folder), study.result())


def test_the_problem_is_made_once_for_runs_that_follow_each_other():
    choice = ProblemChoice("owl-drums-16x32", {"grid": [8, 8]})
    assert choice.make() is choice.make()
    assert choice.make().n_var == 64


def test_no_pickle_is_loaded(tmp_path):
    path = tmp_path / "run.npz"
    np.savez(path, facts=np.array([object()], dtype=object))
    with pytest.raises(MossError, match="allow_pickle"):
        task_module.load_run(path)


def test_names_in_the_plan_cannot_leave_the_folder(make_study, tmp_path):
    study = make_study(seeds=1)
    study.run()
    secret = tmp_path / "secret.npz"
    next((study.folder / "runs").iterdir()).rename(secret)
    plan = json.loads((study.folder / "study.json").read_text())
    plan["runs"] = ["../../secret.npz", str(secret)]
    (study.folder / "study.json").write_text(json.dumps(plan))
    assert StudyResult.load(study.folder).runs == []


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"facts": {"a": 1}, "budgets": [], "runs": []}', "\x00"]
)
def test_a_damaged_plan_is_named(tmp_path, content):
    (tmp_path / "study.json").write_text(content)
    with pytest.raises(MossError, match=r"study\.json' cannot be read"):
        StudyResult.load(tmp_path)


def test_a_folder_without_a_study_is_named(tmp_path):
    with pytest.raises(MossError, match="holds no study"):
        StudyResult.load(tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"problems": ["owl-drum-16x32"]}, "did you mean 'owl-drums-16x32'"),
        ({"problems": "owl-drums-16x32"}, "put it into a list"),
        ({"algorithms": ["nsga-2"]}, "did you mean 'nsga2'"),
        ({"seeds": 0}, "at least one"),
        ({"seeds": [1, 1]}, "each seed once"),
        ({"budget": 0}, "budgets of 1 or more"),
    ],
)
def test_wrong_arguments_are_named(tmp_path, changes, message):
    arguments = {"problems": ["owl-drums-16x32"], "algorithms": ["nsga2"], "seeds": 1, "budget": 100}
    with pytest.raises(OptionError, match=message):
        Study(**{**arguments, **changes}, folder=tmp_path)


@pytest.mark.parametrize(
    "arguments", [{"backend": "threads"}, {"backend": "dask"}, {"scheduler": "tcp://a:1"}, {"n_jobs": 0}]
)
def test_wrong_ways_to_run_are_named(make_study, arguments):
    with pytest.raises(OptionError, match="expected"):
        make_study().run(**arguments)


@pytest.mark.parametrize("options", [{"sampling": "levels"}, {"variation": "masks"}])
def test_our_algorithms_bring_their_own_sampling(options):
    with pytest.raises(OptionError, match="hybrid has its own sampling"):
        AlgorithmChoice("hybrid", **options)


def test_swarms_take_no_variation():
    with pytest.raises(OptionError, match="takes no variation"):
        AlgorithmChoice("cmopso", variation="masks")


def test_options_that_cannot_be_written_down_are_refused():
    with pytest.raises(OptionError, match="pass a function"):
        ProblemChoice("owl-drums-16x32", {"objectives": [object()]})


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="choose another folder"):
        Study(["owl-drums-16x32"], ["nsga2"], 1, 100, tmp_path / "file").run()


def test_a_run_leaves_a_users_problem_as_it_is():
    own = tiny_problem()
    assert own.threads is None
    choice = Study({"own": own}, ALGORITHMS, 1, 40, "unused").problems["own"]
    task = task_module.Task(("own", choice), ("levels", ALGORITHMS["levels"]), 1, (40,))
    run = task_module.run_task(task, threads=1)
    assert run.n_eval[-1] == 40
    assert own.threads is None


def test_a_study_makes_its_problems_and_reads_its_runs_once(make_study, monkeypatch):
    made, read = [], []

    def problem():
        made.append("problem")
        return tiny_problem()

    class CountingArchive(zipfile.ZipFile):
        def __init__(self, file, mode="r", *arguments, **options):
            if mode == "r":
                read.append(file)
            super().__init__(file, mode, *arguments, **options)

    monkeypatch.setattr(zipfile, "ZipFile", CountingArchive)
    study = make_study(problems={"own": problem})
    study.run()
    # One for the plan, and one for each run.
    assert len(made) == 1 + len(study.tasks)
    # Once, to see whether the run is there.
    assert len(read) == len(set(read))
    made.clear()
    read.clear()
    study.run()
    assert len(made) == 1
    assert len(read) == len(set(read)) == len(study.tasks)
