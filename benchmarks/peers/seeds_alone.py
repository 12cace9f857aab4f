"""`SeedsAlone`: gradient seeding without a subsequent search."""

from typing import Any

from pymoo.core.algorithm import Algorithm
from pymoo.core.population import Population

from pymoo_moss import GradientSeedSampling


class SeedsAlone(Algorithm):
    """Gradient seeding without a subsequent search."""

    def __init__(self, sampling: GradientSeedSampling, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sampling = sampling

    def _initialize_infill(self) -> Population:
        return self.sampling(
            self.problem, self.sampling.n_seeds, algorithm=self, random_state=self.random_state
        )

    def _initialize_advance(self, infills: Population | None = None, **kwargs: Any) -> None:
        self.termination.terminate()
