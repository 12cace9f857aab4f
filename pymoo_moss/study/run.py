"""One run of a study: what is to be done, what came of it, and how it is kept on disk."""

import hashlib
import json
import os
import re
import tempfile
import time
import traceback
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from pymoo.core.algorithm import Algorithm

from .._files import parse_json, read_npz
from ..errors import MossError
from ..problem import MOSSProblem
from .choices import AlgorithmChoice, OwnAlgorithm, OwnProblem, ProblemChoice

ALLOWANCE = 0.02
"""A generation that ends this share of the budget behind it still counts: pymoo looks at its termination
between generations."""


@dataclass(frozen=True)
class Task:
    """A run to be done.

    Attributes:
        problem: label and choice of the problem.
        algorithm: label and choice of the algorithm.
        seed: of the run's random numbers.
        budgets: counted evaluations at which fronts are kept, rising; the last one ends the run.
    """

    problem: tuple[str, ProblemChoice | OwnProblem]
    algorithm: tuple[str, AlgorithmChoice | OwnAlgorithm]
    seed: int
    budgets: tuple[int, ...]

    @property
    def file_name(self) -> str:
        """Where the run is kept: labels for people, and a hash of all that decides the outcome."""
        (problem, problem_choice), (algorithm, algorithm_choice) = self.problem, self.algorithm
        whole = {
            "problem": [problem, problem_choice.describe()],
            "algorithm": [algorithm, algorithm_choice.describe()],
            "seed": self.seed,
            "budgets": self.budgets,
            "pymoo_moss": version("pymoo-moss"),
        }
        digest = hashlib.sha256(json.dumps(whole, sort_keys=True, default=str).encode()).hexdigest()
        readable = re.sub(r"[^A-Za-z0-9]+", "-", f"{problem} {algorithm} {self.seed}").strip("-")
        return f"{readable[:80]}-{digest[:12]}.npz"


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes:
        problem: the problem's label.
        algorithm: the algorithm's label.
        seed: of its random numbers.
        n_eval: ``(generations,)`` evaluations counted at the end of each.
        seconds: ``(generations,)`` wall time until then.
        hypervolume: ``(generations,)`` of each generation's front, a share of the problem's box.
        fronts: for each budget the front ``(n, n_obj)`` of the last generation within it; empty where
            there was none.
    """

    problem: str
    algorithm: str
    seed: int
    n_eval: np.ndarray
    seconds: np.ndarray
    hypervolume: np.ndarray
    fronts: dict[int, np.ndarray]


@dataclass(frozen=True)
class BrokenRun:
    """A run that ended in an error, and what the error was."""

    task: Task
    error: str


def carry_out(task: Task, threads: int | None) -> Run | BrokenRun:
    """Do a run in this process.

    Args:
        task: what to do.
        threads: threads for the evaluation; None leaves the problem's own setting.
    """
    try:
        problem = task.problem[1].make()
        if threads is not None:
            problem.threads = threads
        return _recorded(task, problem, task.algorithm[1].make(problem.n_obj))
    except Exception:
        return BrokenRun(task, traceback.format_exc())


def _recorded(task: Task, problem: MOSSProblem, algorithm: Algorithm) -> Run:
    counted: list[int] = []
    seconds: list[float] = []
    reached: list[float] = []
    fronts = {budget: np.empty((0, problem.n_obj)) for budget in task.budgets}
    started = time.perf_counter()
    algorithm.setup(problem, termination=("n_eval", task.budgets[-1]), seed=task.seed, verbose=False)
    while algorithm.has_next():
        algorithm.next()
        F = np.atleast_2d(algorithm.opt.get("F"))
        counted.append(int(algorithm.evaluator.n_eval))
        seconds.append(time.perf_counter() - started)
        reached.append(problem.hypervolume(F))
        for budget in task.budgets:
            if counted[-1] <= (1 + ALLOWANCE) * budget:
                fronts[budget] = F
    return Run(
        task.problem[0],
        task.algorithm[0],
        task.seed,
        np.array(counted),
        np.array(seconds),
        np.array(reached),
        fronts,
    )


def save_run(folder: Path, task: Task, run: Run) -> None:
    """Write a run under its final name, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = json.dumps({"problem": run.problem, "algorithm": run.algorithm, "seed": run.seed})
    arrays: dict[str, Any] = {f"front_{budget}": front for budget, front in run.fronts.items()}
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".partial-", delete=False) as file:
        np.savez_compressed(
            file,
            facts=np.array(facts),
            n_eval=run.n_eval,
            seconds=run.seconds,
            hypervolume=run.hypervolume,
            **arrays,
        )
        file.flush()
        os.fsync(file.fileno())
    os.replace(file.name, folder / task.file_name)


def load_run(path: Path) -> Run:
    """Read a run; no pickle is ever loaded.

    Raises:
        MossError: there is none, or it is damaged.
    """
    try:
        content = read_npz(path)
        facts = parse_json(str(content["facts"]).encode())
        fronts = {int(key[6:]): content[key] for key in content if key.startswith("front_")}
        series = [content[key] for key in ("n_eval", "seconds", "hypervolume")]
        _check_kinds(facts, series, list(fronts.values()))
        n_eval, seconds, hypervolume = series
        return Run(
            problem=facts["problem"],
            algorithm=facts["algorithm"],
            seed=facts["seed"],
            n_eval=n_eval,
            seconds=seconds,
            hypervolume=hypervolume,
            fronts=dict(sorted(fronts.items())),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MossError(f"the run '{path}' cannot be read: {error}") from error


def _check_kinds(facts: dict[str, Any], series: list[np.ndarray], fronts: list[np.ndarray]) -> None:
    expected = {"problem": str, "algorithm": str, "seed": int}
    if any(type(facts[key]) is not kind for key, kind in expected.items()):
        raise ValueError(f"expected the names of problem and algorithm and a seed, got {facts}")
    shapes = {one.shape for one in series}
    if len(shapes) != 1 or series[0].ndim != 1 or any(one.dtype.kind not in "iuf" for one in series):
        raise ValueError(f"expected numbers of every generation, got arrays of the shapes {shapes}")
    if any(front.ndim != 2 or front.dtype.kind != "f" for front in fronts):
        raise ValueError("expected fronts (n, n_obj) of numbers")
