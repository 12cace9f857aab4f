"""A finished run as files: sounds, pictures, tables, and the record of how they came about."""

import contextlib
import csv
import hashlib
import json
import os
import platform
import shutil
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..errors import MissingExtraError
from ..instances import FrozenProblem
from ..problem import MOSSProblem
from ..search import FrontBounds, FrontRecorder, WeightedResult
from ..spectrogram import MaskEncoder, save_wav
from .folder import INPUTS, RUN_FILE, new_run
from .morph import morph_magnitude, write_video
from .renderer import Renderer
from .run import RunResult, constant_sweep
from .selection import evenly_along, three_picks
from .sound import ExportedSound

_MASK_PIXELS_PER_POINT = 8
_PACKAGES = ("pymoo-moss", "pymoo", "torch", "torchaudio", "numpy")


def write_run(
    folder: Path,
    result: RunResult,
    *,
    count: int,
    bounds: FrontBounds | None = None,
    inputs: Mapping[str, Path] = MappingProxyType({}),
    morph: bool = False,
    on_solution: Callable[[int, int], None] | None = None,
    keep_checkpoint: bool = False,
    renderer: Renderer = Renderer(),
) -> None:
    """Write a run: the page, tables, pictures, and ``count`` solutions along the front as sound and picture.

    The three picks are always among the solutions. Their spectrograms are those of the exported
    sounds, not of what was asked for.

    Args:
        folder: where to; see `new_run`.
        result: the run.
        count: number of solutions to export, at least 1.
        bounds: certified bounds of the front for the page to show; by default those of a frozen problem.
        inputs: the files ``image`` and ``audio`` that the problem was made from; the run keeps copies.
        morph: write a sound that travels through the front as well, and a video where an encoder is
            installed.
        on_solution: called as ``on_solution(done, total)`` after each exported solution.
        keep_checkpoint: leave the folder's checkpoint, because it is this run's.
        renderer: draws the pictures and the page.

    Raises:
        OutputError: the folder cannot be written.
    """
    problem, F = result.problem, result.F
    box = problem.hypervolume_box
    picks = three_picks(F, *box)
    chosen = sorted({*evenly_along(F, count, *box), *picks.values()})
    with new_run(folder, keep_checkpoint=keep_checkpoint) as work:
        heard: dict[int, ExportedSound] = {}
        shown: dict[int, tuple[str, np.ndarray, Tensor]] = {}
        for number, index in enumerate(chosen, start=1):
            sound = heard[index] = result.exporter.of_mask(result.X[index])
            title = _title(problem, index, F[index], picks)
            place = work / "solutions" / f"{index:03d}"
            _write_solution(place, problem.encoder, result.X[index], sound, title, renderer)
            if index in picks.values():
                shown[index] = (title, result.X[index], sound.magnitude)
            if on_solution is not None:
                on_solution(number, len(chosen))
        panels = [shown[index] for index in dict.fromkeys(picks.values())]
        renderer.solutions(work / "picks.png", problem.encoder, panels)
        _write_front(work / "front.csv", result, heard)
        rounding = _write_masks(work / "masks.npz", result.X, problem)
        renderer.inputs(work / "inputs.png", problem.encoder)
        renderer.front(work / "front.png", result, picks)
        renderer.evolution(work / "evolution.gif", result)
        if morph:
            _write_morph(work, result, renderer)
        known = known_bounds(problem) if bounds is None else bounds
        renderer.page(work / "index.html", result, heard, known, _surroundings())
        record = _record(result)
        record["settings"] = {**copied_inputs(inputs), **record["settings"]}
        _copy_inputs(work / INPUTS, inputs)
        _write_json(work / RUN_FILE, {**record, "picks": picks, "masks": rounding})


def write_single(
    folder: Path,
    problem: MOSSProblem,
    result: WeightedResult,
    settings: dict[str, Any],
    seconds: float,
    *,
    renderer: Renderer = Renderer(),
) -> None:
    """Write one mask as page, sound, spectrogram and picture, with its record.

    Args:
        folder: where to; see `new_run`.
        problem: of the mask.
        result: the mask.
        settings: for the record.
        seconds: that the search took.
        renderer: draws the pictures and the page.

    Raises:
        OutputError: the folder cannot be written.
    """
    alone = RunResult(
        problem=problem,
        X=result.X[None],
        F=result.F[None],
        recorder=FrontRecorder(),
        sweep=constant_sweep(problem),
        n_eval=result.n_eval,
        seconds=seconds,
        stopped=False,
        settings=settings,
    )
    with new_run(folder) as work:
        sound = alone.exporter.of_mask(result.X)
        title = ", ".join(f"{name} {value:.3f}" for name, value in _named(problem, result.F).items())
        _write_solution(work, problem.encoder, result.X, sound, title, renderer)
        renderer.solutions(work / "solution.png", problem.encoder, [(title, result.X, sound.magnitude)])
        rounding = _write_masks(work / "masks.npz", result.X[None], problem)
        renderer.page(work / "index.html", alone, {0: sound}, None, _surroundings())
        record = {
            "settings": settings,
            "F": _named(problem, result.F),
            "F_of_exported_sound": _named(problem, sound.F),
            "view_ssim": sound.view_ssim,
            "exported_view_ssim": sound.exported_view_ssim,
            "n_eval": result.n_eval,
            "seconds": round(seconds, 3),
            "masks": rounding,
            **_surroundings(),
        }
        _write_json(work / RUN_FILE, record)


def _write_solution(
    folder: Path, encoder: MaskEncoder, x: np.ndarray, sound: ExportedSound, title: str, renderer: Renderer
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    save_wav(folder / "audio.wav", sound.waveform, encoder.sample_rate)
    renderer.spectrogram(folder / "spectrogram.png", encoder, sound.magnitude, title)
    # Row 0 of the grid is the lowest frequency, row 0 of a picture file is its top.
    grey = np.round(255 * x.reshape(encoder.grid)[::-1]).astype(np.uint8)
    size = (encoder.grid[1] * _MASK_PIXELS_PER_POINT, encoder.grid[0] * _MASK_PIXELS_PER_POINT)
    Image.fromarray(grey).resize(size, Image.Resampling.NEAREST).save(folder / "mask.png")


def known_bounds(problem: MOSSProblem) -> FrontBounds | None:
    """The certified bounds that come with a frozen problem."""
    frozen = isinstance(problem, FrozenProblem) and problem.reference is not None
    return problem.front_bounds() if frozen and problem.reference.bounds is not None else None


def _write_morph(folder: Path, result: RunResult, renderer: Renderer) -> None:
    encoder, title = result.problem.encoder, "from the sound to the picture"
    sound = result.exporter.of_magnitude(morph_magnitude(result))
    save_wav(folder / "morph.wav", sound.waveform, encoder.sample_rate)
    renderer.spectrogram(folder / "morph.png", encoder, sound.magnitude, title)
    with contextlib.suppress(MissingExtraError):
        write_video(folder / "morph.mp4", encoder, sound.magnitude, title, folder / "morph.wav")


def _write_front(path: Path, result: RunResult, heard: Mapping[int, ExportedSound]) -> None:
    names = [objective.name for objective in result.problem.objectives]
    of_sound = [*(f"exported_{name}" for name in names), "view_ssim", "exported_view_ssim"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["solution", *names, "hypervolume_share", *of_sound])
        for index, (values, share) in enumerate(zip(result.F, _shares(result), strict=True)):
            exported = [""] * len(of_sound)
            if index in heard:
                sound = heard[index]
                exported = [_number(v) for v in (*sound.F, sound.view_ssim, sound.exported_view_ssim)]
            writer.writerow([index, *map(_number, values), _number(share), *exported])


def _shares(result: RunResult) -> np.ndarray:
    """What each solution alone adds to the hypervolume, as a share of the whole."""
    whole = result.hypervolume
    without = [
        result.problem.hypervolume(np.delete(result.F, index, axis=0)) for index in range(len(result.F))
    ]
    return (whole - np.array(without)) / whole if whole > 0 else np.zeros(len(without))


def _number(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.9g}"


def _write_masks(path: Path, X: np.ndarray, problem: MOSSProblem) -> dict[str, Any]:
    """Masks in half precision, and how far that moves masks and objectives."""
    half = X.astype(np.float16)
    np.savez_compressed(path, X=half, grid=np.array(problem.encoder.grid))
    moved = np.abs(problem.evaluate(half.astype(float)) - problem.evaluate(X)).max(axis=0)
    return {
        "precision": "float16",
        "largest_error": float(np.abs(half.astype(float) - X).max()),
        "largest_change_of_F": _named(problem, moved),
    }


def _title(problem: MOSSProblem, index: int, F: np.ndarray, picks: dict[str, int]) -> str:
    roles = [name for name, pick in picks.items() if pick == index]
    values = ", ".join(f"{name} {value:.3f}" for name, value in _named(problem, F).items())
    return f"solution {index}{''.join(f' ({role})' for role in roles)}: {values}"


def _named(problem: MOSSProblem, F: np.ndarray) -> dict[str, float | None]:
    return {
        objective.name: None if np.isnan(value) else float(value)
        for objective, value in zip(problem.objectives, F, strict=True)
    }


def _record(result: RunResult) -> dict[str, Any]:
    return {
        "settings": result.settings,
        "objectives": [objective.name for objective in result.problem.objectives],
        "solutions": len(result.F),
        "hypervolume": result.hypervolume,
        "sweep_hypervolume": result.sweep_hypervolume,
        "reference_point": _named(result.problem, result.problem.ref_point),
        "n_eval": result.n_eval,
        "seconds": round(result.seconds, 3),
        "stopped_early": result.stopped,
        **_surroundings(),
    }


def _surroundings() -> dict[str, Any]:
    return {
        "versions": {"python": platform.python_version()} | {name: version(name) for name in _PACKAGES},
        "hardware": {
            "machine": platform.machine(),
            "cores": os.cpu_count(),
            "torch_threads": torch.get_num_threads(),
        },
    }


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def file_hashes(files: Mapping[str, Path]) -> dict[str, str]:
    """SHA-256 of files."""
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


def copied_inputs(inputs: Mapping[str, Path]) -> dict[str, Any]:
    """What a run's record says of the files it was made from: the names of its copies, and their SHA-256."""
    copies = {kind: copy_name(kind, path) for kind, path in inputs.items()}
    return {"inputs": copies, "sha256": file_hashes(inputs)} if inputs else {}


def copy_name(kind: str, path: Path) -> str:
    """The name of a run's own copy of a file that it was made from."""
    return f"{kind}{path.suffix.lower()}"


def _copy_inputs(folder: Path, inputs: Mapping[str, Path]) -> None:
    """Copy the files that a run was made from, so that it can be read again wherever it is moved to."""
    for kind, path in inputs.items():
        folder.mkdir(exist_ok=True)
        shutil.copyfile(path, folder / copy_name(kind, path))
