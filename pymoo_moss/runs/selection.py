"""Select the solutions of a front to look at and listen to."""

import numpy as np

from ..errors import ObjectiveError
from ..objectives import Objective
from ..problem import MOSSProblem

PICK_LABELS = {
    "clear": "clear picture and song",
    "best visual": "best picture",
    "balanced": "balanced",
    "best audio": "best sound",
}
"""What people read for the names of `three_picks`."""


def display_box(problem: MOSSProblem, F: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners ``(n_obj,)`` of a box that scales the objectives of a front ``F (n, n_obj)``.

    It is the box of the problem's hypervolume; where an objective has no bounds, it spans the front, pure
    sound and pure picture.
    """
    try:
        return problem.hypervolume_box
    except ObjectiveError:
        known = np.vstack([problem.losses_at_ends, F])
        return np.nanmin(known, axis=0), np.nanmax(known, axis=0)


def by_picture(F: np.ndarray, picture: int = 0) -> np.ndarray:
    """Order points ``F (n, n_obj)`` from best to worst in the picture's objective.

    Args:
        F: the points.
        picture: column of the picture's objective; points that are equal there are ordered by the others.
    """
    others = np.delete(F, picture, axis=1)
    return np.lexsort((*others.T[::-1], F[:, picture]))


def three_picks(
    F: np.ndarray, ideal: np.ndarray, ref_point: np.ndarray, picture: int = 0, sound: int = 1
) -> dict[str, int]:
    """Find the best visual, the balanced and the best audio solution.

    Best visual and best audio have the least value of the picture's and of the sound's objective. Balanced is
    nearest to the ideal point, with every objective scaled by the box from ideal to reference point: the
    knee of the front. With three or more points it is neither of the other two.

    Args:
        F: ``(n, n_obj)`` points of the front.
        ideal: ``(n_obj,)`` ideal point.
        ref_point: ``(n_obj,)`` reference point.
        picture: column of the picture's objective.
        sound: column of the sound's objective.

    Returns:
        Indices of ``"best visual"``, ``"balanced"`` and ``"best audio"``.
    """
    visual = int(np.lexsort((F[:, sound], F[:, picture]))[0])
    audio = int(np.lexsort((F[:, picture], F[:, sound]))[0])
    distance = np.linalg.norm(_scaled(F, ideal, ref_point), axis=1)
    if len(F) > 2:
        distance[[visual, audio]] = np.inf
    return {"best visual": visual, "balanced": int(distance.argmin()), "best audio": audio}


def clear_pick(
    F: np.ndarray,
    ideal: np.ndarray,
    ref_point: np.ndarray,
    picture: int = 0,
    sound: int = 1,
    *,
    recognised: float = Objective.recognised,
    unnoticed: float | None = None,
) -> int:
    """Find the solution with the best sound among those in which the picture is as clear as it can be.

    That is where the picture's objective is within a share of its range of its best value on the front: the
    balanced solution may be beyond, where bright parts of the picture are missing over silence. Among
    solutions whose sound nobody can tell from it, the clearest picture is taken.

    Args:
        F: see `three_picks`.
        ideal: see `three_picks`.
        ref_point: see `three_picks`.
        picture: see `three_picks`.
        sound: see `three_picks`.
        recognised: share of the range; see `Objective`.
        unnoticed: value of the sound's objective; see `Objective`.
    """
    scaled = _scaled(F, ideal, ref_point)[:, picture]
    beyond = scaled > scaled.min() + recognised
    clear = int(np.lexsort((F[:, picture], F[:, sound], beyond))[0])
    if unnoticed is None:
        return clear
    candidates = np.flatnonzero(F[:, sound] <= max(unnoticed, F[clear, sound]))
    return int(candidates[F[candidates, picture].argmin()])


def evenly_along(
    F: np.ndarray, count: int, ideal: np.ndarray, ref_point: np.ndarray, picture: int = 0
) -> list[int]:
    """Select at most ``count`` points at even distances along the front, both ends included.

    Args:
        F: ``(n, n_obj)`` points of the front, in any order.
        count: number of points to select.
        ideal: ``(n_obj,)`` ideal point.
        ref_point: ``(n_obj,)`` reference point.
        picture: column of the picture's objective, which orders the points.

    Returns:
        Indices in order from best picture to best sound.
    """
    order = by_picture(F, picture)
    if count >= len(order):
        return [int(index) for index in order]
    along = distances_along(F[order], ideal, ref_point)
    targets = np.linspace(0.0, along[-1], count)
    nearest = np.abs(along[:, None] - targets).argmin(axis=0)
    return [int(order[index]) for index in np.unique(nearest)]


def distances_along(F: np.ndarray, ideal: np.ndarray, ref_point: np.ndarray) -> np.ndarray:
    """Compute the cumulative distance along a front.

    Args:
        F: ``(n, n_obj)`` points in order along the front.
        ideal: ``(n_obj,)`` ideal point.
        ref_point: ``(n_obj,)`` reference point.

    Returns:
        ``(n,)`` distances from the first point, over all points between, scaled as in `three_picks`.
    """
    steps = np.linalg.norm(np.diff(_scaled(F, ideal, ref_point), axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _scaled(F: np.ndarray, ideal: np.ndarray, ref_point: np.ndarray) -> np.ndarray:
    box = ref_point - ideal
    scaled: np.ndarray = (F - ideal) / np.where(box > 0, box, 1.0)
    return scaled
