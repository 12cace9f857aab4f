"""Variation that knows masks are images.

pymoo's default mutation changes one variable of thousands per offspring, and its crossover mixes variables
one by one: the blur of the mask averages both away. These operators move regions.
"""

from typing import Any

import numpy as np
from pymoo.core.crossover import Crossover
from pymoo.core.mutation import Mutation
from pymoo.core.problem import Problem

from ..errors import OptionError
from .smooth_noise import random_fields, random_regions


class PatchCrossover(Crossover):  # type: ignore[misc]
    """Two parents exchange a region of smooth outline: everywhere a child is one parent or the other.

    Variables that are on no grid are exchanged one by one.

    Args:
        prob: probability that two parents are crossed at all.
    """

    def __init__(self, prob: float = 0.9, **kwargs: Any) -> None:
        super().__init__(n_parents=2, n_offsprings=2, prob=prob, **kwargs)

    def _do(
        self,
        problem: Problem,
        X: np.ndarray,
        *args: Any,
        random_state: np.random.Generator,
        **kwargs: Any,
    ) -> np.ndarray:
        matings = X.shape[1]
        region = random_regions(matings, problem, random_state)
        return np.stack([np.where(region, X[1], X[0]), np.where(region, X[0], X[1])])


class SmoothNoiseMutation(Mutation):  # type: ignore[misc]
    """Adds smooth noise inside a region of smooth outline, and cuts the result off at the bounds.

    Variables that are on no grid get white noise, some of them.

    Args:
        amplitude: standard deviation of the strongest noise, as a share of the distance between the bounds;
            each mutation draws its own, even in its logarithm, from a hundredth of that.
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
        problem: Problem,
        X: np.ndarray,
        *args: Any,
        random_state: np.random.Generator,
        **kwargs: Any,
    ) -> np.ndarray:
        strength = self.amplitude * 10.0 ** random_state.uniform(-2.0, 0.0, (len(X), 1))
        noise = random_fields(len(X), problem, random_state) * strength
        noise *= random_regions(len(X), problem, random_state)
        return np.asarray(np.clip(X + (problem.xu - problem.xl) * noise, problem.xl, problem.xu))
