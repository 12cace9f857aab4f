"""`HypervolumeAdam`: the hypervolume gradient of a set of masks, followed by torch's Adam."""

from typing import Any

import numpy as np

from pymoo_moss.search.hypervolume_gradient import hypervolume_weights

from .set_descent import SetDescent


class HypervolumeAdam(SetDescent):
    """Ascends the hypervolume of a set of masks by Adam on their logits.

    Args:
        n_masks: masks of the set.
        lr: Adam's learning rate. Of 0.1, 0.2, 0.4 and 0.8 on ``owl-drums-16x32``, one seed, 0.4 is the best
            after 10,000 evaluations, and 0.8 after 3,000.
        archive_size: points of the front, by default as many as `FrontAscent` keeps.
        **kwargs: options of every pymoo algorithm.
    """

    def __init__(self, n_masks: int = 100, lr: float = 0.4, archive_size: int = 400, **kwargs: Any) -> None:
        super().__init__(n_masks, lr, archive_size, **kwargs)

    def slopes(self, F: np.ndarray, gradients: np.ndarray) -> np.ndarray:
        """Return the gradient of the hypervolume of all masks, negative, by each."""
        return np.asarray(np.einsum("nm,nmv->nv", hypervolume_weights(F), gradients))
