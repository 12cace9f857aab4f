"""Facets of the lower convex hull of points of three losses, and where below them bounds are needed."""

from typing import NamedTuple

import numpy as np
from scipy.spatial import ConvexHull, Delaunay

_FAR = 2.0
"""Length of the rays from the points, which make the hull that of all that the points dominate."""
LEAST_WEIGHT, _GREATEST_WEIGHT = 1e-4, 1e6
"""Range of weights of normalised losses; lesser ones count as equal."""
_NEAR = 0.05
"""Distance of logarithms below which two weights count as the same."""
_PARALLEL = 1e-12
"""Least cosine between the normals of a facet and of a plane that it meets."""


class Facets(NamedTuple):
    """Facets of the lower convex hull.

    Attributes:
        normals: ``(n, 3)`` unit normals, not negative.
        centres: ``(n, 3)`` centres of the parts within the unit cube.
        areas: ``(n,)`` of these parts, approximately.
        points: ``(n, 3)`` indices of the points that they are spanned by.
    """

    normals: np.ndarray
    centres: np.ndarray
    areas: np.ndarray
    points: np.ndarray

    def weights(self, upward: int) -> np.ndarray:
        """Return the normals ``(n, 3)`` as weights of which that of column ``upward`` is 1."""
        heights = np.maximum(self.normals[:, upward], np.finfo(float).tiny)
        return np.asarray(np.clip(self.normals / heights[:, None], LEAST_WEIGHT, _GREATEST_WEIGHT))


def facets_below(points: np.ndarray) -> Facets:
    """Return the facets of the convex hull of all that points ``(n, 3)`` in the unit cube dominate."""
    rays = [points + _FAR * axis for axis in np.eye(3)]
    hull = ConvexHull(np.vstack([points, *rays]))
    normals = -hull.equations[:, :3]
    corners = np.minimum(hull.points[hull.simplices], 1.0)
    below = (normals > -1e-9).all(axis=1) & (hull.simplices < len(points)).any(axis=1)
    normals, corners = np.maximum(normals[below], 0.0), corners[below]
    spanned = hull.simplices[below] % len(points)  # a ray counts as its point
    sides = corners[:, 1:] - corners[:, :1]
    areas = np.linalg.norm(np.cross(sides[:, 0], sides[:, 1]), axis=1) / 2
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return Facets(normals, corners.mean(axis=1), areas, spanned)


def open_facets(
    facets: Facets, weights: np.ndarray, lower_bounds: np.ndarray, upward: int, count: int
) -> np.ndarray:
    """Return the normals of the facets below which planes leave most volume, at most ``count``.

    This is the dichotomic search of Aneja and Nair (1979) with three losses: the weights at which the points
    of a facet have the same sum find the point farthest below it.

    Args:
        facets: of the points' hull.
        weights: ``(n, 3)`` of the planes, in the units of the facets.
        lower_bounds: ``(n,)`` of these.
        upward: the column of the loss whose weight is 1.
        count: most normals.

    Returns:
        Weights ``(k, 3)`` whose column ``upward`` is 1, none of them near to one of the planes or another.
    """
    slack = facets.centres @ weights.T - lower_bounds
    depths = (slack / np.maximum(facets.normals @ weights.T, _PARALLEL)).min(axis=1)
    order = np.argsort(-facets.areas * np.maximum(depths, 0.0), kind="stable")
    known, chosen = list(_logarithms(weights)), []
    for weight in facets.weights(upward)[order]:
        logarithms = _logarithms(weight)
        if all(np.abs(logarithms - one).max() >= _NEAR for one in known):
            known.append(logarithms)
            chosen.append(weight)
            if len(chosen) == count:
                break
    return np.array(chosen).reshape(-1, 3)


def _logarithms(weights: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(np.maximum(weights, LEAST_WEIGHT)))


def neighbours_of(points: np.ndarray) -> np.ndarray:
    """Return pairs ``(n, 2)`` of neighbours on a front ``(n, 3)`` in the unit cube, the farthest apart first.

    They are neighbours in a Delaunay triangulation of the front, seen along its diagonal.
    """
    plane = points[:, :2] - points[:, 2:]
    triangles = Delaunay(plane).simplices
    pairs = np.vstack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    lengths = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)
    return np.asarray(pairs[np.argsort(-lengths, kind="stable")])
