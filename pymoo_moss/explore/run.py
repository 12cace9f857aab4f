"""One search from start to finish, with progress reported and an early stop that keeps what was found."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from pymoo.core.algorithm import Algorithm

from ..errors import OptionError, unknown_name
from ..problem import MOSSProblem
from ..search import (
    ALGORITHMS,
    FrontRecorder,
    GradientSeedSampling,
    HybridAlgorithm,
    ParetoTracer,
    constant_masks,
    make_algorithm,
)
from ..search.adam import OnStep
from .folder import check_output_folder
from .selection import three_picks
from .sound import SoundExporter

_SWEEP_LEVELS = 101

_SEEDING: dict[str, Any] = {"n_seeds": 18, "lr": 0.2, "schedule": "spread", "fill": "ramp"}
"""Those of `HybridAlgorithm`."""


@dataclass(frozen=True)
class RunResult:
    """A finished search.

    Attributes:
        problem: what was searched.
        X: ``(n, n_var)`` masks of the front, ordered from best picture to best sound.
        F: ``(n, n_obj)`` their objective values.
        recorder: the values on the way, both phases.
        sweep: ``(101, n_obj)`` values of constant masks, the front that costs nothing.
        n_eval: evaluations counted, seeding included.
        seconds: wall time of the search.
        stopped: whether it was stopped before its termination.
        settings: how it was called, for the record.
        inputs: the files ``image`` and ``audio`` that the problem was made from, where a folder has them.
    """

    problem: MOSSProblem
    X: np.ndarray
    F: np.ndarray
    recorder: FrontRecorder
    sweep: np.ndarray
    n_eval: int
    seconds: float
    stopped: bool
    settings: dict[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Path] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: str | os.PathLike[str], problem: MOSSProblem | None = None) -> "RunResult":
        """Read a run back from its folder; see `load_run`."""
        from .reading import load_run

        return load_run(folder, problem)

    def pick(self, which: str | int | float) -> int:
        """The index of a solution.

        Args:
            which: ``"best visual"``, ``"balanced"`` or ``"best audio"``; or the weight of the first
                objective, a float from 0 to 1, against the second one, both as shares of their range; or an
                index, negative ones from the end.

        Raises:
            OptionError: there is no such solution.
        """
        if isinstance(which, str):
            picks = three_picks(self.F, *self.problem.hypervolume_box)
            if which not in picks:
                raise unknown_name("pick", which, picks)
            return picks[which]
        if isinstance(which, int | np.integer) and not isinstance(which, bool):
            if not -len(self.F) <= which < len(self.F):
                raise OptionError(f"expected an index of {len(self.F)} solutions, got {which}")
            return int(which) % len(self.F)
        if not (isinstance(which, float) and 0.0 <= which <= 1.0):
            raise OptionError(f"expected a name, an index or a weight from 0.0 to 1.0, got {which!r}")
        low, high = self.problem.hypervolume_box
        scaled = (self.F - low) / np.where(high > low, high - low, 1.0)
        return int((which * scaled[:, 0] + (1.0 - which) * scaled[:, 1]).argmin())

    def export(self, folder: str | os.PathLike[str], count: int = 9) -> None:
        """Write the run with ``count`` sounds, and its inputs where they are still there; see `write_run`.

        Raises:
            OutputError: the folder cannot be written, or holds something else.
        """
        from .export import write_run

        check_output_folder(Path(folder), overwrite=False)
        inputs = {kind: path for kind, path in self.inputs.items() if path.is_file()}
        write_run(Path(folder), self, count=count, inputs=inputs)

    @cached_property
    def exporter(self) -> SoundExporter:
        """Makes the sounds of the solutions."""
        return SoundExporter(self.problem)

    @property
    def hypervolume(self) -> float:
        """Normalised hypervolume of the front."""
        return self.problem.hypervolume(self.F)

    @property
    def sweep_hypervolume(self) -> float:
        """Normalised hypervolume of the constant masks."""
        return self.problem.hypervolume(self.sweep)


def search_algorithm(
    name: str, *, n_obj: int, population: int, steps: int, on_step: OnStep | None = None
) -> Algorithm:
    """The algorithm that a user names, with gradient seeding and refinement.

    Args:
        name: ``"hybrid"``, ``"tracer"``, or one of `pymoo_moss.search.ALGORITHMS`.
        n_obj: number of objectives.
        population: masks in the population, or points of the tracer.
        steps: gradient steps of the seeding; the tracer has none.
        on_step: told of every step of the seeding; may stop it.

    Raises:
        OptionError: the name is unknown, or a value is out of its range.
    """
    if name == "tracer":
        return ParetoTracer(population)
    seeding = GradientSeedSampling(steps=steps, on_step=on_step, **_SEEDING)
    if name == "hybrid":
        return HybridAlgorithm(seeding=seeding, pop_size=population)
    if name not in ALGORITHMS:
        raise unknown_name("algorithm", name, ["hybrid", "tracer", *ALGORITHMS])
    return HybridAlgorithm(make_algorithm(name, n_obj=n_obj, pop_size=population), seeding)


def run_search(
    problem: MOSSProblem,
    algorithm: Algorithm,
    termination: Any,
    *,
    seed: int,
    after_generation: Callable[[int], None] = lambda number: None,
    should_stop: Callable[[], bool] = lambda: False,
    settings: Mapping[str, Any] = MappingProxyType({}),
    clock: Callable[[], float] = time.time,
) -> RunResult:
    """Run a fresh pymoo algorithm to its termination, or until told to stop between generations.

    Args:
        problem: the problem.
        algorithm: a pymoo algorithm that was not set up yet.
        termination: any pymoo termination.
        seed: of the algorithm's random state.
        after_generation: called with the number of each finished generation.
        should_stop: asked after every generation.
        settings: kept in the result for the record; `load_run` says what it can make of them.
        clock: tells the time in seconds since the epoch, as pymoo's ``start_time`` is.
    """
    algorithm.setup(problem, termination=termination, seed=seed, callback=FrontRecorder())
    return go_on(
        algorithm,
        after_generation=after_generation,
        should_stop=should_stop,
        settings=settings,
        clock=clock,
    )


def go_on(
    algorithm: Algorithm,
    *,
    after_generation: Callable[[int], None],
    should_stop: Callable[[], bool],
    settings: Mapping[str, Any],
    clock: Callable[[], float] = time.time,
) -> RunResult:
    """Run an algorithm that was set up with a `FrontRecorder`, begun or not; else as `run_search`."""
    problem, recorder = algorithm.problem, algorithm.callback
    stopped = False
    while algorithm.has_next() and not stopped:
        finished = len(recorder.generations)
        algorithm.next()
        # Some algorithms take several steps for a generation.
        if len(recorder.generations) > finished:
            after_generation(len(recorder.generations))
            stopped = should_stop()
    X, F = algorithm.opt.get("X", "F")
    order = np.lexsort(F.T[::-1])
    return RunResult(
        problem=problem,
        X=X[order],
        F=F[order],
        recorder=recorder,
        sweep=constant_sweep(problem),
        n_eval=int(algorithm.evaluator.n_eval),
        seconds=clock() - algorithm.start_time,
        stopped=stopped,
        settings=dict(settings),
    )


def constant_sweep(problem: MOSSProblem) -> np.ndarray:
    """Values ``(101, n_obj)`` of constant masks from 0 to 1, the front that costs nothing."""
    return np.asarray(problem.evaluate(constant_masks(np.linspace(0.0, 1.0, _SWEEP_LEVELS), problem.n_var)))
