"""`Draws`: random numbers that are the same in every version of NumPy."""

import numpy as np


class Draws:
    """Uniform random numbers from a seed.

    They are taken from the raw output of PCG64, which NumPy keeps, not from the methods of
    `numpy.random.Generator`, whose streams may change.

    Args:
        *key: non-negative whole numbers that determine all that is drawn.
    """

    def __init__(self, *key: int) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence(key))

    def array(self, low: float, high: float, *shape: int) -> np.ndarray:
        """Draw an array of numbers from ``low`` to ``high``."""
        raw = self._bits.random_raw(int(np.prod(shape)))
        unit: np.ndarray = (raw >> np.uint64(11)).astype(float) * 2.0**-53
        return low + (high - low) * unit.reshape(shape)

    def number(self, low: float, high: float) -> float:
        """Draw a number from ``low`` to ``high``."""
        return float(self.array(low, high, 1)[0])

    def whole(self, low: int, high: int) -> int:
        """Draw a whole number from ``low`` to ``high``, both included."""
        return min(high, int(self.number(low, high + 1)))
