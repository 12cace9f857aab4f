"""Make fronts and released files: ``python -m benchmarks.judges.release OUT [--pairs ...] [--quick]``.

In the package's environment. What is there already is not made again.
"""

import argparse
import os
import platform
import re
import shutil
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from pymoo_moss.explore import hide
from pymoo_moss.objectives import PRESETS
from pymoo_moss.release import HidingPlan, QRCode
from pymoo_moss.release.survival import TESTED, coded
from pymoo_moss.runs import SearchPlan, SearchResult, run_search, search_algorithm
from pymoo_moss.spectrogram import (
    MaskEncoder,
    Overlay,
    chosen_inversion,
    is_available,
    kept_in_memory,
    open_audio,
    read_picture,
    save_lossless,
)

from .folder import (
    ENDS,
    PAIR,
    PICTURE,
    PICTURE_ITSELF,
    RELEASE_FILE,
    RUN,
    SONG,
    SONG_ITSELF,
    UNCODED,
    Pair,
    Point,
    Rectangle,
    Run,
    write,
)
from .losses import losses_of
from .pairs import Material, materials

HIDE = "hide"
"""The run of `hide` with its defaults."""
ALONG = 3
"""Points at even distances along a front, both ends included; `PICKS` come in addition."""
PICKS = ("clear", "balanced")
BUDGET = 1_000
"""Counted evaluations of each search."""
QUICK_BUDGET = 300
SEED = 1
_LONGER_SIDE, _SHORTER_SIDE = 768, 256


def main() -> None:
    """Make what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pairs", nargs="*", default=[""], help="parts of the names of pairs to make")
    parser.add_argument(
        "--quick", action="store_true", help="less than a third of the budget, for a first look"
    )
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    write(arguments.out / RELEASE_FILE, {"python": platform.python_version(), "torch": version("torch")})
    budget = QUICK_BUDGET if arguments.quick else BUDGET
    wanted = [
        material
        for material in materials(arguments.out)
        if any(part.lower() in material.name.lower() for part in arguments.pairs)
    ]
    # New processes, because those of torch and numba cannot be forked.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as processes:
        folders = [arguments.out / _file_name(material.name) for material in wanted]
        for _ in processes.map(make_pair, folders, wanted, [budget] * len(wanted)):
            pass


def make_pair(folder: Path, material: Material, budget: int) -> None:
    """Make the runs of a pair that are missing."""
    if not (folder / PAIR).is_file():
        folder.mkdir(exist_ok=True)
        draw_picture(material, folder / PICTURE)
        _copy_song(material.song, folder / SONG)
        known = {name: getattr(material, name) for name in ("words", "code", "transcript")}
        write(folder / PAIR, Pair(material.name, **known))
    runs = {ENDS: lambda work: make_ends(work, material)}
    runs |= {name: lambda work, name=name: make_front(work, material, name, budget) for name in PRESETS}
    runs[HIDE] = lambda work: make_hidden(work, material, budget)
    for name, make in runs.items():
        if not (folder / name / RUN).is_file():
            started = time.perf_counter()
            shutil.rmtree(folder / name, ignore_errors=True)
            (folder / name).mkdir()
            run = make(folder / name)
            write(folder / name / RUN, replace(run, seconds=time.perf_counter() - started))
            print(f"{material.name}, {name}: {time.perf_counter() - started:.0f} s", flush=True)


def make_ends(folder: Path, material: Material) -> Run:
    """Make the files of the song itself; the picture itself has none."""
    samples, rate = soundfile.read(folder.parent / SONG, dtype="float32", always_2d=True)
    files = {UNCODED: f"../{SONG}"} | coded_files(folder, "song", samples, rate)
    rectangle = rectangle_of(material.problem(next(iter(PRESETS))).encoder)
    return Run(ENDS, rectangle, [Point(SONG_ITSELF, files), Point(PICTURE_ITSELF, {})])


def make_front(folder: Path, material: Material, preset: str, budget: int) -> Run:
    """Search as `blend` does, and release points of the front."""
    problem = material.problem(preset)
    plan = SearchPlan(generations=None, evaluations=budget, seed=SEED)
    algorithm = search_algorithm(
        plan.algorithm, n_obj=problem.n_obj, population=plan.population, steps=plan.steps
    )
    result = run_search(problem, algorithm, plan.termination(), seed=SEED)
    labels = labels_of(result)
    losses = losses_of(problem.encoder, result.X[list(labels)])
    points = []
    for (index, label), loss in zip(labels.items(), losses, strict=True):
        samples, rate = released(result, index, material.song)
        points.append(Point(label, files_of(folder, label, samples, rate), loss))
    rectangle = rectangle_of(problem.encoder)
    return Run(preset, rectangle, [*points, *_song_within(problem.encoder)], evaluations=result.n_eval)


def make_hidden(folder: Path, material: Material, budget: int) -> Run:
    """Hide the picture or the code in the song as `hide` does, and take the song that it writes."""
    effort = {"effort": "quick"} if budget == QUICK_BUDGET else {}
    work = folder / "hide"
    what = material.picture if material.code is None else QRCode(material.code)
    hidden = hide(what, material.song, work, HidingPlan(**effort))
    samples, rate = soundfile.read(work / "song.wav", dtype="float32", always_2d=True)
    shutil.rmtree(work)
    (loss,) = losses_of(hidden.encoder, hidden.result.X[[hidden.chosen[0]]])
    points = [Point("default", files_of(folder, "default", samples, rate), loss)]
    return Run(
        HIDE,
        rectangle_of(hidden.encoder),
        [*points, *_song_within(hidden.encoder)],
        evaluations=hidden.result.n_eval,
        level_db=hidden.level_db,
    )


def labels_of(result: SearchResult) -> dict[int, str]:
    """Choose the points to release: their indices from best picture to best sound, and names."""
    chosen = sorted({*result.evenly(ALONG), *(result.picks[name] for name in PICKS)})
    picks = {index: [name for name in PICKS if result.picks[name] == index] for index in chosen}
    return {index: " ".join([str(number), *picks[index]]) for number, index in enumerate(chosen, start=1)}


def released(result: SearchResult, index: int, song: Path) -> tuple[np.ndarray, int]:
    """Make the samples ``(n, channels)`` of a solution as people get them, and their rate."""
    encoder = result.problem.encoder
    sound = result.exporter.of_mask(result.X[index])
    if not encoder.is_rectangle:
        return sound.waveform.numpy()[:, None], encoder.sample_rate
    waveform = encoder.synthesise(result.exporter.blend(result.X[index])[None], result.problem.phase)[0]
    whole = kept_in_memory(open_audio(song))
    overlay = Overlay(whole, waveform - encoder.audio_waveform, encoder.excerpt.start, encoder.sample_rate)
    return overlay.excerpt(0, overlay.length) * overlay.gain, overlay.sample_rate


def files_of(folder: Path, name: str, samples: np.ndarray, rate: int) -> dict[str, str]:
    """Write a released sound, and what each codec makes of it."""
    save_lossless(folder / f"{name}.wav", iter([samples]), rate, samples.shape[1])
    return {UNCODED: f"{name}.wav"} | coded_files(folder, name, samples, rate)


def coded_files(folder: Path, name: str, samples: np.ndarray, rate: int) -> dict[str, str]:
    """Write what each codec makes of samples ``(n, channels)``, decoded, mixed and without its delay."""
    files = {}
    for label, codec in TESTED.items():
        if is_available(codec):
            path = folder / f"{name} {label}.wav"
            save_lossless(path, iter([coded(samples, rate, codec)[:, None]]), rate, 1)
            files[label] = path.name
    return files


def draw_picture(material: Material, path: Path) -> None:
    """Write a picture as its user sees it, drawings on paper swapped, of the size that it is judged at."""
    picture = read_picture(material.picture)
    brightness = picture.brightness()
    brightness = (brightness - brightness.min()) / np.ptp(brightness)
    if chosen_inversion(material.invert, picture):
        brightness = 1 - brightness
    height, width = brightness.shape
    scale = max(_LONGER_SIDE / max(height, width), _SHORTER_SIDE / min(height, width))
    image = Image.fromarray((255 * brightness).round().astype(np.uint8))
    image.resize((round(scale * width), round(scale * height)), Image.Resampling.LANCZOS).save(path)


def rectangle_of(encoder: MaskEncoder) -> Rectangle:
    """Return where an encoder's picture is in the song."""
    start, stop = (edge / encoder.sample_rate for edge in (encoder.excerpt.start, encoder.excerpt.stop))
    return Rectangle(start, stop, float(encoder.axis.low), float(encoder.axis.high))


def _song_within(encoder: MaskEncoder) -> list[Point]:
    """Return the song itself, where the picture is in a part of it: as the end of that part's scale."""
    return [Point(SONG_ITSELF, {UNCODED: f"../{SONG}"})] if encoder.is_rectangle else []


def _copy_song(source: Path, path: Path) -> None:
    samples, rate = soundfile.read(source, dtype="float32", always_2d=True)
    save_lossless(path, iter([samples]), rate, samples.shape[1])


def _file_name(name: str) -> str:
    return re.sub("[^a-z0-9]+", "-", name.lower())


if __name__ == "__main__":
    main()
