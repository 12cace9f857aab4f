"""`JacobianDescent`: descent of every mask in all objectives at once, by rules of TorchJD.

It needs the packages of ``benchmarks/requirements.txt``.
"""

from typing import Any

import numpy as np
import torch
from torchjd.aggregation import MGDA, Aggregator, UPGrad

from .set_descent import SetDescent

RULES = {"UPGrad": UPGrad, "MGDA": MGDA}
"""UPGrad: Quinton and Rey (2024). MGDA: Désidéri (2012), by Algorithm 2 of Sener and Koltun (2018)."""


class JacobianDescent(SetDescent):
    """Descent of every mask along a direction that TorchJD makes of its gradients.

    Args:
        rule: one of `RULES`.
        n_masks: masks of the set.
        lr: Adam's learning rate.
        **kwargs: options of every pymoo algorithm.
    """

    def __init__(self, rule: str = "UPGrad", n_masks: int = 33, lr: float = 0.2, **kwargs: Any) -> None:
        super().__init__(n_masks, lr, **kwargs)
        self._aggregate: Aggregator = RULES[rule]()

    def slopes(self, F: np.ndarray, gradients: np.ndarray) -> np.ndarray:
        """Return each mask's aggregated gradient."""
        return torch.stack([self._aggregate(one) for one in torch.from_numpy(gradients)]).numpy()
