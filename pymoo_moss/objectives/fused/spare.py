"""Arrays that are kept from one evaluation to the next: fresh memory takes longer to get than to fill."""

import math
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np

Arrays = TypeVar("Arrays")


class Spare(Generic[Arrays]):
    """Arrays of one purpose, as many as have been in use at the same time; any thread may take them.

    Args:
        make: makes new ones where none is left.
    """

    def __init__(self, make: Callable[[], Arrays]) -> None:
        self._make = make
        self._left: deque[Arrays] = deque()

    def take(self) -> Arrays:
        """Return arrays that nobody else has, with what they held when they were given back."""
        try:
            return self._left.pop()
        except IndexError:
            return self._make()

    def give_back(self, arrays: Arrays) -> None:
        """Leave arrays to the next one; those that an error keeps from this are freed."""
        self._left.append(arrays)


class SpareFloats:
    """Arrays of float32 of one purpose and any shape."""

    def __init__(self) -> None:
        self._spare = Spare(lambda: np.empty(0, np.float32))

    def take(self, *shape: int) -> np.ndarray:
        """Return an array with any content."""
        flat, size = self._spare.take(), math.prod(shape)
        if flat.size < size:
            flat = np.empty(size, np.float32)
        return flat[:size].reshape(shape)

    def give_back(self, *arrays: np.ndarray) -> None:
        """Leave arrays to the next one."""
        for array in arrays:
            self._spare.give_back(array.base)  # type: ignore[arg-type]  # what `take` has cut it from
