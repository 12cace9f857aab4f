"""The pair of objectives whose structure majorisation and certified bounds require."""

from collections.abc import Sequence
from typing import NamedTuple

from ..errors import ObjectiveError
from .audio_log_l1 import AudioLogL1
from .base import Objective
from .visual_l1 import VisualL1


class Structure(NamedTuple):
    """Columns of F of a loss that is linear in the mask, and of a sum of logarithms of linear functions.

    Attributes:
        linear: the column of `VisualL1`.
        log: the column of `AudioLogL1` without a floor.
    """

    linear: int
    log: int


def find_structure(objectives: Sequence[Objective]) -> Structure:
    """Find the columns of `VisualL1` and of `AudioLogL1` without a floor.

    Raises:
        ObjectiveError: the objectives are not exactly these two.
    """
    # By exact type, because a subclass may mean another loss.
    linear = [column for column, objective in enumerate(objectives) if type(objective) is VisualL1]
    log = [column for column, o in enumerate(objectives) if type(o) is AudioLogL1 and o.floor_db is None]
    if len(objectives) == 2 and linear and log:
        return Structure(linear[0], log[0])
    names = " and ".join(
        f"{o.name} with a floor" if type(o) is AudioLogL1 and o.floor_db is not None else o.name
        for o in objectives
    )
    raise ObjectiveError(
        "expected visual_l1, which is linear in the mask, and audio_log_l1 without a floor, which is a sum "
        f"of logarithms of linear functions; got {names}, for which no such form is known"
    )
