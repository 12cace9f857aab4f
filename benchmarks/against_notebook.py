"""How much faster than the notebook's formulation masks are evaluated, and with how much less memory.

Run ``python -m benchmarks.against_notebook [IMAGE AUDIO]``; without inputs, on the embedded problem. Both
sides are timed in the same run, in turns. The notebook's side is its formulation written plainly:
interpolation and convolution over the whole plane, in float32. It is timed on ten masks, because a hundred
take 18 GB, and compared per mask. Memory is what one evaluation adds at its peak, each side in a process of
its own.
"""

import argparse
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from pymoo_moss import MOSSProblem, get_problem, list_problems
from tests.reference import notebook_evaluation

ROUNDS = 5
NOTEBOOK_MASKS, OUR_MASKS = 10, 100


def make_problem(inputs: list[str]) -> MOSSProblem:
    """The notebook preset on the given picture and sound, or on the embedded ones."""
    return MOSSProblem(*inputs) if inputs else get_problem(list_problems()[0])


def sides(problem: MOSSProblem) -> dict[str, tuple[int, Callable[[], np.ndarray]]]:
    """Number of masks, and their evaluation, for either side."""
    masks = np.random.default_rng(0).random((OUR_MASKS, problem.n_var))
    encoder = problem.encoder
    grids = torch.from_numpy(masks[:NOTEBOOK_MASKS]).float().reshape(-1, *encoder.grid)

    def notebook() -> np.ndarray:
        return notebook_evaluation(grids, encoder.audio_magnitude, encoder.image_magnitude, 5.0).numpy()

    return {"notebook": (NOTEBOOK_MASKS, notebook), "package": (OUR_MASKS, lambda: problem.evaluate(masks))}


def peak_megabytes(side: str, inputs: list[str]) -> float:
    """Memory that one evaluation adds at its peak, in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.against_notebook", *inputs, "--only", side]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def report_growth(problem: MOSSProblem, side: str) -> None:
    """Print what one evaluation adds to this process's resident memory at its peak, in MB; Linux only."""
    evaluate = sides(problem)[side][1]
    Path("/proc/self/clear_refs").write_text("5")  # the peak is measured anew from here
    before = resident_megabytes("VmRSS")
    evaluate()
    print(resident_megabytes("VmHWM") - before)


def resident_megabytes(kind: str) -> float:
    """Resident memory of this process in MB: now (``VmRSS``) or at its peak (``VmHWM``)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(kind)) / 1024


def main() -> None:
    """Time both sides in turns and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("inputs", nargs="*", help="picture and sound")
    parser.add_argument("--only", choices=["notebook", "package"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    problem = make_problem(arguments.inputs)
    if arguments.only:
        report_growth(problem, arguments.only)
        return
    found = {name: evaluate()[:NOTEBOOK_MASKS] for name, (_, evaluate) in sides(problem).items()}
    differ = np.abs(found["notebook"] / found["package"] - 1).max()
    seconds: dict[str, list[float]] = {"notebook": [], "package": []}
    for _ in range(ROUNDS):
        for name, (count, evaluate) in sides(problem).items():
            started = time.perf_counter()
            evaluate()
            seconds[name].append((time.perf_counter() - started) / count)
    per_mask = {name: statistics.median(times) for name, times in seconds.items()}
    print(f"{platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    print(
        f"plane {problem.encoder.plane}, grid {problem.encoder.grid}; answers differ by {differ:.1e} at most"
    )
    for name, median in per_mask.items():
        memory = peak_megabytes(name, arguments.inputs)
        count = sides(problem)[name][0]
        print(f"{name:8}: {1000 * median:8.2f} ms a mask, {memory:6.0f} MB added by {count} masks")
    print(f"ratio: {per_mask['notebook'] / per_mask['package']:.0f}")


if __name__ == "__main__":
    main()
