"""`RunResult`: a search result that reads and writes its folder."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pymoo.core.algorithm import Algorithm

from .. import runs
from ..problem import MOSSProblem
from ..runs import RunSettings, SearchResult, check_output_folder
from .export import write_run


class RunResult(SearchResult):
    """A finished search that can be exported to a folder and loaded from one; see `SearchResult`."""

    @classmethod
    def of(cls, result: SearchResult) -> "RunResult":
        """Give a search result these methods."""
        return cls(**{part.name: getattr(result, part.name) for part in fields(SearchResult)})

    @classmethod
    def load(cls, folder: str | os.PathLike[str], problem: MOSSProblem | None = None) -> "RunResult":
        """Read a run back from its folder.

        Masks are read in the file's half precision, and F is evaluated for them. The recorder is empty: the
        evolution is in the run's page alone.

        Args:
            folder: of the run.
            problem: the problem that was searched; by default it is rebuilt from ``run.json``: from
                ``problem``, the name of a frozen problem, or from the run's copies of picture and sound; and
                ``options``.

        Raises:
            MossError: there is no run, a file of it is missing or damaged, or the problem has to be given.
        """
        return cls.of(runs.load_run(folder, problem))

    def export(self, folder: str | os.PathLike[str], count: int = 9) -> None:
        """Write the run; see `write_run`.

        Copies of its inputs are written with it, unless they are missing or have been modified.

        Args:
            folder: to write to; new or empty.
            count: number of solutions to export, at least 1.

        Raises:
            OutputError: the folder cannot be written, or holds something else.
        """
        check_output_folder(Path(folder), overwrite=False)
        settings = RunSettings(self.settings)
        inputs = {kind: path for kind, path in self.inputs.items() if settings.is_unmodified(kind, path)}
        write_run(Path(folder), self, count=count, inputs=inputs)


def run_search(
    problem: MOSSProblem,
    algorithm: Algorithm,
    termination: Any,
    *,
    seed: int,
    after_generation: Callable[[int], None] = lambda number: None,
    should_stop: Callable[[], bool] = lambda: False,
    settings: Mapping[str, Any] = MappingProxyType({}),
    clock: Callable[[], float] = time.time,
) -> RunResult:
    """Run a pymoo algorithm to its termination, or until it is stopped between generations.

    Args:
        problem: the problem to search.
        algorithm: a pymoo algorithm that is not set up yet.
        termination: any pymoo termination.
        seed: seed of the algorithm's random numbers.
        after_generation: called with the number of each finished generation.
        should_stop: called after each generation; return True to end the search.
        settings: kept in the result for the record; `RunResult.load` rebuilds the problem from it.
        clock: returns seconds since the epoch, as pymoo's ``start_time`` is.
    """
    return RunResult.of(
        runs.run_search(
            problem,
            algorithm,
            termination,
            seed=seed,
            after_generation=after_generation,
            should_stop=should_stop,
            settings=settings,
            clock=clock,
        )
    )


def load_run(folder: str | os.PathLike[str], problem: MOSSProblem | None = None) -> RunResult:
    """Read a run back from its folder; see `RunResult.load`."""
    return RunResult.load(folder, problem)
