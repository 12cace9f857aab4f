"""`HypervolumeAdam`: the hypervolume gradient of a set of masks, followed by torch's Adam."""

from typing import Any

import numpy as np
import torch
from pymoo.core.algorithm import Algorithm
from pymoo.core.population import Population

from pymoo_moss.search import EVALUATIONS_PER_GRADIENT
from pymoo_moss.search.archive import FrontArchive
from pymoo_moss.search.hypervolume_gradient import hypervolume_weights

from .level_start import adam_from_levels


class HypervolumeAdam(Algorithm):
    """Ascends the hypervolume of a set of masks by Adam on their logits.

    It starts from constant levels between 0.02 and 0.98 with a little noise. The front is the most valuable
    of all points that were evaluated, the two ends among them.

    Args:
        n_masks: masks of the set.
        lr: Adam's learning rate. Of 0.1, 0.2, 0.4 and 0.8 on ``owl-drums-16x32``, one seed, 0.4 is the best
            after 10,000 evaluations, and 0.8 after 3,000.
        archive_size: points of the front, as many as `FrontAscent` keeps.
        **kwargs: options of every pymoo algorithm.
    """

    def __init__(self, n_masks: int = 100, lr: float = 0.4, archive_size: int = 400, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n_masks, self.lr, self.archive_size = n_masks, lr, archive_size

    def _setup(self, problem: Any, **kwargs: Any) -> None:
        self._archive = FrontArchive(self.archive_size)
        self._archive.box = problem.hypervolume_box
        self._logits, self._adam = adam_from_levels(self.n_masks, problem.n_var, self.lr, self.random_state)

    def _initialize_infill(self) -> Population:
        ends = np.repeat([[0.0], [1.0]], self.problem.n_var, axis=1)
        return Population.new(X=ends)

    def _infill(self) -> Population:
        masks = torch.sigmoid(self._logits.detach())
        F, gradients = self.problem.evaluate(masks.numpy(), return_values_of=["F", "dF"])
        self.evaluator.n_eval += EVALUATIONS_PER_GRADIENT * len(masks)
        weights = hypervolume_weights(self._archive.normalised(F)) / self.problem.hypervolume_box[1]
        slopes = torch.from_numpy(np.einsum("nm,nmv->nv", weights, gradients))
        self._logits.grad = slopes * masks * (1 - masks)
        self._adam.step()
        evaluated = Population.new(X=masks.numpy(), F=F)
        evaluated.apply(lambda one: one.evaluated.update(("F", "G", "H")))
        return evaluated

    def _initialize_advance(self, infills: Population | None = None, **kwargs: Any) -> None:
        self._advance(infills)

    def _advance(self, infills: Population | None = None, **kwargs: Any) -> None:
        self._archive.add(infills)
        self.pop = self._archive.front
