"""Reads a run back from its folder."""

import hashlib
import json
import os
import zlib
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from ..errors import MossError
from ..instances import get_problem
from ..problem import MOSSProblem
from ..search import FrontRecorder
from .folder import INPUTS, RUN_FILE
from .run import RunResult, constant_sweep


def load_run(folder: str | os.PathLike[str], problem: MOSSProblem | None = None) -> RunResult:
    """The run that `write_run` wrote to a folder.

    Masks come back in the file's half precision, and F is evaluated anew; the evolution stays in the page.

    Args:
        folder: the run's.
        problem: that was searched; by default made again from the record's settings: ``problem``, the name of
            a frozen problem, or the run's own copies of picture and sound; and ``options`` of either.

    Raises:
        MossError: there is no run, a file of it is missing or damaged, or the problem has to be given.
    """
    folder = Path(folder)
    try:
        record = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
        with np.load(folder / "masks.npz", allow_pickle=False) as content:
            masks = content["X"].astype(float)
        settings, picked = dict(record["settings"]), record["objectives"]
        n_eval, seconds = int(record["n_eval"]), float(record["seconds"])
        stopped = bool(record["stopped_early"])
    except FileNotFoundError as error:
        raise MossError(f"'{folder}' holds no run: {Path(error.filename).name} is missing") from error
    except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile, zlib.error) as error:
        raise MossError(f"the run in '{folder}' cannot be read: {error}") from error
    problem = made_again(settings, folder / INPUTS) if problem is None else problem
    names = [objective.name for objective in problem.objectives]
    if names != picked or masks.ndim != 2 or masks.shape[1] != problem.n_var:
        raise MossError(
            f"the run in '{folder}' has masks of shape {masks.shape} and the objectives {picked}, the "
            f"problem {problem.n_var} variables and {names}: pass the problem that was searched"
        )
    return RunResult(
        problem=problem,
        X=masks,
        F=problem.evaluate(masks),
        recorder=FrontRecorder(),
        sweep=constant_sweep(problem),
        n_eval=n_eval,
        seconds=seconds,
        stopped=stopped,
        settings=settings,
    )


def made_again(settings: dict[str, Any], inputs: Path) -> MOSSProblem:
    """The problem of a run, from its settings and its own copies of picture and sound.

    Args:
        settings: ``problem``, the name of a frozen problem, or ``inputs`` and ``sha256``, the names and
            hashes of the copies; and the ``options`` of either.
        inputs: the folder of the copies; nothing outside it is read.

    Raises:
        MossError: the settings do not say, or a copy is missing or another file.
    """
    options = settings.get("options", {})
    if not isinstance(options, dict):
        raise MossError("the run's options are damaged: pass the problem that was searched")
    try:
        if "problem" in settings:
            return get_problem(settings["problem"], **options)
        picture, sound = (_input(inputs, settings, kind) for kind in ("image", "audio"))
        return MOSSProblem(picture, sound, **options)
    except (KeyError, TypeError, AttributeError, OSError) as error:
        raise MossError(
            f"the run in '{inputs.parent}' does not say from what it was made: pass the problem that was "
            "searched"
        ) from error


def _input(folder: Path, settings: dict[str, Any], kind: str) -> Path:
    path = folder / Path(settings["inputs"][kind]).name
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != settings["sha256"][kind]:
        raise MossError(f"'{path}' is not the file that the run was made from: pass the problem yourself")
    return path
