"""Problems with the structure that majorisation and certified bounds require."""

from pymoo.core.problem import Problem

from ..errors import ObjectiveError
from ..objectives import Structure, find_structure


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
