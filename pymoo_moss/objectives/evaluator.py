"""Protocols of evaluators, and the number of masks that they take at a time."""

from typing import Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np

from ..errors import OptionError

Engine = Literal["auto", "torch", "numba"]


class LogParts(NamedTuple):
    """The log-L1 loss and the two parts of its gradient, one convex and one concave in the mask.

    Attributes:
        values: ``(n,)``.
        convex: ``(n, n_var)``, the gradient from bins in which the sound is louder than the picture.
        concave: ``(n, n_var)``, the gradient from all other bins.
    """

    values: np.ndarray
    convex: np.ndarray
    concave: np.ndarray

    @property
    def falls(self) -> np.ndarray:
        """The name of `convex` in version 0.1."""
        return self.convex

    @property
    def rises(self) -> np.ndarray:
        """The name of `concave` in version 0.1."""
        return self.concave


class Evaluator(Protocol):
    """Evaluates some of the objectives on masks ``x (n, n_var)``, float64 in [0, 1]."""

    masks_at_once: int
    """Masks that are best evaluated together."""

    block: int
    """Masks that are evaluated together however few there are."""

    bytes_per_mask: int
    """Memory that one mask of such a batch takes."""

    def values(self, x: np.ndarray) -> np.ndarray:
        """Return losses ``(n, objectives)``, for every mask the same in any batch."""
        ...

    def values_and_gradients(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return losses ``(n, objectives)`` and gradients ``(n, objectives, n_var)``."""
        ...


@runtime_checkable
class SeparatesParts(Protocol):
    """An evaluator that separates the convex part of `AudioLogL1` from the concave one."""

    def parts(self, x: np.ndarray) -> LogParts:
        """Return losses and the two parts of their gradients."""
        ...


class Sized(Protocol):
    """The part of an evaluator that decides how many masks it takes at a time."""

    masks_at_once: int
    block: int
    bytes_per_mask: int


class Unsuitable(Exception):  # noqa: N818  (a reason, not an error: torch takes over)
    """The compiled evaluators do not support this encoder or these objectives; the message says why."""


def batch_size(evaluator: Sized, max_memory_mb: float) -> int:
    """Return how many masks an evaluator takes at a time within a memory limit in MiB.

    Raises:
        OptionError: the limit does not hold one mask.
    """
    masks = max_memory_mb * 2**20 // evaluator.bytes_per_mask
    # Written so that NaN fails it too.
    if not masks >= 1:
        raise OptionError(
            f"expected max_memory_mb of at least {evaluator.bytes_per_mask / 2**20:.2f}, what one mask takes "
            f"with these objectives, got {max_memory_mb}"
        )
    return int(min(masks // evaluator.block * evaluator.block, evaluator.masks_at_once))
