"""Compare fronts with certified bounds: ``python -m benchmarks.fronts OUT`` (about half an hour).

Writes ``OUT/fronts.json`` for `benchmarks.front_report`. The instances are the embedded one, and real
pictures and music if available; then the frozen problems: the twelve of 16 x 32 variables with preset
``notebook``, and the twelve of 64 x 128 with preset ``display``.
"""

import copy
import json
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.algorithm import Algorithm
from pymoo.core.callback import Callback
from pymoo.core.problem import Problem
from pymoo.indicators.kktpm import KKTPM

from pymoo_moss import (
    FrontAscent,
    GradientSeedSampling,
    HybridAlgorithm,
    LevelSampling,
    MOSSProblem,
    ParetoTracer,
    PatchCrossover,
    SmoothNoiseMutation,
    SmoothNoiseSampling,
    certify,
    get_problem,
    list_problems,
)
from pymoo_moss.bounds import non_dominated
from pymoo_moss.search import ExactDuplicateElimination, constant_sweep

from .inputs import real_pair
from .peers import HypervolumeAdam

EMBEDDED = "lighthouse-prelude-64x128"
SEEDS = (1, 2, 3, 4, 5)
BUDGETS = (1_000, 3_000, 10_000, 40_000)
FROZEN = {"notebook": "16x32", "display": "64x128"}
"""Sizes of the frozen problems that are measured with each preset."""
_PICTURES = {"Mona Lisa": "monalisa.jpg", "Great Wave": "wave.jpg"}
_SOUNDS = {"Chopin": "chopin.mp3", "Tchaikovsky": "tchaikovsky.mp3"}

_COMMON = {"pop_size": 100, "eliminate_duplicates": ExactDuplicateElimination()}


def _for_masks() -> dict:
    return {**_COMMON, "crossover": PatchCrossover(), "mutation": SmoothNoiseMutation()}


BY_BUDGET: dict[str, tuple[Callable[[], Algorithm], tuple[int, ...]]] = {
    "ascent": (FrontAscent, SEEDS),
    "hybrid": (HybridAlgorithm, SEEDS),
    "hypervolume gradient by Adam": (HypervolumeAdam, SEEDS[:1]),
    "NSGA-II, gradient seeds": (
        lambda: NSGA2(**_COMMON, sampling=GradientSeedSampling()),
        SEEDS[:1],
    ),
}
"""Algorithms, each with its seeds."""
WITHOUT_GRADIENTS: dict[str, Callable[[], Algorithm]] = {
    "NSGA-II, levels": lambda: NSGA2(**_COMMON, sampling=LevelSampling()),
    "NSGA-II, levels, variation for masks": lambda: NSGA2(**_for_masks(), sampling=LevelSampling()),
    "NSGA-II, smooth noise, variation for masks": lambda: NSGA2(
        **_for_masks(), sampling=SmoothNoiseSampling()
    ),
    "NSGA-II, gradient seeds, variation for masks": lambda: NSGA2(
        **_for_masks(), sampling=GradientSeedSampling()
    ),
}


def instances(**options) -> Iterator[tuple[str, Callable[..., MOSSProblem]]]:
    """Yield names of instances and functions that construct them."""
    yield "embedded", lambda **more: get_problem(EMBEDDED, **options, **more)
    for picture, image in _PICTURES.items():
        for sound, audio in _SOUNDS.items():
            if pair := real_pair(image, audio):
                yield f"{picture} x {sound}", lambda pair=pair, **more: MOSSProblem(*pair, **options, **more)


class Curve(Callback):
    """Records the hypervolume of a run, also within its generations, and its front at every budget."""

    def __init__(self, problem: MOSSProblem) -> None:
        super().__init__()
        self._problem, self._started = problem, time.perf_counter()
        self.points: dict[str, list] = {"n_eval": [], "seconds": [], "hypervolume": []}
        self.fronts: dict[str, list] = {}

    def on_values(self, algorithm: Algorithm, F: np.ndarray) -> None:
        """Record what the algorithm would have if it ended now."""
        counted = int(algorithm.evaluator.n_eval)
        self.points["n_eval"].append(counted)
        self.points["seconds"].append(time.perf_counter() - self._started)
        self.points["hypervolume"].append(self._problem.hypervolume(F))
        for budget in BUDGETS:
            if counted <= budget:
                self.fronts[str(budget)] = F[non_dominated(F)].tolist()

    def _update(self, algorithm: Algorithm) -> None:
        self.on_values(algorithm, algorithm.opt.get("F"))


def run(problem: MOSSProblem, algorithm: Algorithm, termination, seed: int) -> dict:
    """Run one search, and record it."""
    curve = Curve(problem)
    algorithm.setup(problem, termination=termination, seed=seed, callback=curve)
    algorithm.run()
    F = algorithm.opt.get("F")
    return {
        "X": algorithm.opt.get("X"),
        "F": F[np.argsort(F[:, 0])].tolist(),
        "fronts": curve.fronts,
        **curve.points,
    }


def seeds_alone(problem: MOSSProblem, schedule: str, **options) -> float:
    """Compute the hypervolume of ten gradient seeds."""
    sampling = GradientSeedSampling(schedule=schedule, **options)
    masks = sampling(problem, 10, random_state=np.random.default_rng(1), to_numpy=True)
    return problem.hypervolume(problem.evaluate(masks))


def in_float64(problem: MOSSProblem, X: np.ndarray) -> np.ndarray:
    """Evaluate F of masks by torch in float64, on the same planes."""
    encoder = copy.deepcopy(problem.encoder).to(torch.float64)
    return MOSSProblem(encoder=encoder, engine="torch").evaluate(X)


class Stationarity(Problem):
    """A problem for pymoo's KKTPM, which needs a constraint and ignores the bounds of variables.

    The constraint never binds; gradients in variables at their bounds are set to 0.
    """

    def __init__(self, problem: MOSSProblem) -> None:
        super().__init__(n_var=problem.n_var, n_obj=2, n_ieq_constr=1, xl=0.0, xu=1.0)
        self._problem = problem

    def ideal_point(self) -> np.ndarray:
        """Return the problem's ideal point."""
        return self._problem.ideal_point()

    def _evaluate(self, x: np.ndarray, out: dict, *args, **kwargs) -> None:
        out["F"], gradients = self._problem.evaluate(x, return_values_of=["F", "dF"])
        free = (x > 1e-4) & (x < 1 - 1e-4)
        out["dF"] = gradients * free[:, None]
        out["G"], out["dG"] = -np.ones((len(x), 1)), np.zeros((len(x), 1, self.n_var))


def _notebook_instance(name: str, make: Callable[..., MOSSProblem]) -> dict:
    problem = make()
    found: dict = {"preset": "notebook", "instance": name, "runs": {}}
    found["sweep"] = problem.hypervolume(constant_sweep(problem))
    found["extent"] = problem.ref_point.tolist()
    started = time.perf_counter()
    bounds = certify(problem)
    found["certify_seconds"] = time.perf_counter() - started
    found["weights"], found["lower_bounds"] = bounds.weights.tolist(), bounds.lower_bounds.tolist()
    found["hypervolume_upper"] = bounds.hypervolume_upper
    found["ten_seeds"] = {
        "notebook": seeds_alone(problem, "notebook"),
        "spread": seeds_alone(problem, "spread"),
        "spread, lr 0.1": seeds_alone(problem, "spread", lr=0.1),
    }
    runs = found["runs"]
    runs["tracer"] = [run(problem, ParetoTracer(), ("n_gen", 1000), SEEDS[0])]
    traced = runs["tracer"][0]["X"]
    exact = in_float64(problem, traced)
    found["float64_hypervolume"] = problem.hypervolume(exact)
    found["float64_difference"] = float(np.abs((problem.evaluate(traced) - exact) / problem.ref_point).max())
    interior = traced[((traced > 0) & (traced < 1)).any(axis=1)]
    measured = KKTPM().calc(interior, Stationarity(make(normalize=True)))
    found["kktpm"] = {"median": float(np.median(measured)), "max": float(measured.max())}
    whole = ("n_eval", BUDGETS[-1])
    for label, (algorithm, seeds) in BY_BUDGET.items():
        runs[label] = [run(problem, algorithm(), whole, seed) for seed in seeds]
    if name == "embedded":
        for label, algorithm in WITHOUT_GRADIENTS.items():
            runs[label] = [run(problem, algorithm(), whole, SEEDS[0])]
    return found


def _frozen_instance(name: str, make: Callable[..., MOSSProblem]) -> dict:
    problem = make()
    if problem.preset == "notebook":
        best = problem.front_bounds().hypervolume_upper
    else:
        best = problem.hypervolume(problem.pareto_front())
    runs = {"ascent": [run(problem, FrontAscent(), ("n_eval", BUDGETS[-1]), SEEDS[0])]}
    extent = (problem.hypervolume_box[1] - problem.hypervolume_box[0]).tolist()
    return {"preset": problem.preset, "instance": name, "extent": extent, "best": best, "runs": runs}


def main(folder: Path) -> None:
    """Measure all instances; after an interruption, those that are missing."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "fronts.json"
    results = json.loads(path.read_text()) if path.is_file() else []
    done = {(one["preset"], one["instance"]) for one in results}
    jobs = [("notebook", name, make, _notebook_instance) for name, make in instances()]
    jobs += [
        (preset, name, partial(get_problem, name, preset=preset), _frozen_instance)
        for preset, size in FROZEN.items()
        for name in list_problems()
        if name.endswith(size)
    ]
    for preset, name, make, measure in jobs:
        if (preset, name) in done:
            continue
        found = measure(name, make)
        for runs in found["runs"].values():
            for one in runs:
                del one["X"]
        results.append(found)
        path.write_text(json.dumps(results))
        print(preset, name, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
