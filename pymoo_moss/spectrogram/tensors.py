"""Tensors of torch as arrays of NumPy."""

import numpy as np
from torch import Tensor


def tensor_as_array(tensor: Tensor) -> np.ndarray:
    """Return the numbers of a tensor of any kind that NumPy has, or of a short floating-point one.

    Raises:
        ValueError: it has no numbers, or not all of them, or of no such kind.
    """
    try:
        values = tensor.detach().cpu().resolve_conj().resolve_neg()
        if values.is_floating_point() and values.itemsize < 4:
            values = values.float()
        array: np.ndarray = values.numpy()
    # Of several classes: for sparse, quantised and empty ones.
    except (TypeError, RuntimeError) as error:
        raise ValueError(
            f"expected a dense tensor of numbers, got {tensor.layout}, {tensor.dtype}"
        ) from error
    return array
