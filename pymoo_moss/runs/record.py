"""A run's record: `run.json` and `masks.npz`, written and read here alone."""

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .._files import read_json, read_npz
from ..errors import MossError
from ..problem import MOSSProblem
from ..search import WeightedResult
from .folder import RUN_FILE
from .result import SearchResult
from .settings import RunSettings
from .sound import ExportedSound

_MASKS_FILE = "masks.npz"
_PACKAGES = ("pymoo-moss", "pymoo", "torch", "torchaudio", "numpy")


@dataclass(frozen=True)
class Record:
    """What the record says of a run.

    Attributes:
        settings: what it was called with.
        objectives: names of the objectives.
        masks: ``(n, n_var)`` masks of the front in [0, 1], in half precision.
        n_eval: counted evaluations.
        seconds: wall time of the search.
        stopped: whether it was stopped before its termination.
    """

    settings: RunSettings
    objectives: list[str]
    masks: np.ndarray
    n_eval: int
    seconds: float
    stopped: bool


def write_record(folder: Path, result: SearchResult, inputs: Mapping[str, Path]) -> None:
    """Write the record of a run.

    Args:
        folder: to write to.
        result: the run.
        inputs: the files by kind that the run keeps copies of.
    """
    problem = result.problem
    record = {
        "settings": RunSettings(result.settings)
        .with_inputs(inputs)
        .with_decisions(problem.encoder)
        .to_json(),
        "objectives": [objective.name for objective in problem.objectives],
        "solutions": len(result.F),
        "hypervolume": _number(result.hypervolume),
        "sweep_hypervolume": _number(result.sweep_hypervolume),
        "reference_point": values_by_name(problem, problem.ref_point),
        "n_eval": result.n_eval,
        "seconds": round(result.seconds, 3),
        "stopped_early": result.stopped,
        **environment(),
        "picks": result.picks,
        "masks": _write_masks(folder / _MASKS_FILE, result.X, problem),
    }
    _write_json(folder / RUN_FILE, record)


def write_single_record(
    folder: Path,
    problem: MOSSProblem,
    result: WeightedResult,
    sound: ExportedSound,
    settings: Mapping[str, Any],
    seconds: float,
) -> None:
    """Write the record of one mask, which `read_record` does not read.

    Args:
        folder: to write to.
        problem: the problem.
        result: the mask.
        sound: the mask's sound.
        settings: what the search was called with, as JSON.
        seconds: wall time of the search.
    """
    record = {
        "settings": RunSettings(settings).with_decisions(problem.encoder).to_json(),
        "F": values_by_name(problem, result.F),
        "F_of_exported_sound": values_by_name(problem, sound.F),
        "view_ssim": sound.view_ssim,
        "exported_view_ssim": sound.exported_view_ssim,
        "n_eval": result.n_eval,
        "seconds": round(seconds, 3),
        "masks": _write_masks(folder / _MASKS_FILE, result.X[None], problem),
        **environment(),
    }
    _write_json(folder / RUN_FILE, record)


def read_record(folder: Path) -> Record:
    """Read the record of a run.

    Raises:
        MossError: there is no run, or a file of it is missing or damaged.
    """
    try:
        content = read_json(folder / RUN_FILE)
        record = Record(
            settings=RunSettings.from_json(content["settings"]),
            objectives=content["objectives"],
            masks=_checked_masks(read_npz(folder / _MASKS_FILE)["X"]),
            n_eval=int(content["n_eval"]),
            seconds=float(content["seconds"]),
            stopped=content["stopped_early"],
        )
        if not (record.n_eval >= 0 and 0 <= record.seconds < np.inf and isinstance(record.stopped, bool)):
            raise ValueError(
                "expected n_eval and seconds of 0 or more and whether the run was stopped early, got "
                f"{record.n_eval}, {record.seconds} and {record.stopped!r}"
            )
    except FileNotFoundError as error:
        raise MossError(f"'{folder}' holds no run: {Path(error.filename).name} is missing") from error
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise MossError(f"the run in '{folder}' cannot be read: {error}") from error
    return record


def values_by_name(problem: MOSSProblem, F: np.ndarray) -> dict[str, float | None]:
    """Name the objective values ``F (n_obj,)`` as JSON has them, with None for NaN."""
    return {objective.name: _number(value) for objective, value in zip(problem.objectives, F, strict=True)}


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def environment() -> dict[str, Any]:
    """Describe the versions and the hardware that a run was made with."""
    return {
        "versions": {"python": platform.python_version()} | {name: version(name) for name in _PACKAGES},
        "hardware": {
            "machine": platform.machine(),
            "cores": os.cpu_count(),
            "torch_threads": torch.get_num_threads(),
        },
    }


def _write_masks(path: Path, X: np.ndarray, problem: MOSSProblem) -> dict[str, Any]:
    """Write masks in half precision, and describe how far that moves masks and objectives."""
    half = X.astype(np.float16)
    np.savez_compressed(path, X=half, grid=np.array(problem.encoder.grid))
    stored, exact = (problem.evaluate(x, return_values_of=["F"]) for x in (half.astype(float), X))
    moved = np.abs(stored - exact).max(axis=0)
    return {
        "precision": "float16",
        "largest_error": float(np.abs(half.astype(float) - X).max()),
        "largest_change_of_F": values_by_name(problem, moved),
    }


def _checked_masks(stored: np.ndarray) -> np.ndarray:
    if (
        stored.dtype.kind != "f"
        or stored.ndim != 2
        or not len(stored)
        or not bool(((stored >= 0) & (stored <= 1)).all())
    ):
        raise ValueError(f"expected masks (n, n_var) from 0 to 1, got {stored.dtype} of shape {stored.shape}")
    return stored.astype(float)


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
