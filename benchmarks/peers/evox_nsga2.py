"""`EvoXNSGA2`: EvoX's NSGA-II.

It needs the packages of ``benchmarks/requirements.txt``.
"""

from collections.abc import Callable
from typing import Any

import torch
from evox.algorithms import NSGA2
from pymoo.core.algorithm import Algorithm
from pymoo.core.population import Population
from pymoo.core.sampling import Sampling

from pymoo_moss import LevelSampling

from .set_descent import POPULATION


class EvoXNSGA2(Algorithm):
    """EvoX's NSGA-II with its own operators: simulated binary crossover and polynomial mutation.

    It draws from torch's global generator, whose state is kept between steps and restored after each.
    """

    def __init__(self, sampling: Sampling | None = None, pop_size: int = POPULATION, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pop_size = pop_size
        self.sampling = sampling or LevelSampling()

    def _setup(self, problem: Any, **kwargs: Any) -> None:
        bounds = (torch.as_tensor(bound, dtype=torch.float32) for bound in problem.bounds())
        self._search = NSGA2(self.pop_size, problem.n_obj, *bounds, device=torch.device("cpu"))
        self._search.evaluate = self._evaluated
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(self.random_state.integers(2**31)))
            self._generator = torch.get_rng_state()

    def _infill(self) -> None:
        return None

    def _initialize_infill(self) -> None:
        return None

    def _initialize_advance(self, infills: Population | None = None, **kwargs: Any) -> None:
        masks = self.sampling(self.problem, self.pop_size, random_state=self.random_state, to_numpy=True)
        self._search.pop.data.copy_(torch.as_tensor(masks))
        self._take(self._search.init_step)

    def _advance(self, infills: Population | None = None, **kwargs: Any) -> None:
        self._take(self._search.step)

    def _take(self, step: Callable[[], None]) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.set_rng_state(self._generator)
            step()
            self._generator = torch.get_rng_state()
        masks, values = (one.detach().numpy().astype(float) for one in (self._search.pop, self._search.fit))
        self.pop = Population.new(X=masks, F=values)
        self.pop.apply(lambda one: one.evaluated.update(("F", "G", "H")))

    def _evaluated(self, masks: torch.Tensor) -> torch.Tensor:
        population = Population.new(X=masks.detach().numpy().astype(float).clip(0.0, 1.0))
        self.evaluator.eval(self.problem, population, algorithm=self)
        return torch.as_tensor(population.get("F"), dtype=torch.float32)
