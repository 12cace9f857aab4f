"""Read a run back from its folder."""

import os
from pathlib import Path

from ..errors import MossError
from ..problem import MOSSProblem
from ..search import FrontRecorder, constant_sweep
from .folder import INPUTS
from .record import read_record
from .result import SearchResult


def load_run(folder: str | os.PathLike[str], problem: MOSSProblem | None = None) -> SearchResult:
    """Read the run that `write_run` wrote to a folder.

    Masks are read in the file's half precision, and F is evaluated for them. The recorder is empty: the
    evolution is in the run's page alone.

    Args:
        folder: of the run.
        problem: the problem that was searched; rebuilt from ``run.json`` by default, see `RunSettings`.

    Raises:
        MossError: there is no run, a file of it is missing or damaged, or the problem has to be given.
    """
    folder = Path(folder)
    record = read_record(folder)
    inputs: dict[str, Path] = {}
    if problem is None:
        problem = record.settings.rebuild_problem(folder / INPUTS)
        inputs = record.settings.input_copies(folder / INPUTS)
    names = [objective.name for objective in problem.objectives]
    if names != record.objectives or record.masks.shape[1] != problem.n_var:
        raise MossError(
            f"the run in '{folder}' has masks of shape {record.masks.shape} and the objectives "
            f"{record.objectives}, the problem {problem.n_var} variables and {names}: pass the problem that "
            "was searched"
        )
    return SearchResult(
        problem=problem,
        X=record.masks,
        F=problem.evaluate(record.masks, return_values_of=["F"]),
        recorder=FrontRecorder(),
        sweep=constant_sweep(problem),
        n_eval=record.n_eval,
        seconds=record.seconds,
        stopped=record.stopped,
        settings=record.settings.to_json(),
        inputs=inputs,
    )
