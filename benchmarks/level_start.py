"""The start of peers that descend by torch's Adam: logits of constant levels."""

import numpy as np
import torch


def adam_from_levels(
    n_masks: int, n_var: int, lr: float, random_state: np.random.Generator
) -> tuple[torch.Tensor, torch.optim.Adam]:
    """Make logits ``(n_masks, n_var)`` of levels from 0.02 to 0.98, and an optimiser for them."""
    levels = np.linspace(0.02, 0.98, n_masks)
    logits = np.repeat(np.log(levels / (1 - levels))[:, None], n_var, axis=1)
    # A little noise breaks the symmetry of constant masks.
    logits += 0.01 * random_state.standard_normal(logits.shape)
    variables = torch.tensor(logits, requires_grad=True)
    return variables, torch.optim.Adam([variables], lr=lr)
