"""Variation that knows masks are images.

pymoo's default mutation changes one variable of thousands per offspring, and its crossover mixes variables
one by one: the blur of the mask averages both away. These operators move regions.
"""

from typing import Any

import numpy as np
from pymoo.core.crossover import Crossover
from pymoo.core.mutation import Mutation

from ..errors import OptionError
from ..problem import MOSSProblem
from .smooth_noise import patches, smooth_noise


class PatchCrossover(Crossover):  # type: ignore[misc]
    """Two parents exchange a region of smooth outline: everywhere a child is one parent or the other.

    Args:
        prob: probability that two parents are crossed at all.
    """

    def __init__(self, prob: float = 0.9, **kwargs: Any) -> None:
        super().__init__(n_parents=2, n_offsprings=2, prob=prob, **kwargs)

    def _do(
        self,
        problem: MOSSProblem,
        X: np.ndarray,
        *args: Any,
        random_state: np.random.Generator,
        **kwargs: Any,
    ) -> np.ndarray:
        matings = X.shape[1]
        region = patches(matings, problem.encoder.grid, random_state).reshape(matings, -1)
        return np.stack([np.where(region, X[1], X[0]), np.where(region, X[0], X[1])])


class SmoothNoiseMutation(Mutation):  # type: ignore[misc]
    """Adds smooth noise inside a region of smooth outline, and cuts the result off at 0 and 1.

    Args:
        amplitude: standard deviation of the strongest noise; each mutation draws its own, even in its
            logarithm, from a hundredth of that.
        prob: probability that an offspring is mutated.

    Raises:
        OptionError: the amplitude is not above 0.
    """

    def __init__(self, amplitude: float = 0.5, prob: float = 1.0, **kwargs: Any) -> None:
        super().__init__(prob=prob, **kwargs)
        if not amplitude > 0:
            raise OptionError(f"expected an amplitude above 0, got {amplitude}")
        self.amplitude = amplitude

    def _do(
        self,
        problem: MOSSProblem,
        X: np.ndarray,
        *args: Any,
        random_state: np.random.Generator,
        **kwargs: Any,
    ) -> np.ndarray:
        grid = problem.encoder.grid
        strength = self.amplitude * 10.0 ** random_state.uniform(-2.0, 0.0, (len(X), 1, 1))
        noise = smooth_noise(len(X), grid, random_state) * strength * patches(len(X), grid, random_state)
        return np.asarray(np.clip(X + noise.reshape(X.shape), problem.xl, problem.xu))
