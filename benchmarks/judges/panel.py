"""The panel: the judges that are installed, each prepared for the pair that it judges."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import numpy as np

from .descriptions import JUDGES, Description, Truth

Judge = Callable[[np.ndarray], float]
"""From a view ``(height, width)`` in [0, 1], or from samples ``(n,)`` at 48 kHz, to what a judge says."""


def unavailable() -> dict[str, list[str]]:
    """Return the judges that cannot be asked here, and what they lack."""
    return {name: one.missing for name, one in JUDGES.items() if one.missing}


def panel(
    truths: Mapping[Truth, Any], descriptions: Mapping[str, Description] = JUDGES
) -> dict[str, Judge | None]:
    """Prepare the judges that are installed and that a pair has something for.

    Args:
        truths: what there is to compare with.
        descriptions: of the judges.

    Returns:
        The judges by name; None for one that has nothing to say, as of faces where there is none.
    """
    return {
        name: import_module(f".{one.module}", __package__).prepare(truths[one.truth])
        for name, one in descriptions.items()
        if one.truth in truths and not one.missing
    }
