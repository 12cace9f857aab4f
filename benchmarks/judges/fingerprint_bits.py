"""Comparison of two audio fingerprints."""

import numpy as np


def equal_bits(one: np.ndarray, other: np.ndarray) -> float:
    """Compute the share of equal bits of two fingerprints, each ``(n,)`` uint32, over the shorter length."""
    length = min(len(one), len(other))
    different = np.unpackbits((one[:length] ^ other[:length]).view(np.uint8))
    return 1.0 - float(different.mean())
