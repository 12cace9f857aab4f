"""Ask a problem what samplings, operators and algorithms need to know, with defaults where it does not say.

Any pymoo `Problem` with finite bounds will do that fills ``F`` and, on request, ``dF``. A `MOSSProblem` says
more, and a problem that wraps one may say the same by attributes of the same names: ``grid``, ``ends``,
``sides``, ``losses_at_ends`` and ``hypervolume_box``.
"""

import numpy as np
from pymoo.core.problem import Problem

from ..errors import ObjectiveError, OptionError
from ..objectives import Side, find_sides


def check_bounds(problem: Problem) -> None:
    """Make sure that a problem's variables are continuous between finite bounds.

    Raises:
        OptionError: they are not.
    """
    bounded = problem.has_bounds() and all(
        isinstance(bound, np.ndarray) and np.isfinite(bound).all() for bound in (problem.xl, problem.xu)
    )
    if not bounded:
        raise OptionError(f"expected variables with finite bounds xl and xu, got a {problem.name()} without")


def evaluated(problem: Problem, X: np.ndarray) -> np.ndarray:
    """Return F ``(n, n_obj)`` alone, whatever else the problem computes."""
    return np.asarray(problem.evaluate(X, return_values_of=["F"]))


def grid_of(problem: Problem) -> tuple[int, int] | None:
    """Return the rows and columns that the variables stand on, row-major; None where they are on no grid."""
    grid = getattr(problem, "grid", None)
    if grid is None:
        return None
    if np.shape(grid) != (2,):
        raise OptionError(f"expected grid as (rows, columns) from {problem.name()}, got {grid!r}")
    rows, columns = (int(size) for size in grid)
    return (rows, columns) if rows * columns == problem.n_var else None


def ends_of(problem: Problem) -> np.ndarray:
    """Return variables ``(2, n_var)`` of the sound alone and of the picture alone; the bounds by default.

    Raises:
        OptionError: the problem has no finite bounds, or its ends another shape.
    """
    check_bounds(problem)
    ends = getattr(problem, "ends", None)
    if ends is None:
        return np.stack([problem.xl, problem.xu])
    if np.shape(ends) != (2, problem.n_var):
        raise OptionError(
            f"expected ends of shape (2, n_var) = (2, {problem.n_var}) from {problem.name()}, "
            f"got {np.shape(ends)}"
        )
    # A problem that wraps another one may allow less.
    return np.asarray(np.clip(np.asarray(ends, dtype=float), problem.xl, problem.xu))


def sides_of(problem: Problem, at_ends: np.ndarray) -> tuple[Side | None, ...]:
    """Return which side each objective measures.

    Args:
        problem: says it by ``sides``.
        at_ends: ``(2, n_obj)`` F of the ends, which decides where the problem does not.
    """
    declared = getattr(problem, "sides", None)
    if declared is None:
        return find_sides([None] * problem.n_obj, *at_ends)
    if len(declared) != problem.n_obj:
        raise OptionError(
            f"expected a side for each of {problem.n_obj} objectives from {problem.name()}, got {declared!r}"
        )
    return tuple(declared)


def range_of(problem: Problem, at_ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the least value and the extent ``(n_obj,)`` of each objective between the ends of the front.

    Args:
        problem: says by ``losses_at_ends`` what pure sound and pure picture are worth, which may be known
            where no variables lead there.
        at_ends: ``(2, n_obj)`` F of the ends, which count where the problem does not say.

    Returns:
        The extent is 1 where an objective is the same at both ends.
    """
    known = getattr(problem, "losses_at_ends", None)
    if known is None or np.shape(known) != at_ends.shape:
        known = at_ends
    known = np.where(np.isfinite(known).all(axis=0), known, at_ends)
    extent = np.ptp(known, axis=0)
    return known.min(axis=0), np.where(extent > 0, extent, 1.0)


def box_of(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners ``(n_obj,)`` of the box that hypervolumes are shares of.

    It spans the values at the ends of the front where the problem does not say.
    """
    box = _known_box(problem)
    if box is None:
        at_ends = evaluated(problem, ends_of(problem))
        return at_ends.min(axis=0), at_ends.max(axis=0)
    return box


def reference_box(problem: Problem, at_ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the best values ``(n_obj,)`` and the distances ``(n_obj,)`` from these to the reference point.

    As `box_of`, from values at the ends that are known already: ``at_ends (2, n_obj)``.

    Returns:
        The distance is 1 where an objective is the same at both ends.
    """
    box = _known_box(problem)
    if box is None:
        return range_of(problem, at_ends)
    low, ref = box
    return low, np.where(ref > low, ref - low, 1.0)


def _known_box(problem: Problem) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the box that the problem says, or None where it does not know it."""
    try:
        box = getattr(problem, "hypervolume_box", None)
    except ObjectiveError:
        return None
    return None if box is None else (np.asarray(box[0], dtype=float), np.asarray(box[1], dtype=float))


def objective_names(problem: Problem) -> list[str]:
    """Return the objectives' names, or numbers where they have none."""
    objectives = getattr(problem, "objectives", None)
    if objectives is None:
        return [f"objective {number}" for number in range(1, problem.n_obj + 1)]
    return [objective.name for objective in objectives]
