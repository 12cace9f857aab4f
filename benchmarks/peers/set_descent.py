"""`SetDescent`: masks that descend at once, each along a direction of its own, by torch's Adam."""

from abc import abstractmethod
from typing import Any

import numpy as np
import torch
from pymoo.core.algorithm import Algorithm
from pymoo.core.population import Population

from pymoo_moss.search import EVALUATIONS_PER_GRADIENT
from pymoo_moss.search.archive import FrontArchive

POPULATION = 100
"""Masks in a population, and points of a front."""


class SetDescent(Algorithm):
    """Descends with a set of masks by Adam on their logits.

    It starts from constant levels between 0.02 and 0.98 with a little noise, which breaks their symmetry. The
    front is the most valuable of all points that were evaluated, the two ends among them.

    Args:
        n_masks: masks of the set.
        lr: Adam's learning rate.
        archive_size: points of the front.
        **kwargs: options of every pymoo algorithm.
    """

    def __init__(self, n_masks: int, lr: float, archive_size: int = POPULATION, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n_masks, self.lr, self.archive_size = n_masks, lr, archive_size

    @abstractmethod
    def slopes(self, F: np.ndarray, gradients: np.ndarray) -> np.ndarray:
        """Choose what each mask descends along.

        Args:
            F: ``(n, n_obj)`` values of the masks, as shares of the box of the hypervolume.
            gradients: ``(n, n_obj, n_var)`` gradients of these by the masks.

        Returns:
            ``(n, n_var)``: each mask goes against its row.
        """

    def _setup(self, problem: Any, **kwargs: Any) -> None:
        self._archive = FrontArchive(self.archive_size)
        self._archive.box = problem.hypervolume_box
        levels = np.linspace(0.02, 0.98, self.n_masks)
        logits = np.repeat(np.log(levels / (1 - levels))[:, None], problem.n_var, axis=1)
        logits += 0.01 * self.random_state.standard_normal(logits.shape)
        self._logits = torch.tensor(logits, requires_grad=True)
        self._adam = torch.optim.Adam([self._logits], lr=self.lr)

    def _initialize_infill(self) -> Population:
        ends = np.repeat([[0.0], [1.0]], self.problem.n_var, axis=1)
        return Population.new(X=ends)

    def _infill(self) -> Population:
        masks = torch.sigmoid(self._logits.detach())
        F, gradients = self.problem.evaluate(masks.numpy(), return_values_of=["F", "dF"])
        self.evaluator.n_eval += EVALUATIONS_PER_GRADIENT * len(masks)
        extent = self._archive.box[1]
        slopes = self.slopes(self._archive.normalised(F), gradients / extent[:, None])
        self._logits.grad = torch.from_numpy(slopes) * masks * (1 - masks)
        self._adam.step()
        evaluated = Population.new(X=masks.numpy(), F=F)
        evaluated.apply(lambda one: one.evaluated.update(("F", "G", "H")))
        return evaluated

    def _initialize_advance(self, infills: Population | None = None, **kwargs: Any) -> None:
        self._advance(infills)

    def _advance(self, infills: Population | None = None, **kwargs: Any) -> None:
        self._archive.add(infills)
        self.pop = self._archive.front
