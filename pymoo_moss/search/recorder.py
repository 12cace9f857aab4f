"""`FrontRecorder`: a callback that keeps the objective values of a run, seeding included."""

import time
from typing import Any

import numpy as np
from pymoo.core.algorithm import Algorithm
from pymoo.core.callback import Callback

from .sampling import GradientSeedSampling


class FrontRecorder(Callback):  # type: ignore[misc]
    """Records the population's F of every generation, a few kilobytes each, and never X.

    Works alone and inside pymoo's ``CallbackCollection``, which calls ``update`` only.

    Attributes:
        seeding: ``(n_seeds, n_obj)`` float32 arrays, one for every tenth step of a gradient seeding.
        generations: ``(n, n_obj)`` float32 arrays, one for each generation.
        n_eval: evaluations counted at the end of each generation, seeding included.
        seconds: wall time at the end of each generation, from the start of the run.

    Example:
        >>> from pymoo.algorithms.moo.nsga2 import NSGA2
        >>> from pymoo.optimize import minimize
        >>> from pymoo_moss import FrontRecorder, GradientSeedSampling, get_problem
        >>> algorithm = NSGA2(pop_size=10, sampling=GradientSeedSampling(n_seeds=4, steps=11))
        >>> recorder = FrontRecorder()
        >>> problem = get_problem("owl-drums-16x32")
        >>> result = minimize(problem, algorithm, ("n_gen", 3), seed=1, callback=recorder)
        >>> len(recorder.seeding), len(recorder.generations), recorder.generations[-1].shape
        (2, 3, (10, 2))
    """

    def __init__(self) -> None:
        super().__init__()
        self.seeding: list[np.ndarray] = []
        self.generations: list[np.ndarray] = []
        self.n_eval: list[int] = []
        self.seconds: list[float] = []

    def _update(self, algorithm: Algorithm) -> None:
        if not self.generations:
            self.seeding = [np.float32(values) for values in _seeding_history(algorithm)]
        self.generations.append(np.float32(algorithm.pop.get("F")))
        self.n_eval.append(int(algorithm.evaluator.n_eval))
        self.seconds.append(time.time() - algorithm.start_time)


def _seeding_history(algorithm: Algorithm) -> list[np.ndarray]:
    sampling: Any = getattr(algorithm, "seeding", None)
    if sampling is None:
        sampling = getattr(getattr(algorithm, "initialization", None), "sampling", None)
    return sampling.history if isinstance(sampling, GradientSeedSampling) else []
