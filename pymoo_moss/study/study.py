"""`Study`: a grid of runs on one machine or many, which can be interrupted and resumed."""

import json
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Literal

from pymoo.core.algorithm import Algorithm
from pymoo.core.problem import Problem

from .._files import write_whole, writing_to
from .._progress import Phase, show_progress
from ..bounds import FrontBounds
from ..errors import MossError, OptionError, OutputError, StudyError, missing_extra
from .budgets import parse_budget
from .certificates import load_certificate, make_certificate
from .choices import AlgorithmChoice, AnyAlgorithm, OwnAlgorithm, OwnProblem, ProblemChoice
from .environment import record_start
from .facts import STUDY_FILE, ProblemFacts, brings_bounds, facts_of
from .file_problem import AnyProblem, FileProblemChoice
from .result import Failure, StudyResult, explain_failures
from .task import BrokenRun, Run, Task, load_run, run_task, save_run

_RUNS = "runs"
_RUNNING = Phase("study", "run")
_CERTIFYING = Phase("certificates", "problem")


class Study:
    """Runs of algorithms on problems with several seeds, each with the same budget.

    Each run is written to a file of ``folder`` as soon as it is finished. When an interrupted study is run
    again, finished runs are not repeated, and failed ones are. Runs depend on problem, algorithm, seed and
    budget alone: workers, backends and the order of runs affect nothing but times.

    Args:
        problems: names of `list_problems`, or labels with a `ProblemChoice`, a `FileProblemChoice`, a
            problem, or a function that makes one.
        algorithms: names of `pymoo_moss.search.ALGORITHM_NAMES`, or labels with an `AlgorithmChoice` or a
            function of the number of objectives that makes an algorithm.
        seeds: number of seeds, which are 1, 2, ...; or a list of seeds; or either of them for each problem,
            by its label.
        budget: counted evaluations of a run; or several at which fronts are compared, the greatest of which
            ends the run. ``{"per_variable": 10}`` are evaluations per variable of each problem, and
            ``{"seconds": 60}`` is wall time, which depends on the machine and on what else it does.
        folder: folder of the runs; it is created if necessary.
        certify: before the first run, compute an upper bound of the hypervolume by `certify` for each problem
            that has none and for which it is derived; ``share`` needs it. That takes seconds on small grids
            and minutes on large ones. Certificates are kept in the folder.

    Raises:
        OptionError: a name is unknown, or there is nothing to run.
    """

    def __init__(
        self,
        problems: Iterable[str]
        | Mapping[str, str | ProblemChoice | FileProblemChoice | Problem | Callable[[], Problem]],
        algorithms: Iterable[str] | Mapping[str, str | AlgorithmChoice | Callable[[int], Algorithm]],
        seeds: int | Sequence[int] | Mapping[str, int | Sequence[int]],
        budget: float | Sequence[float] | Mapping[str, float | Sequence[float]],
        folder: str | os.PathLike[str],
        *,
        certify: bool = False,
    ) -> None:
        self.certify = certify
        self.problems = _problem_choices(problems)
        self.algorithms = _algorithm_choices(algorithms)
        self.seeds = _seeds(seeds, self.problems)
        self.folder = Path(folder)
        if not (self.problems and self.algorithms and all(map(self._seeds_of, self.problems))):
            raise OptionError("expected at least one problem, one algorithm and one seed")
        self.budgets, self.unit = parse_budget(budget)

    @property
    def tasks(self) -> list[Task]:
        """The tasks of all runs, problem by problem."""
        return [
            Task(problem, algorithm, seed, self.budgets, self.unit)
            for problem in self.problems.items()
            for algorithm in self.algorithms.items()
            for seed in self._seeds_of(problem[0])
        ]

    def run(
        self,
        n_jobs: int = 1,
        backend: Literal["loky", "dask"] = "loky",
        scheduler: str | None = None,
        progress: bool = False,
    ) -> StudyResult:
        """Run all tasks whose results are not in the folder yet.

        Args:
            n_jobs: runs at the same time on this machine; -1 for one per core; ignored with dask.
            backend: ``"loky"``, processes of this machine, or ``"dask"``, the workers of a scheduler.
            scheduler: address of the dask scheduler, such as ``tcp://host:8786``.
            progress: show the progress on the standard error stream.

        Returns:
            All finished runs. Runs that failed are in its ``broken``, and are repeated next time.

        Warns:
            UserWarning: runs failed; it lists them with the last line of each error.

        Raises:
            StudyError: all runs failed, or a worker process was killed; finished runs are kept.
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
        tasks, finished = self.tasks, self._finished()
        missing = [task for task in tasks if task.file_name not in finished]
        facts = self._facts(progress, certify=self.certify)
        with writing_to(self.folder):
            self._write_plan(facts)
            record_start(self.folder, n_jobs, scheduler)
        errors: dict[str, str] = {}
        with _counted(progress, _RUNNING, len(tasks), len(finished)) as advance:
            for task, outcome in _run_tasks(missing, n_jobs, scheduler):
                if isinstance(outcome, BrokenRun):
                    errors[task.file_name] = outcome.error
                else:
                    _save(self.folder / _RUNS, task, outcome)
                    finished[task.file_name] = outcome
                advance()
        runs = [finished[task.file_name] for task in tasks if task.file_name in finished]
        broken = [
            Failure(task.problem[0], task.algorithm[0], task.seed, errors[task.file_name])
            for task in tasks
            if task.file_name in errors
        ]
        result = StudyResult(runs, facts, self.budgets, broken, self.unit)
        self._report_failures(result)
        return result

    def result(self) -> StudyResult:
        """Return the runs that are finished."""
        return StudyResult(list(self._finished().values()), self._facts(), self.budgets, unit=self.unit)

    def _seeds_of(self, problem: str) -> tuple[int, ...]:
        return self.seeds[problem] if isinstance(self.seeds, dict) else self.seeds

    def _finished(self) -> dict[str, Run]:
        """Load the finished runs by the names of their files; a damaged one counts as not finished."""
        runs: dict[str, Run] = {}
        for task in self.tasks:
            with suppress(MossError):
                runs[task.file_name] = load_run(self.folder / _RUNS / task.file_name)
        return runs

    def _facts(self, progress: bool = False, certify: bool = False) -> dict[str, ProblemFacts]:
        """Collect the facts of all problems.

        Args:
            progress: show the progress of certification.
            certify: compute certificates that are not in the folder yet.
        """
        facts = {}
        with _counted(progress and certify, _CERTIFYING, len(self.problems), 0) as advance:
            for label, choice in self.problems.items():
                try:
                    problem = choice.make()
                    facts[label] = facts_of(problem, self._certificate(label, choice, problem, certify))
                except MossError:
                    raise
                # Whatever a user's function or problem raises.
                except Exception as error:
                    raise StudyError(
                        f"the problem '{label}' cannot be made or measured, {type(error).__name__}: {error}"
                    ) from error
                advance()
        return facts

    def _certificate(
        self, label: str, choice: AnyProblem, problem: Problem, certify: bool
    ) -> FrontBounds | None:
        if not self.certify or brings_bounds(problem):
            return None
        known = load_certificate(self.folder, label, choice, problem)
        return make_certificate(self.folder, label, choice, problem) if known is None and certify else known

    def _report_failures(self, result: StudyResult) -> None:
        """Warn about failed runs, or raise if there are no others."""
        if not result.broken:
            return
        if not result.runs:
            first = result.broken[0]
            raise StudyError(
                f"all {len(self.tasks)} runs failed. The first was {first.algorithm} on {first.problem}, "
                f"seed {first.seed}: {first.reason}"
            ) from RuntimeError(first.error)
        warnings.warn(
            f"{len(result.broken)} of {len(self.tasks)} runs failed; the others are kept, and the failed "
            f"ones are repeated next time:\n{explain_failures(result.broken)}",
            stacklevel=3,
        )

    def _write_plan(self, facts: Mapping[str, ProblemFacts]) -> None:
        plan = {
            "problems": {label: choice.describe() for label, choice in self.problems.items()},
            "algorithms": {label: choice.describe() for label, choice in self.algorithms.items()},
            "seeds": self.seeds,
            "budgets": self.budgets,
            "unit": self.unit,
            "facts": {label: known.as_json() for label, known in facts.items()},
            "runs": [task.file_name for task in self.tasks],
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self.folder / STUDY_FILE, json.dumps(plan, indent=1).encode())


def _problem_choices(problems: Any) -> dict[str, AnyProblem]:
    if not isinstance(problems, Mapping):
        problems = {name: ProblemChoice(name) for name in _names(problems, "problems")}
    return {str(label): _problem_choice(choice) for label, choice in problems.items()}


def _problem_choice(given: Any) -> AnyProblem:
    if isinstance(given, str):
        return ProblemChoice(given)
    if isinstance(given, ProblemChoice | FileProblemChoice):
        return given
    if isinstance(given, Problem) or callable(given):
        return OwnProblem(given)
    raise OptionError(
        f"expected a name, a ProblemChoice, a problem or a function that makes one, got {given!r}"
    )


def _algorithm_choices(algorithms: Any) -> dict[str, AnyAlgorithm]:
    if not isinstance(algorithms, Mapping):
        algorithms = {name: AlgorithmChoice(name) for name in _names(algorithms, "algorithms")}
    return {str(label): _algorithm_choice(choice) for label, choice in algorithms.items()}


def _algorithm_choice(given: Any) -> AnyAlgorithm:
    if isinstance(given, str):
        return AlgorithmChoice(given)
    if isinstance(given, AlgorithmChoice):
        return given
    if callable(given):
        return OwnAlgorithm(given)
    raise OptionError(
        f"expected a name, an AlgorithmChoice or a function that makes an algorithm, got {given!r}"
    )


def _seeds(given: Any, problems: Iterable[str]) -> tuple[int, ...] | dict[str, tuple[int, ...]]:
    if isinstance(given, Mapping):
        if set(given) != set(problems):
            raise OptionError(
                f"expected seeds for each of the problems {', '.join(problems)}, got {', '.join(given)}"
            )
        return {label: _list_of_seeds(given[label]) for label in problems}
    return _list_of_seeds(given)


def _list_of_seeds(given: int | Sequence[int]) -> tuple[int, ...]:
    seeds = tuple(range(1, given + 1)) if isinstance(given, int) else tuple(given)
    if len(set(seeds)) < len(seeds):
        raise OptionError(f"expected each seed once, got {seeds}")
    return seeds


def _names(names: Iterable[str], kind: str) -> list[str]:
    if isinstance(names, str):
        raise OptionError(f"expected a list of {kind}, got the single name '{names}': put it into a list")
    return list(names)


def _save(folder: Path, task: Task, run: Run) -> None:
    try:
        save_run(folder, task, run)
    except OSError as error:
        raise OutputError(
            f"cannot write to '{folder}' ({error.strerror}): free space; finished runs are kept"
        ) from error


def _run_tasks(
    tasks: list[Task], n_jobs: int, scheduler: str | None
) -> Iterator[tuple[Task, Run | BrokenRun]]:
    """Carry out tasks, and yield the runs in the order in which they end."""
    if n_jobs == 1 and scheduler is None:
        for task in tasks:
            yield task, run_task(task, None)
        return
    with missing_extra("study"):
        import joblib
        from joblib.externals.loky.process_executor import TerminatedWorkerError
    with _workers(scheduler):
        jobs = (joblib.delayed(_run_numbered)(number, task) for number, task in enumerate(tasks))
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
                "a worker process was killed, perhaps because memory ran out: finished runs are kept; "
                "run the study again, with fewer jobs if it happens again"
            ) from error


def _run_numbered(number: int, task: Task) -> tuple[int, Run | BrokenRun]:
    """Carry out a run in a worker, with one thread, because the runs share the cores."""
    return number, run_task(task, threads=1)


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
            f"no dask scheduler responds at '{scheduler}': start one, or check the address"
        ) from error
    with client, joblib.parallel_config("dask"):
        yield


@contextmanager
def _counted(wanted: bool, phase: Phase, total: int, done: int) -> Iterator[Callable[[], None]]:
    """Give a function to call after each run or problem, which shows the progress if that is wanted."""
    if not wanted:
        yield lambda: None
        return
    with show_progress() as progress:

        def advance() -> None:
            nonlocal done
            done += 1
            progress.update(phase, done, total)

        progress.update(phase, done, total)
        yield advance
