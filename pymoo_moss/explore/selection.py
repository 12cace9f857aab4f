"""Which solutions of a front to look at and listen to."""

import numpy as np


def by_picture(F: np.ndarray) -> np.ndarray:
    """Order of the points ``F (n, n_obj)`` from best to worst in the first objective, the picture."""
    return np.lexsort(F.T[::-1])


def three_picks(F: np.ndarray, ideal: np.ndarray, ref_point: np.ndarray) -> dict[str, int]:
    """Indices of the best visual, the balanced and the best audio solution.

    Best visual and best audio are least in the first and the second objective. Balanced is nearest to
    the ideal point, with every objective scaled by the box from ideal to reference point: the
    knee of the front. It is an inner point wherever there is one.
    """
    visual, audio = int(np.lexsort((F[:, 1], F[:, 0]))[0]), int(np.lexsort((F[:, 0], F[:, 1]))[0])
    distance = np.linalg.norm(_scaled(F, ideal, ref_point), axis=1)
    if len(F) > 2:
        distance[[visual, audio]] = np.inf
    return {"best visual": visual, "balanced": int(distance.argmin()), "best audio": audio}


def evenly_along(F: np.ndarray, count: int, ideal: np.ndarray, ref_point: np.ndarray) -> list[int]:
    """At most ``count`` indices, ends included, at even distances along the front.

    Distances are measured between neighbours in the order of the first objective, scaled as in
    `three_picks`.
    """
    order = by_picture(F)
    if count >= len(order):
        return [int(index) for index in order]
    along = distances_along(F[order], ideal, ref_point)
    targets = np.linspace(0.0, along[-1], count)
    nearest = np.abs(along[:, None] - targets).argmin(axis=0)
    return [int(order[index]) for index in np.unique(nearest)]


def distances_along(F: np.ndarray, ideal: np.ndarray, ref_point: np.ndarray) -> np.ndarray:
    """Distances ``(n,)`` of points ``F (n, n_obj)`` in order from the first, along the front, as there."""
    steps = np.linalg.norm(np.diff(_scaled(F, ideal, ref_point), axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _scaled(F: np.ndarray, ideal: np.ndarray, ref_point: np.ndarray) -> np.ndarray:
    box = ref_point - ideal
    scaled: np.ndarray = (F - ideal) / np.where(box > 0, box, 1.0)
    return scaled
