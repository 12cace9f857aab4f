"""One run of a study: the task, its outcome, and its file."""

import copy
import json
import time
import traceback
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import moocore
import numpy as np
from pymoo.core.algorithm import Algorithm
from pymoo.core.callback import Callback
from pymoo.core.evaluator import Evaluator
from pymoo.core.population import Population
from pymoo.core.problem import Problem
from pymoo.util.nds.non_dominated_sorting import find_non_dominated

from .._files import parse_json, read_npz, write_whole
from ..errors import MossError
from ..known_points import share_of_box
from .budgets import Unit, evaluations_of
from .choices import AnyAlgorithm
from .facts import measured_box
from .file_names import unique_name
from .file_problem import AnyProblem

_RULE = 3
"""Part of the names of runs: runs that were recorded by another rule are repeated."""

_LATER_SERIES = ("cpu_seconds", "archive_hypervolume")
"""Series that files of earlier versions do not have."""
_SERIES = ("n_eval", "seconds", "cpu_seconds", "hypervolume", "archive_hypervolume")


@dataclass(frozen=True)
class Task:
    """A run to carry out.

    Attributes:
        problem: label and choice of the problem.
        algorithm: label and choice of the algorithm.
        seed: seed of the run's random numbers.
        budgets: budgets at which fronts are kept, rising; the last one ends the run.
        unit: what the budgets are counted in.
    """

    problem: tuple[str, AnyProblem]
    algorithm: tuple[str, AnyAlgorithm]
    seed: int
    budgets: tuple[float, ...]
    unit: Unit = "evaluations"

    @property
    def file_name(self) -> str:
        """Name of the run's file: the labels, and a hash of everything that determines the outcome."""
        (problem, problem_choice), (algorithm, algorithm_choice) = self.problem, self.algorithm
        whole = {
            "problem": [problem, problem_choice.describe()],
            "algorithm": [algorithm, algorithm_choice.describe()],
            "seed": self.seed,
            "budgets": self.budgets,
            "rule": _RULE,
            "pymoo_moss": version("pymoo-moss"),
        }
        if self.unit != "evaluations":
            # Names of runs whose budgets are evaluations are those of earlier versions.
            whole["unit"] = self.unit
        return f"{unique_name(f'{problem} {algorithm} {self.seed}', whole)}.npz"


@dataclass(frozen=True)
class Run:
    """A finished run.

    There is a record of each generation, and of each step of seedings and descents that report their values;
    see `pymoo_moss.search.report_values`.

    Attributes:
        problem: the problem's label.
        algorithm: the algorithm's label.
        seed: seed of its random numbers.
        n_eval: ``(records,)`` cumulative counted evaluations, rising.
        seconds: ``(records,)`` cumulative wall time.
        cpu_seconds: ``(records,)`` cumulative CPU time of the process, which other work on the machine
            affects little; NaN in files of earlier versions.
        hypervolume: ``(records,)`` hypervolume of the front, as a share of the problem's box.
        archive_hypervolume: likewise of all feasible points that were evaluated or reported so far, whether
            the algorithm has kept them or not; NaN in files of earlier versions.
        fronts: for each budget the front ``(n, n_obj)`` of the last record within it; if there is none, of
            the first record.
        counted: for each budget the counted evaluations of that record.
    """

    problem: str
    algorithm: str
    seed: int
    n_eval: np.ndarray
    seconds: np.ndarray
    cpu_seconds: np.ndarray
    hypervolume: np.ndarray
    archive_hypervolume: np.ndarray
    fronts: dict[float, np.ndarray]
    counted: dict[float, int]


@dataclass(frozen=True)
class BrokenRun:
    """A run that ended in an error, with its traceback."""

    task: Task
    error: str


def run_task(task: Task, threads: int | None) -> Run | BrokenRun:
    """Carry out a run in this process.

    Args:
        task: the run.
        threads: threads for the evaluation; None keeps the problem's own number.
    """
    try:
        problem = task.problem[1].make()
        if threads is not None:
            # A deep copy shares the tensors. The problem itself may be the user's, or another thread's.
            problem = copy.deepcopy(problem)
            if hasattr(problem, "threads"):
                problem.threads = threads
        return _record_run(task, problem, task.algorithm[1].make(problem.n_obj))
    except Exception:
        return BrokenRun(task, traceback.format_exc())


def _record_run(task: Task, problem: Problem, algorithm: Algorithm) -> Run:
    recorder = _Recorder(problem, task.budgets, task.unit)
    limit = "time" if task.unit == "seconds" else "n_eval"
    algorithm.setup(
        problem,
        termination=(limit, recorder.limits[task.budgets[-1]]),
        seed=task.seed,
        verbose=False,
        callback=recorder,
        evaluator=Evaluator(callback=recorder.on_evaluated),
    )
    while algorithm.has_next():
        algorithm.next()
    return Run(
        task.problem[0],
        task.algorithm[0],
        task.seed,
        **{name: np.array(series) for name, series in recorder.series.items()},
        fronts=recorder.fronts,
        counted=recorder.counted,
    )


class _Recorder(Callback):  # type: ignore[misc]
    """Records fronts of feasible masks when budgets are reached, also within generations."""

    def __init__(self, problem: Problem, budgets: tuple[float, ...], unit: Unit) -> None:
        super().__init__()
        self._box, self._counts_time = measured_box(problem), unit == "seconds"
        self.limits = {
            budget: budget if self._counts_time else evaluations_of(budget, unit, problem.n_var)
            for budget in budgets
        }
        self._started = time.perf_counter(), time.process_time()
        self._archive = np.empty((0, problem.n_obj))
        self._new: list[np.ndarray] = []
        self.series: dict[str, list[float]] = {name: [] for name in _SERIES}
        self.fronts: dict[float, np.ndarray] = {}
        self.counted: dict[float, int] = {}

    def on_values(self, algorithm: Algorithm, F: np.ndarray) -> None:
        """Record the values that an algorithm reports within a generation."""
        self._new.append(F)
        self._record(algorithm, F[find_non_dominated(F)])

    def on_evaluated(self, population: Population) -> None:
        """Keep the values of masks that the evaluator has evaluated."""
        if len(population):
            self._new.append(population.get("F")[population.get("CV").reshape(-1) <= 0])

    def _update(self, algorithm: Algorithm) -> None:
        feasible = algorithm.opt.get("CV").reshape(-1) <= 0
        self._record(algorithm, np.atleast_2d(algorithm.opt.get("F"))[feasible])

    def _record(self, algorithm: Algorithm, front: np.ndarray) -> None:
        count = int(algorithm.evaluator.n_eval)
        if self.series["n_eval"] and self.series["n_eval"][-1] == count:
            # The end of a generation replaces the record of its last step.
            for series in self.series.values():
                series.pop()
        wall, cpu = self._started
        self._archive = np.vstack([self._archive, *self._new])
        self._archive = self._archive[moocore.is_nondominated(self._archive)]
        self._new.clear()
        record = (
            count,
            time.perf_counter() - wall,
            time.process_time() - cpu,
            share_of_box(front, *self._box),
            share_of_box(self._archive, *self._box),
        )
        for name, value in zip(_SERIES, record, strict=True):
            self.series[name].append(value)
        reached = record[1] if self._counts_time else count
        for budget, limit in self.limits.items():
            if reached <= limit or budget not in self.fronts:
                self.fronts[budget], self.counted[budget] = front, count


def save_run(folder: Path, task: Task, run: Run) -> None:
    """Write the file of a run, whole or not at all.

    Raises:
        OSError: the file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    facts = json.dumps({"problem": run.problem, "algorithm": run.algorithm, "seed": run.seed})
    arrays: dict[str, Any] = {f"front_{budget}": front for budget, front in run.fronts.items()}
    arrays |= {f"counted_{budget}": np.array(count) for budget, count in run.counted.items()}
    arrays |= {name: getattr(run, name) for name in _SERIES}
    write_whole(
        folder / task.file_name, lambda file: np.savez_compressed(file, facts=np.array(facts), **arrays)
    )


def load_run(path: Path) -> Run:
    """Read the file of a run; no pickle is loaded.

    Raises:
        MossError: there is no such file, or it is damaged.
    """
    try:
        content = read_npz(path)
        facts = parse_json(str(content["facts"]).encode())
        fronts = {_budget(key[6:]): content[key] for key in content if key.startswith("front_")}
        counts = {budget: content[f"counted_{budget}"] for budget in sorted(fronts)}
        unknown = np.full(content["n_eval"].shape, np.nan)
        series = {
            name: content.get(name, unknown) if name in _LATER_SERIES else content[name] for name in _SERIES
        }
        _check_kinds(facts, list(series.values()), list(fronts.values()), list(counts.values()))
        return Run(
            problem=facts["problem"],
            algorithm=facts["algorithm"],
            seed=facts["seed"],
            **series,
            fronts=dict(sorted(fronts.items())),
            counted={budget: int(count) for budget, count in counts.items()},
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MossError(f"the run '{path}' cannot be read: {error}") from error


def _budget(text: str) -> float:
    return int(text) if text.isdecimal() else float(text)


def _check_kinds(
    facts: dict[str, Any], series: list[np.ndarray], fronts: list[np.ndarray], counts: list[np.ndarray]
) -> None:
    expected = {"problem": str, "algorithm": str, "seed": int}
    if any(type(facts[key]) is not kind for key, kind in expected.items()):
        raise ValueError(f"expected names of problem and algorithm and a seed, got {facts}")
    shapes = {one.shape for one in series}
    if len(shapes) != 1 or series[0].ndim != 1 or any(one.dtype.kind not in "iuf" for one in series):
        raise ValueError(f"expected series of numbers of equal length, got arrays of the shapes {shapes}")
    if any(front.ndim != 2 or front.dtype.kind != "f" for front in fronts):
        raise ValueError("expected fronts (n, n_obj) of numbers")
    if any(count.shape != () or count.dtype.kind not in "iu" for count in counts):
        raise ValueError("expected the evaluations counted at each front")
