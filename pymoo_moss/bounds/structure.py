"""Problems with the structure that majorisation and certified bounds require."""

from typing import NamedTuple

from pymoo.core.problem import Problem

from ..errors import ObjectiveError
from ..objectives import AudioLogL1, MaskRoughness, Structure, VisualL1, find_structure


class ThreeColumns(NamedTuple):
    """Columns of F of `VisualL1`, of `AudioLogL1` without a floor, and of `MaskRoughness`."""

    linear: int
    log: int
    rough: int


def structure_of(problem: Problem) -> Structure:
    """Return the columns of the linear and of the log objective of a problem.

    Raises:
        ObjectiveError: the problem has other objectives, or see `check_linear`.
    """
    check_linear(problem)
    return find_structure(problem.objectives)


def check_linear(problem: Problem) -> None:
    """Make sure that a problem's F is that of its objectives, for masks that are mixed linearly.

    Raises:
        ObjectiveError: its mixture is not linear, or its F is another one, as in a subclass or a wrapping
            problem with another evaluation.
    """
    if not getattr(problem, "evaluates_objectives", False):
        raise ObjectiveError(
            f"expected a problem whose F is that of its objectives, got {type(problem).__name__}, which "
            "evaluates something else"
        )
    if not problem.encoder.linear_mixture:
        raise ObjectiveError(
            "expected the linear mixture of masks on the control grid, got "
            f"{type(problem.encoder).__name__}, for which no bound is derived"
        )


def three_columns_of(problem: Problem) -> ThreeColumns:
    """Return the columns of the three objectives of a problem for which bounds are derived.

    Raises:
        ObjectiveError: the problem has other objectives, or see `check_linear`.
    """
    check_linear(problem)
    # By exact type, because a subclass may mean another loss.
    kinds = [type(objective) for objective in problem.objectives]
    wanted = VisualL1, AudioLogL1, MaskRoughness
    if sorted(kinds, key=str) == sorted(wanted, key=str):
        columns = ThreeColumns(*(kinds.index(kind) for kind in wanted))
        log = problem.objectives[columns.log]
        if isinstance(log, AudioLogL1) and log.floor_db is None:
            return columns
    names = ", ".join(objective.name for objective in problem.objectives)
    raise ObjectiveError(
        "expected visual_l1, audio_log_l1 without a floor and mask_roughness, the three objectives for which "
        f"bounds are derived; got {names}"
    )
