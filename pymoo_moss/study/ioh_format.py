"""Runs in the format of IOHprofiler, which IOHanalyzer and iohinspector read."""

import json
import os
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from .._files import remove_matching, write_whole, writing_to
from ..errors import OptionError
from .file_names import slugs_of
from .result import StudyResult
from .task import Run

_FORMAT_VERSION = "0.3.5"
"""Version of the IOHexperimenter whose format this is."""
_EARLIER = ("*/IOHprofiler_*.json", "*/data_*/IOHprofiler_*.dat")
_COLUMNS = ("evaluations", "raw_y", "seconds")


def export_ioh(result: StudyResult, folder: str | os.PathLike[str]) -> None:
    """Write the hypervolume of every run by counted evaluations in the format of IOHprofiler.

    There is a folder for each algorithm. ``raw_y`` is the hypervolume of the front as a share of the box, to
    be maximised, and every run begins with 0 after one evaluation; all runs are of instance 1 and differ by
    their seeds. The further column ``seconds`` is wall time.

    Args:
        result: result of the study.
        folder: folder to write to; files of an earlier export are removed.

    Raises:
        OptionError: the study was run by an earlier version, which did not record the number of variables.
        OutputError: the folder cannot be written.
    """
    folder = Path(folder)
    n_var = {problem: variables_of(result, problem) for problem in result.problems}
    with writing_to(folder):
        remove_matching(folder, _EARLIER)
        _write_all(result, folder, n_var)


def _write_all(result: StudyResult, folder: Path, n_var: dict[str, int]) -> None:
    problems, algorithms = slugs_of(result.problems), slugs_of(result.algorithms)
    for number, (problem, slug) in enumerate(problems.items(), 1):
        for algorithm in result.algorithms:
            runs = result.runs_of(problem, algorithm)
            if runs:
                _write(folder / algorithms[algorithm], f"f{number}_{slug}", runs, number, n_var[problem])


def variables_of(result: StudyResult, problem: str) -> int:
    """Return the number of a problem's variables.

    Raises:
        OptionError: the study was run by an earlier version, which did not record it.
    """
    n_var = result.facts[problem].n_var
    if n_var is None:
        raise OptionError(
            f"the number of variables of '{problem}' is not known: run the study again, finished runs count"
        )
    return n_var


def _write(folder: Path, name: str, runs: list[Run], number: int, n_var: int) -> None:
    data = f"data_{name}/IOHprofiler_f{number}_DIM{n_var}.dat"
    content = {
        "version": _FORMAT_VERSION,
        "suite": "pymoo-moss",
        "function_id": number,
        "function_name": runs[0].problem,
        "maximization": True,
        "algorithm": {"name": runs[0].algorithm, "info": f"pymoo-moss {version('pymoo-moss')}"},
        "attributes": list(_COLUMNS),
        "scenarios": [{"dimension": n_var, "path": data, "runs": [_summary(run) for run in runs]}],
    }
    (folder / data).parent.mkdir(parents=True, exist_ok=True)
    write_whole(folder / data, "".join(line for run in runs for line in _lines(run)).encode())
    write_whole(folder / f"IOHprofiler_{name}.json", json.dumps(content, indent=1).encode())


def _summary(run: Run) -> dict[str, Any]:
    best = int(np.argmax(run.hypervolume))
    found = {"evals": int(run.n_eval[best]), "y": float(run.hypervolume[best]), "x": []}
    return {"instance": 1, "evals": int(run.n_eval[-1]), "best": found}


def _lines(run: Run) -> Iterable[str]:
    """Return the lines of a run: names of the columns, and a line for each record."""
    yield " ".join(_COLUMNS) + "\n"
    if run.n_eval[0] > 1:
        # Readers tell runs apart by their first evaluation.
        yield "1 0.0 0.0\n"
    records = zip(run.n_eval.tolist(), run.hypervolume.tolist(), run.seconds.tolist(), strict=True)
    for count, reached, seconds in records:
        yield f"{count} {reached!r} {seconds:.6f}\n"
