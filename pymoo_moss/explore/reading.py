"""Reads a run back from its folder."""

import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np

from .._files import file_in_folder, read_json, read_npz
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
        record = read_json(folder / RUN_FILE)
        masks = _masks(read_npz(folder / "masks.npz")["X"])
        settings, picked = dict(record["settings"]), record["objectives"]
        n_eval, seconds = int(record["n_eval"]), float(record["seconds"])
        stopped = record["stopped_early"]
        if not (n_eval >= 0 and 0 <= seconds < np.inf and isinstance(stopped, bool)):
            raise ValueError(f"n_eval {n_eval}, seconds {seconds} and stopped_early {stopped!r} cannot be")
    except FileNotFoundError as error:
        raise MossError(f"'{folder}' holds no run: {Path(error.filename).name} is missing") from error
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise MossError(f"the run in '{folder}' cannot be read: {error}") from error
    inputs: dict[str, Path] = {}
    if problem is None:
        problem, inputs = made_again(settings, folder / INPUTS), own_copies(settings, folder / INPUTS)
    names = [objective.name for objective in problem.objectives]
    if names != picked or masks.shape[1] != problem.n_var:
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
        inputs=inputs,
    )


def _masks(stored: np.ndarray) -> np.ndarray:
    if (
        stored.dtype.kind != "f"
        or stored.ndim != 2
        or not len(stored)
        or not bool(((stored >= 0) & (stored <= 1)).all())
    ):
        raise ValueError(f"expected masks (n, n_var) from 0 to 1, got {stored.dtype} of shape {stored.shape}")
    return stored.astype(float)


def made_again(settings: dict[str, Any], inputs: Path) -> MOSSProblem:
    """The problem of a run, from its settings and its own copies of picture and sound.

    Args:
        settings: ``problem``, the name of a frozen problem, or ``inputs`` and ``sha256``, the names and
            hashes of the copies; and the ``options`` of either.
        inputs: the folder of the copies; nothing outside it is read.

    Raises:
        MossError: the settings do not say, or a copy is missing or another file.
    """
    try:
        options = settings.get("options", {})
        if "problem" in settings:
            return get_problem(settings["problem"], **options)
        copies = own_copies(settings, inputs)
        for kind, path in copies.items():
            _check_hash(path, settings["sha256"][kind])
        return MOSSProblem(copies["image"], copies["audio"], **options)
    except MossError:
        raise
    except (
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        ArithmeticError,
        OSError,
        RuntimeError,
    ) as error:
        raise MossError(
            f"the run in '{inputs.parent}' does not say from what it was made: pass the problem that was "
            "searched"
        ) from error


def own_copies(settings: dict[str, Any], inputs: Path) -> dict[str, Path]:
    """A run's own copies of ``image`` and ``audio``, where it has them.

    Raises:
        MossError: the settings name something else than a file in ``inputs``.
    """
    try:
        named = settings.get("inputs", {})
        return {kind: file_in_folder(inputs, named[kind]) for kind in ("image", "audio") if kind in named}
    except (ValueError, TypeError, AttributeError, OSError) as error:
        raise MossError(f"the run's copies of its picture and sound cannot be used: {error}") from error


def _check_hash(path: Path, expected: str) -> None:
    if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
        raise MossError(f"'{path}' is not the file that the run was made from: pass the problem yourself")
