"""Judge released files: ``python -m benchmarks.judges.judge OUT``, in the judges' environment.

What is judged already is not judged again.
"""

import os
import platform
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib.metadata import packages_distributions, version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from .descriptions import JUDGES, SEEN, Description, Truth
from .folder import (
    JUDGED,
    JUDGES_FILE,
    PICTURE,
    PICTURE_ITSELF,
    SONG,
    UNCODED,
    Pair,
    Run,
    judged,
    pair_folders,
    run_folders,
    view_of,
    write,
)
from .listening import part_to_listen_to, read_mono, resampled
from .panel import Judge, panel, unavailable
from .view import view

_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")

Said = dict[str, dict[str, dict[str, float | None]]]
"""By point, by codec and by judge; None where a judge has nothing to say of a pair."""


def read_picture(folder: Path) -> np.ndarray:
    """Read a pair's picture ``(height, width)`` in [0, 1]."""
    return np.asarray(Image.open(folder / PICTURE).convert("L"), np.float32) / 255


def part_heard(samples: np.ndarray, rate: int, run: Run) -> np.ndarray:
    """Return the part of a file ``(n,)`` that is listened to, at 48 kHz."""
    start, stop = part_to_listen_to(run.rectangle, len(samples) / rate)
    return resampled(samples[round(start * rate) : round(stop * rate)], rate)


def truths_of(folder: Path, run: Run, pair: Pair) -> dict[Truth, Any]:
    """Return what a pair's judges compare with."""
    known: dict[Truth, Any] = {"words": pair.words, "code": pair.code, "transcript": pair.transcript}
    return {
        "picture": read_picture(folder),
        "song": part_heard(*read_mono(folder / SONG), run),
        **{name: value for name, value in known.items() if value is not None},
    }


def askable(pair: Pair, descriptions: Mapping[str, Description] = JUDGES) -> set[str]:
    """Return the names of the judges that are installed and that have something to compare with."""
    lacking = {truth for truth in ("words", "code", "transcript") if getattr(pair, truth) is None}
    return {name for name, one in descriptions.items() if not one.missing and one.truth not in lacking}


def shown_of(path: Path, run: Run, shape: tuple[int, int]) -> dict[Truth, np.ndarray]:
    """Return what is shown of a file to judges of each kind; speech is heard as a whole."""
    samples, rate = read_mono(path)
    seen = view(samples, rate, run.rectangle, shape)
    heard: dict[Truth, np.ndarray] = {
        "song": part_heard(samples, rate, run),
        "transcript": resampled(samples, rate),
    }
    return {**dict.fromkeys(SEEN, seen), **heard}


def opinions(
    judges: Mapping[str, Judge | None], shown: Mapping[Truth, np.ndarray], known: Mapping[str, Any]
) -> Iterator[tuple[str, float | None]]:
    """Ask every judge whose opinion is not known yet; None where there is nothing to show."""
    for name, judge in judges.items():
        truth = JUDGES[name].truth
        if name not in known:
            yield name, None if judge is None or truth not in shown else judge(shown[truth])


def judge_run(folder: Path, descriptions: Mapping[str, Description] = JUDGES) -> str:
    """Judge what is new in a run; return what was done."""
    run, pair, said = Run.read(folder), Pair.read(folder.parent), judged(folder)
    files = [(point.name, codec, path) for point in run.points for codec, path in point.files.items()]
    files += [(point.name, UNCODED, None) for point in run.points if point.name == PICTURE_ITSELF]
    new = [one for one in files if askable(pair, descriptions) - said.get(one[0], {}).get(one[1], {}).keys()]
    if new:
        truths = truths_of(folder.parent, run, pair)
        judges = panel(truths, descriptions)
        for point, codec, path in new:
            shown: dict[Truth, np.ndarray] = dict.fromkeys(SEEN, truths["picture"])
            if path is not None:
                shown = shown_of(folder / path, run, truths["picture"].shape)
            known = said.setdefault(point, {}).setdefault(codec, {})
            known.update(opinions(judges, shown, known))
            seen = Image.fromarray((255 * shown["picture"]).round().astype(np.uint8))
            seen.save(view_of(folder, point, codec))
            write(folder / JUDGED, said)
    return f"{pair.name}, {run.name}: {len(new)} of {len(files)} files judged now"


def facts() -> dict[str, Any]:
    """Return what the page says of the judges: their versions, and what was not asked for lack of what."""
    known = packages_distributions()
    packages = sorted({name for one in JUDGES.values() for name in one.packages})
    found = {known[name][0] for name in packages if name in known}
    versions = {name: version(name) for name in sorted(found)}
    return {"python": platform.python_version(), "versions": versions, "missing": unavailable()}


def main(out: Path) -> None:
    """Judge all runs in a folder, side by side."""
    write(out / JUDGES_FILE, facts())
    for name, lacking in unavailable().items():
        print(f"{JUDGES[name].title} is not asked: {', '.join(lacking)} is not installed", flush=True)
    folders = [run for pair in pair_folders(out) for run in run_folders(pair)]
    os.environ.update(_ONE_THREAD)  # in the new processes, which share the cores
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as processes:
        for done in as_completed([processes.submit(judge_run, folder) for folder in folders]):
            print(done.result(), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
