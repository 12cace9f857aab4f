"""`Characteristics`: the features of one problem."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .difficulty import Difficulty
from .front_shape import FrontShape
from .gradients import GradientRange
from .interaction import Interaction
from .looseness import Looseness
from .minima import Minima
from .ruggedness import Ruggedness


@dataclass(frozen=True)
class Characteristics:
    """Features of a problem; `docs/instances.md` has their definitions.

    Attributes:
        concave_share: share of the plane's bins in which the picture is louder than the sound: there
            ``audio_log_l1`` is concave in the mask.
        front: shape of the front.
        minima: local minima of weighted sums at a quarter, half and three quarters of the front; none if left
            out.
        gradients: ranges of the gradients over smooth masks.
        interaction: of the variables, for each objective; None where they are on no grid.
        random_walk: ruggedness of each objective along walks that change all variables independently.
        smooth_walk: likewise along walks of `SmoothNoiseMutation`.
        looseness: what the certificate leaves open; None without one.
        difficulty: evaluations that `FrontAscent` needs; None without a certificate.
    """

    concave_share: float
    front: FrontShape
    minima: tuple[Minima, ...]
    gradients: GradientRange
    interaction: tuple[Interaction, ...] | None
    random_walk: tuple[Ruggedness, ...]
    smooth_walk: tuple[Ruggedness, ...]
    looseness: Looseness | None
    difficulty: Difficulty | None

    def row(self) -> dict[str, float]:
        """Return all figures by name, as a row of a table.

        Figures of several objectives, places or seeds are numbered from 1; arrays are left out.
        """
        return dict(_figures("", asdict(self)))


def _figures(name: str, value: Any) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _figures(f"{name}_{key}" if name else key, one)
    elif isinstance(value, tuple):
        for number, one in enumerate(value, 1):
            yield from _figures(f"{name}_{number}", one)
    elif value is not None and not isinstance(value, np.ndarray):
        yield name, float(value)
