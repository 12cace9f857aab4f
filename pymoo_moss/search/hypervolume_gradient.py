"""The gradient of a front's hypervolume: how much every point gains it by lowering each of its objectives."""

import numpy as np

from ..bounds import non_dominated

_LEAST = 1e-5
"""Least weight: a point that gains nothing alone still goes on."""


def hypervolume_weights(points: np.ndarray) -> np.ndarray:
    """Return the weights of the objectives with which every point of a set increases its hypervolume most.

    The derivative of the hypervolume in an objective of a point is, with two objectives, the distance to the
    neighbour in the other objective; with three, the area of the face that the point has in the other two
    (Emmerich and Deutz 2014). A point that others dominate has none: with two objectives it counts like all
    others in their order, with three it gets the weights that it would have alone, as with more objectives.

    Args:
        points: ``(n, m)`` objectives of which 0 is the best value and 1 the reference point.

    Returns:
        Weights ``(n, m)``, positive, whose largest is 1 for every point.
    """
    if points.shape[1] == 2:
        weights = _distances(points)
    else:
        weights = _alone(points)
        if points.shape[1] == 3:
            faces = _faces(points)
            counts = faces.max(axis=1) > 0
            weights[counts] = faces[counts]
    weights = np.maximum(weights, _LEAST)
    return np.asarray(weights / weights.max(axis=1, keepdims=True))


def _distances(points: np.ndarray) -> np.ndarray:
    """Return distances ``(n, 2)`` to the neighbours, which begin and end with the corners of the box."""
    order = np.argsort(points[:, 0], kind="stable")
    line = np.vstack([[0.0, 1.0], points[order], [1.0, 0.0]])
    distances = np.empty_like(points)
    distances[order, 0] = line[:-2, 1] - line[1:-1, 1]
    distances[order, 1] = line[2:, 0] - line[1:-1, 0]
    return distances


def _alone(points: np.ndarray) -> np.ndarray:
    """Return the derivatives ``(n, m)`` of the volume between each point and the reference point."""
    sides = np.maximum(1.0 - points, _LEAST)
    return np.asarray(sides.prod(axis=1, keepdims=True) / sides)


def _faces(points: np.ndarray) -> np.ndarray:
    """Return the areas ``(n, 3)`` that each point dominates alone at its own value of each objective."""
    areas = np.zeros_like(points)
    for objective in range(3):
        others = np.delete(points, objective, axis=1)
        order = np.argsort(points[:, objective], kind="stable")
        front = np.empty((0, 2))
        for point in order:
            areas[point, objective] = gained_areas(front, others[point : point + 1])[0]
            front = np.vstack([front, others[point]])
            front = front[non_dominated(front)]
    return areas


def gained_areas(front: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the area ``(n,)`` up to (1, 1) that each point alone dominates and a front does not.

    Args:
        front: ``(f, 2)`` non-dominated points, the first objective increasing.
        points: ``(n, 2)``.
    """
    front = front[(front < 1.0).all(axis=1)]
    first, second = np.minimum(points, 1.0).T
    # The front is a descending staircase. Its steps end here, and the area under it up to there is so much.
    ends = np.append(front[:, 0], 1.0)
    under = np.append(0.0, np.cumsum(np.diff(ends) * front[:, 1]))
    # A point dominates, under the staircase, what is between itself and the first step that is not higher.
    begin = np.searchsorted(front[:, 0], first, side="right")
    end = np.searchsorted(-front[:, 1], -second, side="left")
    height = np.append(1.0, front[:, 1])[begin]
    areas = (ends[begin] - first) * height + under[end] - under[begin] - (ends[end] - first) * second
    return np.where(begin <= end, np.maximum(areas, 0.0), 0.0)
