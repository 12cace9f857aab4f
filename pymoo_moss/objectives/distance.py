"""Absolute differences that can be differentiated where they vanish."""

import torch
from torch import Tensor

_ROUNDINGS = 16
"""Units of precision by which values that should be equal may differ."""


def distance(values: Tensor, target: Tensor, other: Tensor, unit: float) -> Tensor:
    """``|values - target|``, with a derivative that is right at the target.

    A blend of the target and another value lies between the two: near the target the sign of the difference
    is known, while that of the computed difference is an accident of rounding, or 0.

    Args:
        values: a blend, or anything else.
        target: one end of the blend, broadcast against the values.
        other: the other end, broadcast likewise.
        unit: the size of what is rounded beside the target itself; 1 for logarithms, whose arguments are.
    """
    difference = values - target
    precision = _ROUNDINGS * torch.finfo(values.dtype).eps
    near = difference.abs() <= precision * (target.abs() + unit)
    sign = torch.where(near, torch.sign(other - target), torch.sign(difference)).detach()
    along = sign * difference
    # The value is that of abs, the derivative that along the sign.
    return along + (difference.abs() - along).detach()
