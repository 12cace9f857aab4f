"""Peak memory that a piece of work adds, each in a separate process; Linux only.

``python -m benchmarks.memory PRESET ENGINE WORK`` prints megabytes; `added` runs it.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.optimize import minimize

from pymoo_moss import GradientSeedSampling, MOSSProblem

from .baselines import notebook_gradients, notebook_values
from .inputs import make_problem, random_masks
from .process_memory import resident

WORK = {
    "values of 100 masks": lambda problem: problem.evaluate(random_masks(100)),
    "values and gradients of 10 masks": lambda problem: problem.evaluate(
        random_masks(10), return_values_of=["F", "dF"]
    ),
    "50 steps of seeding, 20 generations": lambda problem: _run(problem),
}
NOTEBOOK_WORK = {
    "values of 10 masks": lambda problem: notebook_values(problem, random_masks(10)),
    "gradients of 2 masks": lambda problem: notebook_gradients(problem, random_masks(2), np.ones((2, 2))),
}


def added(preset: str, engine: str, work: str) -> float:
    """Measure the megabytes that a piece of work adds to a process that has constructed the problem."""
    command = [sys.executable, "-m", "benchmarks.memory", preset, engine, work]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1])


def _run(problem: MOSSProblem) -> None:
    algorithm = NSGA2(pop_size=100, sampling=GradientSeedSampling(steps=50))
    minimize(problem, algorithm, ("n_gen", 20), seed=1)


def main() -> None:
    """Do one piece of work and print the memory that it added."""
    preset, engine, work = sys.argv[1:]
    problem = make_problem(preset, "torch" if engine == "notebook" else engine)
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    before = resident("VmRSS")
    (NOTEBOOK_WORK if engine == "notebook" else WORK)[work](problem)
    print(resident("VmHWM") - before)


if __name__ == "__main__":
    main()
