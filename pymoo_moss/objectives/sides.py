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


def _columns_of(side: Side, sides: Sequence[Side | None]) -> list[int]:
    """Return the columns of the objectives of one side."""
    return [column for column, one in enumerate(sides) if one == side]


def picture_and_sound(sides: Sequence[Side | None]) -> tuple[int, int]:
    """Return the columns of the objectives that stand for picture and sound: the first of each side.

    Where a side has none, another objective takes its place, the first one the picture's.
    """
    picture, sound = _columns_of("picture", sides), _columns_of("sound", sides)
    first = picture[0] if picture else next(c for c in range(len(sides)) if c not in sound[:1])
    second = sound[0] if sound else next(c for c in range(len(sides)) if c != first)
    return first, second
