"""Which objectives measure the picture, and which the sound."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

Side = Literal["picture", "sound"]


def find_sides(
    declared: Sequence[Side | None], at_sound: np.ndarray, at_picture: np.ndarray
) -> tuple[Side | None, ...]:
    """Return the side of each objective: the declared one, else the end of the front where it is less.

    Args:
        declared: what the objectives say of themselves; None where they do not.
        at_sound: ``(n_obj,)`` their losses for the sound alone, NaN where unknown.
        at_picture: ``(n_obj,)`` their losses for the picture alone, NaN where unknown.

    Returns:
        ``(n_obj,)``; None for objectives that do not say and do not differ between the ends.
    """
    seen: dict[int, Side] = {-1: "picture", 1: "sound"}
    order = np.sign(np.nan_to_num(at_picture - at_sound))
    return tuple(side or seen.get(int(sign)) for side, sign in zip(declared, order, strict=True))


def columns_of(side: Side, sides: Sequence[Side | None]) -> list[int]:
    """Return the columns of the objectives of one side."""
    return [column for column, one in enumerate(sides) if one == side]
