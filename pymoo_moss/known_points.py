"""Derive what is known of a front before any search: ideal and nadir point, and the hypervolume's box."""

from collections.abc import Sequence
from dataclasses import dataclass

import moocore
import numpy as np

from .errors import ObjectiveError
from .objectives import Objective


@dataclass(frozen=True)
class KnownPoints:
    """Points ``(n_obj,)`` in the units of the losses, NaN where a value is unknown.

    Attributes:
        ideal: exact ideal point.
        nadir: exact nadir point.
        low: ideal point, or a lower bound of the losses where that is not known exactly.
        ref: nadir point, or an upper bound of the losses where that is not known exactly.
    """

    ideal: np.ndarray
    nadir: np.ndarray
    low: np.ndarray
    ref: np.ndarray


def known_points(
    objectives: Sequence[Objective], ends: np.ndarray, upper_bounds: Sequence[float | None], *, attained: bool
) -> KnownPoints:
    """Derive the known points from the losses at both ends of the front.

    Args:
        objectives: in the order of the columns.
        ends: ``(2, n_obj)`` losses of the sound alone and of the picture alone.
        upper_bounds: losses that no mask exceeds, None where unknown.
        attained: whether these are the losses of constant masks X = 0 and X = 1, the linear mixture.
            Otherwise they bound the losses, and nothing is known exactly.

    Raises:
        ObjectiveError: a loss at an end that should be known is not finite.
    """
    ideal, nadir, low, ref = np.full((4, len(objectives)), np.nan)
    for column, objective in enumerate(objectives):
        losses = ends[:, column]
        if not np.isfinite(losses).all() and (attained or objective.of_mix):
            raise ObjectiveError(
                f"expected finite losses from objective '{objective.name}', got {losses} for the sound alone "
                "and the picture alone"
            )
        opposite = _nadir_level(objective, objectives)
        if objective.least_at is not None:
            low[column] = losses[int(objective.least_at)]
        elif objective.lower_bound is not None:
            low[column] = objective.lower_bound
        bound = upper_bounds[column]
        if opposite is not None:
            ref[column] = losses[opposite]
        elif bound is not None:
            ref[column] = bound
        elif objective.monotone and objective.least_at is not None:
            ref[column] = losses[1 - int(objective.least_at)]
        if attained:
            if objective.least_at is not None or objective.lower_bound == losses.min():
                ideal[column] = low[column]
            if opposite is not None:
                nadir[column] = ref[column]
    return KnownPoints(ideal, nadir, low, ref)


def share_of_box(F: np.ndarray, low: np.ndarray, ref: np.ndarray) -> float:
    """Compute the hypervolume of points ``F (n, n_obj)``, a share of the box between two corners.

    0 where the box is flat, because picture and sound agree in an objective: nothing can be gained there.
    """
    if np.size(F) == 0 or (ref <= low).any():
        return 0.0
    points = (np.atleast_2d(F) - low) / (ref - low)
    return float(moocore.hypervolume(points, ref=np.ones(len(low))))


def _nadir_level(objective: Objective, objectives: Sequence[Objective]) -> int | None:
    """Return the constant mask at which the front's greatest value of an objective is known to be.

    That mask must be on the front, as the only one at which another objective is least. Then it
    has the greatest value if that is the greatest of all (`monotone`), or if there are just two
    objectives, where the end of the front in one is its beginning in the other.
    """
    if objective.least_at is None:
        return None
    opposite = 1 - int(objective.least_at)
    on_front = any(other.least_at == opposite for other in objectives)
    return opposite if on_front and (objective.monotone or len(objectives) == 2) else None
