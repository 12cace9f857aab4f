"""`Study`: a grid of runs on this machine or on many, that goes on where it was interrupted."""

import json
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Literal

from pymoo.core.algorithm import Algorithm
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from .._files import write_whole
from ..errors import MossError, OptionError, OutputError, StudyError, missing_extra
from ..problem import MOSSProblem
from .choices import AlgorithmChoice, OwnAlgorithm, OwnProblem, ProblemChoice
from .facts import STUDY_FILE, facts_of
from .result import Failure, StudyResult, explain_failures
from .run import BrokenRun, Run, Task, carry_out, load_run, save_run

_RUNS = "runs"


class Study:
    """Algorithms by problems by seeds, each run with the same budget of counted evaluations.

    Every finished run is kept in its own file of ``folder`` at once. A study that was interrupted goes on
    where it was: finished runs are not repeated, broken ones are. Runs depend on problem, algorithm, seed and
    budget alone, so that workers, backends and the order of runs change nothing but times.

    Args:
        problems: names of `list_problems`, or labels with a `ProblemChoice`, a problem, or a function
            that makes one.
        algorithms: names as `AlgorithmChoice` has them, or labels with an `AlgorithmChoice` or a function of
            the number of objectives that makes one.
        seeds: how many, 1 and up, or which.
        budget: evaluations of a run; or several at which fronts are compared, the greatest of which
            ends it.
        folder: where the runs are kept; made if need be.

    Raises:
        OptionError: a name is unknown, or there is nothing to run.
    """

    def __init__(
        self,
        problems: Iterable[str] | Mapping[str, ProblemChoice | MOSSProblem | Callable[[], MOSSProblem]],
        algorithms: Iterable[str] | Mapping[str, AlgorithmChoice | Callable[[int], Algorithm]],
        seeds: int | Sequence[int],
        budget: int | Sequence[int],
        folder: str | os.PathLike[str],
    ) -> None:
        self.problems = _problem_choices(problems)
        self.algorithms = _algorithm_choices(algorithms)
        self.seeds = tuple(range(1, seeds + 1)) if isinstance(seeds, int) else tuple(seeds)
        self.budgets = (budget,) if isinstance(budget, int) else tuple(sorted(set(budget)))
        self.folder = Path(folder)
        if not (self.problems and self.algorithms and self.seeds and self.budgets):
            raise OptionError("expected at least one problem, one algorithm, one seed and one budget")
        if self.budgets[0] < 1 or len(set(self.seeds)) < len(self.seeds):
            raise OptionError(
                f"expected budgets of 1 or more and each seed once, got {self.budgets} and {self.seeds}"
            )

    @property
    def tasks(self) -> list[Task]:
        """All runs, problem by problem."""
        return [
            Task(problem, algorithm, seed, self.budgets)
            for problem in self.problems.items()
            for algorithm in self.algorithms.items()
            for seed in self.seeds
        ]

    def run(
        self,
        n_jobs: int = 1,
        backend: Literal["loky", "dask"] = "loky",
        scheduler: str | None = None,
        progress: bool = False,
    ) -> StudyResult:
        """Do what has not been done yet.

        Args:
            n_jobs: runs at the same time on this machine; -1 for one a core. With dask its workers decide.
            backend: ``"loky"``, processes of this machine, or ``"dask"``, the workers of a scheduler.
            scheduler: address of the dask scheduler, such as ``tcp://host:8786``.
            progress: show a bar on the standard error stream.

        Returns:
            All runs that are finished. Those that broke are in its ``broken``, and are done again next time.

        Warns:
            UserWarning: runs broke; it names them and the last line of each error.

        Raises:
            StudyError: no run is finished, or a worker process died; what was finished is kept.
            OptionError: an argument is out of its range.
            OutputError: the folder cannot be written.
        """
        if backend not in ("loky", "dask") or (backend == "dask") != (scheduler is not None):
            raise OptionError(
                "expected backend 'loky', or backend 'dask' with the address of its scheduler, got "
                f"{backend!r} and {scheduler!r}"
            )
        if n_jobs == 0:
            raise OptionError("expected n_jobs of 1 or more, or -1 for all cores, got 0")
        runs = self.folder / _RUNS
        missing = [task for task in self.tasks if not _is_finished(runs / task.file_name)]
        self._write_plan()
        errors: dict[str, str] = {}
        with _bar(progress, len(self.tasks), len(self.tasks) - len(missing)) as advance:
            for task, outcome in _carried_out(missing, n_jobs, scheduler):
                if isinstance(outcome, BrokenRun):
                    errors[task.file_name] = outcome.error
                else:
                    _save(runs, task, outcome)
                advance()
        result = self.result()
        result.broken = [
            Failure(task.problem[0], task.algorithm[0], task.seed, errors[task.file_name])
            for task in self.tasks
            if task.file_name in errors
        ]
        self._complain(result)
        return result

    def result(self) -> StudyResult:
        """The runs that are finished."""
        runs = self.folder / _RUNS
        paths = [runs / task.file_name for task in self.tasks]
        facts = {label: facts_of(choice) for label, choice in self.problems.items()}
        return StudyResult([load_run(path) for path in paths if _is_finished(path)], facts, self.budgets)

    def _complain(self, result: StudyResult) -> None:
        """Say which runs broke."""
        if not result.broken:
            return
        if not result.runs:
            first = result.broken[0]
            raise StudyError(
                f"all {len(self.tasks)} runs broke. The first was {first.algorithm} on {first.problem}, seed "
                f"{first.seed}:\n{first.error}"
            )
        warnings.warn(
            f"{len(result.broken)} of {len(self.tasks)} runs broke; the others are kept, and the broken ones "
            f"are done again next time:\n{explain_failures(result.broken)}",
            stacklevel=3,
        )

    def _write_plan(self) -> None:
        facts = {label: facts_of(choice).as_json() for label, choice in self.problems.items()}
        plan = {
            "problems": {label: choice.describe() for label, choice in self.problems.items()},
            "algorithms": {label: choice.describe() for label, choice in self.algorithms.items()},
            "seeds": self.seeds,
            "budgets": self.budgets,
            "facts": facts,
            "runs": [task.file_name for task in self.tasks],
        }
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(self.folder / STUDY_FILE, json.dumps(plan, indent=1).encode())
        except OSError as error:
            raise OutputError(
                f"cannot write to '{self.folder}' ({error.strerror}): choose another folder"
            ) from error


def _problem_choices(problems: Any) -> dict[str, ProblemChoice | OwnProblem]:
    if not isinstance(problems, Mapping):
        problems = {name: ProblemChoice(name) for name in _names(problems, "problems")}
    return {
        str(label): choice if isinstance(choice, ProblemChoice) else OwnProblem(choice)
        for label, choice in problems.items()
    }


def _algorithm_choices(algorithms: Any) -> dict[str, AlgorithmChoice | OwnAlgorithm]:
    if not isinstance(algorithms, Mapping):
        algorithms = {name: AlgorithmChoice(name) for name in _names(algorithms, "algorithms")}
    return {
        str(label): choice if isinstance(choice, AlgorithmChoice) else OwnAlgorithm(choice)
        for label, choice in algorithms.items()
    }


def _names(names: Iterable[str], kind: str) -> list[str]:
    if isinstance(names, str):
        raise OptionError(f"expected a list of {kind}, got the single name '{names}': put it into a list")
    return list(names)


def _is_finished(path: Path) -> bool:
    """Whether there is a run that can be read; a damaged one is done again."""
    try:
        load_run(path)
    except MossError:
        return False
    return True


def _save(folder: Path, task: Task, run: Run) -> None:
    try:
        save_run(folder, task, run)
    except OSError as error:
        raise OutputError(
            f"cannot write to '{folder}' ({error.strerror}): runs before it are kept"
        ) from error


def _carried_out(
    tasks: list[Task], n_jobs: int, scheduler: str | None
) -> Iterator[tuple[Task, Run | BrokenRun]]:
    """Runs in the order in which they end."""
    if n_jobs == 1 and scheduler is None:
        for task in tasks:
            yield task, carry_out(task, None)
        return
    with missing_extra("study"):
        import joblib
        from joblib.externals.loky.process_executor import TerminatedWorkerError
    with _workers(scheduler):
        jobs = (joblib.delayed(_numbered)(number, task) for number, task in enumerate(tasks))
        parallel = joblib.Parallel(
            n_jobs=n_jobs if scheduler is None else -1,
            return_as="generator_unordered",
            batch_size=1,
            pre_dispatch="2*n_jobs",
        )
        try:
            for number, outcome in parallel(jobs):
                yield tasks[number], outcome
        except TerminatedWorkerError as error:
            raise StudyError(
                "a worker process was killed, perhaps for want of memory: what was finished is kept; "
                "run the study again, with fewer jobs if it happens again"
            ) from error


def _numbered(number: int, task: Task) -> tuple[int, Run | BrokenRun]:
    """A run in a worker, which has one thread: cores are shared out to runs."""
    return number, carry_out(task, threads=1)


@contextmanager
def _workers(scheduler: str | None) -> Iterator[None]:
    import joblib

    if scheduler is None:
        with nullcontext(), joblib.parallel_config("loky"):
            yield
        return
    with missing_extra("study"):
        from dask.distributed import Client
    try:
        client = Client(scheduler, timeout="10s")
    except (OSError, ValueError) as error:
        raise StudyError(
            f"no dask scheduler answers at '{scheduler}': start one, or check the address"
        ) from error
    with client, joblib.parallel_config("dask"):
        yield


@contextmanager
def _bar(wanted: bool, total: int, done: int) -> Iterator[Callable[[], None]]:
    if not wanted:
        yield lambda: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        row = bar.add_task("runs", total=total, completed=done)
        yield lambda: bar.advance(row)
