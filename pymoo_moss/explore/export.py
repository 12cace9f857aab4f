"""Write a finished run as files: sounds, pictures, tables, page and record."""

import csv
import warnings
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from PIL import Image

from .._arithmetic import computing
from .._checks import whole_number
from ..errors import MissingExtraError, OutputError
from ..instances import FrozenProblem
from ..problem import MOSSProblem
from ..runs import (
    INPUTS,
    PICK_LABELS,
    ExportedSound,
    SearchResult,
    copy_inputs,
    environment,
    new_run,
    values_by_name,
    write_record,
    write_single_record,
)
from ..search import FrontBounds, FrontRecorder, WeightedResult, constant_sweep
from ..spectrogram import MaskEncoder, Overlay, Sound, kept_in_memory, open_audio, save_song, save_wav
from .figures import mask_image
from .morph import morph_magnitude, write_video
from .renderer import Renderer

_MASK_PIXELS_PER_POINT = 8


def write_run(
    folder: Path,
    result: SearchResult,
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

    The picks are always among the solutions. Their spectrograms are those of the exported
    sounds, not of the target magnitudes. Where the problem works at the song's own sample rate and the song's
    file is among ``inputs``, sounds have its channels and loudness, in 24 bits; others are mono, of 16 bits.

    Args:
        folder: to write to; an earlier run in it is replaced.
        result: the run.
        count: number of solutions to export, at least 1.
        bounds: certified bounds of the front for the page to show; by default those of a frozen problem.
        inputs: the files ``image`` and ``audio`` that the problem was made from; the run keeps copies.
        morph: also write a sound that passes through the front, and its video if an encoder is installed.
        on_solution: called as ``on_solution(done, total)`` before the first exported solution and after each.
        keep_checkpoint: keep the folder's checkpoints, because they are this run's.
        renderer: draws the pictures and the page.

    Raises:
        OutputError: the folder cannot be written.
        OptionError: the count is less than 1.

    Warns:
        UserWarning: the video of the morph cannot be encoded; the run is written without it.
    """
    count = whole_number("count", count, least=1)
    problem, F, picks = result.problem, result.F, result.picks
    chosen = sorted({*result.evenly(count), *picks.values()})
    song = _own_song(problem.encoder, inputs)
    with computing(problem.threads), new_run(folder, keep_checkpoint=keep_checkpoint) as work:
        sounds: dict[int, ExportedSound] = {}
        if on_solution is not None:
            on_solution(0, len(chosen))
        with closing(result.exporter.of_masks(result.X[chosen])) as made:
            for number, (index, sound) in enumerate(zip(chosen, made, strict=True), start=1):
                sounds[index] = sound
                title = _title(problem, index, F[index], picks)
                solution = work / "solutions" / f"{index:03d}"
                _write_solution(solution, result.X[index], sound, title, renderer, song)
                if on_solution is not None:
                    on_solution(number, len(chosen))
        panels = [
            (_title(problem, index, F[index], picks), result.X[index], sounds[index].magnitude)
            for index in dict.fromkeys(picks.values())
        ]
        renderer.solutions(work / "picks.png", problem.encoder, panels)
        _write_front(work / "front.csv", result, sounds)
        renderer.inputs(work / "inputs.png", problem.encoder)
        renderer.front(work / "front.png", result, {PICK_LABELS[name]: pick for name, pick in picks.items()})
        renderer.evolution(work / "evolution.gif", result)
        if morph:
            _write_morph(work, result, renderer)
        known = known_bounds(problem) if bounds is None else bounds
        renderer.page(work / "index.html", result, sounds, known, environment())
        copy_inputs(work / INPUTS, inputs)
        write_record(work, result, inputs)


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
        folder: to write to; an earlier run in it is replaced.
        problem: the problem.
        result: the mask.
        settings: what the search was called with, as JSON.
        seconds: wall time of the search.
        renderer: draws the pictures and the page.

    Raises:
        OutputError: the folder cannot be written.
    """
    alone = SearchResult(
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
    with computing(problem.threads), new_run(folder) as work:
        sound = alone.exporter.of_mask(result.X)
        title = ", ".join(f"{name} {value:.3f}" for name, value in values_by_name(problem, result.F).items())
        _write_solution(work, result.X, sound, title, renderer)
        renderer.solutions(work / "solution.png", problem.encoder, [(title, result.X, sound.magnitude)])
        renderer.page(work / "index.html", alone, {0: sound}, None, environment())
        write_single_record(work, problem, result, sound, settings, seconds)


def _own_song(encoder: MaskEncoder, inputs: Mapping[str, Path]) -> Sound | None:
    """Return the song of a problem that works at its own sample rate, where its file is known."""
    return kept_in_memory(open_audio(inputs["audio"])) if encoder.keeps_rate and "audio" in inputs else None


def _write_solution(
    folder: Path,
    x: np.ndarray,
    sound: ExportedSound,
    title: str,
    renderer: Renderer,
    song: Sound | None = None,
) -> None:
    encoder = sound.encoder
    folder.mkdir(parents=True, exist_ok=True)
    if song is None:
        save_wav(folder / "audio.wav", sound.waveform, encoder.sample_rate, encoder.tags)
    else:
        overlay = Overlay(song, sound.change, encoder.excerpt.start, encoder.sample_rate)
        save_song(folder / "audio.wav", overlay)
    renderer.spectrogram(folder / "spectrogram.png", encoder, sound.magnitude, title)
    # Row 0 of the grid is the lowest frequency, row 0 of a picture file is its top.
    grey = np.round(255 * mask_image(encoder, x)[::-1]).astype(np.uint8)
    size = (encoder.grid[1] * _MASK_PIXELS_PER_POINT, encoder.grid[0] * _MASK_PIXELS_PER_POINT)
    Image.fromarray(grey).resize(size, Image.Resampling.NEAREST).save(folder / "mask.png")


def known_bounds(problem: MOSSProblem) -> FrontBounds | None:
    """Return the certified bounds of a frozen problem, if it has any."""
    frozen = isinstance(problem, FrozenProblem) and problem.reference is not None
    return problem.front_bounds() if frozen and problem.reference.bounds is not None else None


def _write_morph(folder: Path, result: SearchResult, renderer: Renderer) -> None:
    encoder, title = result.problem.encoder, "from the sound to the picture"
    sound = result.exporter.of_magnitude(morph_magnitude(result))
    save_wav(folder / "morph.wav", sound.waveform, encoder.sample_rate, encoder.tags)
    renderer.spectrogram(folder / "morph.png", encoder, sound.magnitude, title)
    try:
        write_video(folder / "morph.mp4", encoder, sound.magnitude, title, folder / "morph.wav")
    except MissingExtraError:
        pass
    except OutputError as error:
        warnings.warn(f"{error}; the run is written without the video", stacklevel=3)


def _write_front(path: Path, result: SearchResult, sounds: Mapping[int, ExportedSound]) -> None:
    names = [objective.name for objective in result.problem.objectives]
    of_sound = [*(f"exported_{name}" for name in names), "view_ssim", "exported_view_ssim"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["solution", *names, "hypervolume_share", *of_sound])
        for index, (values, share) in enumerate(zip(result.F, _shares(result), strict=True)):
            exported = [""] * len(of_sound)
            if index in sounds:
                sound = sounds[index]
                exported = [_number(v) for v in (*sound.F, sound.view_ssim, sound.exported_view_ssim)]
            writer.writerow([index, *map(_number, values), _number(share), *exported])


def _shares(result: SearchResult) -> np.ndarray:
    """Compute what each solution contributes to the hypervolume, as a share of it."""
    whole = result.hypervolume
    if np.isnan(whole):
        return np.full(len(result.F), np.nan)
    without = [
        result.problem.hypervolume(np.delete(result.F, index, axis=0)) for index in range(len(result.F))
    ]
    return (whole - np.array(without)) / whole if whole > 0 else np.zeros(len(without))


def _number(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.9g}"


def _title(problem: MOSSProblem, index: int, F: np.ndarray, picks: dict[str, int]) -> str:
    roles = [PICK_LABELS[name] for name, pick in picks.items() if pick == index]
    values = ", ".join(f"{name} {value:.3f}" for name, value in values_by_name(problem, F).items())
    named = f" ({', '.join(roles)})" if roles else ""
    return f"solution {index}{named}\n{values}"
