"""Compute reference fronts of the frozen problems: ``python tools/make_references.py VERSION [NAME ...]``.

They are the points of several long runs, and of the edition before, that contribute most hypervolume, and
for preset ``notebook`` the bounds of `certify`; other presets have no certificate. With
``--presets notebook+mask_roughness`` they are those of three objectives, for which the points that `certify`
finds are taken, too. Budgets are evaluations, so that the result does not depend on the speed of the machine.
Existing files are kept: after an interruption only missing ones are computed, and published ones are never
overwritten.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from pymoo.optimize import minimize

from pymoo_moss import FrontAscent, HybridAlgorithm, certify, get_problem, list_problems
from pymoo_moss.bounds import most_valuable_points, non_dominated_points
from pymoo_moss.instances import (
    NOTEBOOK_WITH_ROUGHNESS,
    REFERENCE_KEYS,
    WITH_ROUGHNESS,
    FrozenProblem,
    Reference,
    get_reference,
    save_reference,
)
from pymoo_moss.objectives import PRESETS
from pymoo_moss.search import FrontBounds, constant_sweep

POINTS, POINTS_OF_THREE = 100, 300
"""Points of a front with two and with three objectives."""
BUDGET = 30_000
"""Evaluations of each run."""

DATA = Path(__file__).parents[1] / "pymoo_moss" / "instances" / "data" / "references"


def searched(problem: FrozenProblem, budget: int) -> np.ndarray:
    """Compute the union of several long runs."""
    runs = [(FrontAscent(), 1), (FrontAscent(), 2), (HybridAlgorithm(), 1)]
    return np.vstack(
        [minimize(problem, algorithm, ("n_eval", budget), seed=seed).F for algorithm, seed in runs]
    )


def made(name: str, key: str) -> FrozenProblem:
    """Make the problem of a reference."""
    if key == NOTEBOOK_WITH_ROUGHNESS:
        return get_problem(name, objectives=list(WITH_ROUGHNESS))
    return get_problem(name, preset=key)


def reference(problem: FrozenProblem, key: str, version: int, budget: int) -> Reference:
    """Compute front, hypervolumes and bounds of a problem."""
    F, made_by = (
        searched(problem, budget),
        f"two runs of FrontAscent() and one of HybridAlgorithm() of {budget} evaluations",
    )
    if version > 1:
        F = np.vstack([F, get_reference(problem.instance.name, key, version - 1).front])
        made_by = f"{made_by}, and edition {version - 1}"
    bounds: FrontBounds | None = certify(problem) if problem.preset == "notebook" else None
    count = POINTS
    if key == NOTEBOOK_WITH_ROUGHNESS:
        count = POINTS_OF_THREE
        F, made_by = np.vstack([F, bounds.points]), f"{made_by}, and those of certify()"
    front = F[non_dominated_points(F)]
    low, high = problem.hypervolume_box
    front = front[most_valuable_points((front - low) / (high - low), count)]
    front = front[np.argsort(front[:, 0], kind="stable")]
    sweep = constant_sweep(problem)
    return Reference(
        version=version,
        front=front,
        hypervolume=problem.hypervolume(front),
        sweep_hypervolume=problem.hypervolume(sweep),
        bounds=bounds,
        made_by=f"the most valuable {count} points of {made_by}",
    )


def main() -> None:
    """Compute the missing references."""
    parser = argparse.ArgumentParser(description="Compute reference fronts of frozen problems.")
    parser.add_argument("version", type=int)
    parser.add_argument("names", nargs="*", default=list_problems())
    parser.add_argument("--presets", nargs="+", default=list(PRESETS), choices=REFERENCE_KEYS)
    parser.add_argument("--budget", type=int, default=BUDGET, help="evaluations of each run")
    arguments = parser.parse_args()
    folder = DATA / f"v{arguments.version}"
    for preset in arguments.presets:
        for name in arguments.names:
            if (folder / f"{name}-{preset}.json").exists():
                print(f"{name} {preset}: published, kept")
                continue
            started = time.perf_counter()
            problem = made(name, preset)
            found = reference(problem, preset, arguments.version, arguments.budget)
            save_reference(folder, problem.instance, preset, found)
            upper = "" if found.bounds is None else f", at most {found.bounds.hypervolume_upper:.5f}"
            seconds = time.perf_counter() - started
            print(f"{name} {preset}: hypervolume {found.hypervolume:.5f}{upper}, {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
