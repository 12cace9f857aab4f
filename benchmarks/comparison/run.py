"""Make the runs of the comparison: ``python -m benchmarks.comparison.run OUT``.

It takes many hours and can be interrupted at any time: runs that are in ``benchmarks/results/`` or in OUT are
not repeated. `benchmarks.comparison.collect` adds what is in OUT to ``benchmarks/results/``.
"""

import argparse
import time
from pathlib import Path

from pymoo_moss.study import ProblemChoice, Study

from . import results
from .methods import METHODS
from .stages import SMOKE, STAGES, Stage, rounds


def study_of(stage: Stage, problem: str, seed: int, methods: list[str], out: Path) -> Study:
    """Make the study of a stage's methods on one problem with one seed."""
    choice = ProblemChoice(problem, {} if stage.preset == "notebook" else {"preset": stage.preset})
    folder = out / stage.name / f"{problem}-{seed}"
    return Study(
        {problem: choice}, {label: METHODS[label] for label in methods}, [seed], stage.budgets, folder
    )


def main() -> None:
    """Make the runs that are missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--smoke", action="store_true", help="a sample of the runs with small budgets, known or not"
    )
    parser.add_argument("--stages", nargs="*", help="names of the stages to run; all by default")
    parser.add_argument("--jobs", type=int, default=-1, help="runs at the same time; -1 for one a core")
    parser.add_argument("--scheduler", help="address of a dask scheduler, whose workers make the runs")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="time after which none is begun")
    arguments = parser.parse_args()
    known = set() if arguments.smoke else results.load().keys
    workers = (
        {"n_jobs": arguments.jobs}
        if arguments.scheduler is None
        else {"backend": "dask", "scheduler": arguments.scheduler}
    )
    started = time.monotonic()
    stages = SMOKE if arguments.smoke else STAGES
    if arguments.stages:
        stages = tuple(stage for stage in stages if stage.name in arguments.stages)
    for seed, stage, problem in rounds(stages):
        if time.monotonic() - started > 60 * arguments.minutes:
            return
        key = (problem, stage.preset)
        missing = [label for label in stage.methods if (*key, label, seed, stage.budgets[-1]) not in known]
        if missing:
            study_of(stage, problem, seed, missing, arguments.out).run(**workers)
            print(f"{stage.name}, {problem}, seed {seed}: {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
