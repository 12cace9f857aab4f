"""Absolute difference with a useful derivative where it vanishes."""

import torch
from torch import Tensor

_ROUNDINGS = 16
"""Roundings, in units of precision, by which equal values may differ."""


def distance(values: Tensor, target: Tensor, other: Tensor, unit: float) -> Tensor:
    """Return ``|values - target|``, with the one-sided derivative at the target.

    A blend of the target and another value lies between the two, so that the sign of the difference is known.
    Near the target, the sign of the computed difference is 0 or determined by rounding, and is not used.

    Args:
        values: blends of ``target`` and ``other``, or any other values.
        target: one end of the blend, broadcast against the values.
        other: the other end, broadcast likewise.
        unit: size of the rounded quantity beside the target itself; 1 for logarithms, whose arguments are
            rounded.
    """
    difference = values - target
    precision = _ROUNDINGS * torch.finfo(values.dtype).eps
    near = difference.abs() <= precision * (target.abs() + unit)
    sign = torch.where(near, torch.sign(other - target), torch.sign(difference)).detach()
    along = sign * difference
    # The value of abs, with the derivative of the product with the sign.
    return along + (difference.abs() - along).detach()
