"""pymoo's CMOPSO with all of its random numbers from the run's seed."""

from typing import Any

import numpy as np
from pymoo.algorithms.moo.cmopso import CMOPSO, CrowdingDistanceTournamentSurvival
from pymoo.core.population import Population
from pymoo.core.problem import Problem


class ReproducibleCMOPSO(CMOPSO):  # type: ignore[misc]
    """CMOPSO whose archive draws from the algorithm's generator.

    pymoo 0.6.2 thins the archive by tournaments with an unseeded one, so that runs with one seed differ.
    """

    def _setup(self, problem: Problem, **kwargs: Any) -> None:
        super()._setup(problem, **kwargs)
        self.elites.truncation.survival = _SeededTournament(self.random_state)


class _SeededTournament(CrowdingDistanceTournamentSurvival):  # type: ignore[misc]
    def __init__(self, generator: np.random.Generator) -> None:
        super().__init__()
        self._generator = generator

    def _do(self, problem: Problem, pop: Population, n_survive: int, **kwargs: Any) -> Population:
        kwargs["random_state"] = self._generator
        return super()._do(problem, pop, n_survive, **kwargs)
