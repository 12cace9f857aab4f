"""`EvoTorchNSGA2`: EvoTorch's NSGA-II.

It needs the packages of ``benchmarks/requirements.txt``.
"""

import logging
from typing import Any

import evotorch
import torch
from evotorch.algorithms import GeneticAlgorithm
from evotorch.operators import PolynomialMutation, SimulatedBinaryCrossOver
from pymoo.core.algorithm import Algorithm
from pymoo.core.population import Population
from pymoo.core.sampling import Sampling

from pymoo_moss import LevelSampling

from .set_descent import POPULATION

logging.getLogger("evotorch.core").setLevel(logging.WARNING)


class EvoTorchNSGA2(Algorithm):
    """EvoTorch's genetic algorithm, which sorts by dominance and crowding if there are several objectives.

    Its simulated binary crossover and polynomial mutation have the parameters of pymoo's NSGA-II.
    """

    def __init__(self, sampling: Sampling | None = None, pop_size: int = POPULATION, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pop_size = pop_size
        self.sampling = sampling or LevelSampling()

    def _setup(self, problem: Any, **kwargs: Any) -> None:
        peer = _EvoTorchProblem(self)
        operators = [
            SimulatedBinaryCrossOver(peer, tournament_size=2, eta=15.0, cross_over_rate=1.0),
            PolynomialMutation(peer, eta=20.0, mutation_probability=1.0 / problem.n_var),
        ]
        self._search = GeneticAlgorithm(
            peer, operators=operators, popsize=self.pop_size, re_evaluate=False, elitist=True
        )

    def _initialize_advance(self, infills: Population | None = None, **kwargs: Any) -> None:
        self._step()

    def _advance(self, infills: Population | None = None, **kwargs: Any) -> None:
        self._step()

    def _initialize_infill(self) -> None:
        return None

    def _infill(self) -> None:
        return None

    def _step(self) -> None:
        # The first step evaluates parents and offspring, each later one the offspring only.
        self._search.step()
        found = self._search.population
        masks, values = found.values.numpy().astype(float), found.evals.numpy().astype(float)
        self.pop = Population.new(X=masks, F=values)
        for individual in self.pop:
            individual.evaluated.add("F")


class _EvoTorchProblem(evotorch.Problem):
    def __init__(self, algorithm: EvoTorchNSGA2) -> None:
        self._algorithm = algorithm
        super().__init__(
            ["min", "min"],
            solution_length=algorithm.problem.n_var,
            bounds=(0.0, 1.0),
            seed=int(algorithm.random_state.integers(2**31)),
            dtype=torch.float32,
            eval_dtype=torch.float64,
        )

    def _fill(self, values: torch.Tensor) -> None:
        algorithm = self._algorithm
        masks = algorithm.sampling(
            algorithm.problem, len(values), random_state=algorithm.random_state, to_numpy=True
        )
        values[:] = torch.as_tensor(masks)

    def _evaluate_batch(self, solutions: Any) -> None:
        algorithm = self._algorithm
        masks = Population.new(X=solutions.values.numpy().astype(float).clip(0.0, 1.0))
        algorithm.evaluator.eval(algorithm.problem, masks, algorithm=algorithm)
        solutions.set_evals(torch.as_tensor(masks.get("F")))
