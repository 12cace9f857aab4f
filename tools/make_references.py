"""Compute reference fronts of the frozen problems: ``python tools/make_references.py VERSION [NAME ...]``.

They are the points of several long runs, and of the edition before, that contribute most hypervolume, and
for preset ``notebook`` the bounds of `certify`; other presets have no certificate. Budgets are
evaluations, so that the result does not depend on the speed of the machine.
Existing files are kept: after an interruption only missing ones are computed, and published ones are never
overwritten.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from pymoo.optimize import minimize

from pymoo_moss import FrontAscent, HybridAlgorithm, certify, get_problem, list_problems
from pymoo_moss.bounds import most_valuable, non_dominated
from pymoo_moss.instances import FrozenProblem, Reference, get_reference, save_reference
from pymoo_moss.objectives import PRESETS
from pymoo_moss.search import FrontBounds, constant_sweep

POINTS = 100
BUDGET = 30_000
"""Evaluations of each run."""

DATA = Path(__file__).parents[1] / "pymoo_moss" / "instances" / "data" / "references"


def searched(problem: FrozenProblem, budget: int) -> np.ndarray:
    """Compute the union of several long runs."""
    runs = [(FrontAscent(), 1), (FrontAscent(), 2), (HybridAlgorithm(), 1)]
    return np.vstack(
        [minimize(problem, algorithm, ("n_eval", budget), seed=seed).F for algorithm, seed in runs]
    )


def reference(problem: FrozenProblem, version: int, budget: int) -> Reference:
    """Compute front, hypervolumes and bounds of a problem."""
    F, made_by = (
        searched(problem, budget),
        f"two runs of FrontAscent() and one of HybridAlgorithm() of {budget} evaluations",
    )
    if version > 1:
        F = np.vstack([F, get_reference(problem.instance.name, problem.preset, version - 1).front])
        made_by = f"{made_by}, and edition {version - 1}"
    front = F[non_dominated(F)]
    front = front[most_valuable(front, POINTS)]
    sweep = constant_sweep(problem)
    bounds: FrontBounds | None = certify(problem) if problem.preset == "notebook" else None
    return Reference(
        version=version,
        front=front,
        hypervolume=problem.hypervolume(front),
        sweep_hypervolume=problem.hypervolume(sweep),
        bounds=bounds,
        made_by=f"the most valuable {POINTS} points of {made_by}",
    )


def main() -> None:
    """Compute the missing references."""
    parser = argparse.ArgumentParser(description="Compute reference fronts of frozen problems.")
    parser.add_argument("version", type=int)
    parser.add_argument("names", nargs="*", default=list_problems())
    parser.add_argument("--presets", nargs="+", default=list(PRESETS), choices=PRESETS)
    parser.add_argument("--budget", type=int, default=BUDGET, help="evaluations of each run")
    arguments = parser.parse_args()
    folder = DATA / f"v{arguments.version}"
    for preset in arguments.presets:
        for name in arguments.names:
            if (folder / f"{name}-{preset}.json").exists():
                print(f"{name} {preset}: published, kept")
                continue
            started = time.perf_counter()
            problem = get_problem(name, preset=preset)
            found = reference(problem, arguments.version, arguments.budget)
            save_reference(folder, problem.instance, preset, found)
            upper = "" if found.bounds is None else f", at most {found.bounds.hypervolume_upper:.5f}"
            seconds = time.perf_counter() - started
            print(f"{name} {preset}: hypervolume {found.hypervolume:.5f}{upper}, {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
