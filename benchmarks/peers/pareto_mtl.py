"""`ParetoMTL`: descent in both objectives, each mask within its own part of the objective space."""

from typing import Any

import numpy as np

from .set_descent import SetDescent


class ParetoMTL(SetDescent):
    """Pareto multi-task learning of Lin, Zhen, Li, Zhang and Kwong (2019), for two objectives.

    Mask k belongs to the preference vector u_k, a direction in the first quadrant. Where another vector is
    nearer to its values, (u_j - u_k) · F > 0, the gradient of that violation joins those of the objectives; a
    mask descends along the shortest vector of their convex hull. A mask with violations first descends in
    these alone, until there are none; that is the paper's search for a start.

    Args:
        n_masks: masks, and preference vectors at even angles.
        lr: Adam's learning rate.
        **kwargs: options of every pymoo algorithm.
    """

    def __init__(self, n_masks: int = 33, lr: float = 0.2, **kwargs: Any) -> None:
        super().__init__(n_masks, lr, **kwargs)
        angles = np.linspace(0, np.pi / 2, n_masks)
        # Levels rise, so the first objective falls: the first vector is that of the sound alone.
        self._vectors = np.column_stack([np.cos(angles), np.sin(angles)])
        self._started = np.zeros(n_masks, dtype=bool)

    def slopes(self, F: np.ndarray, gradients: np.ndarray) -> np.ndarray:
        """Return the shortest vector of each mask's convex hull."""
        differences = self._vectors[None] - self._vectors[:, None]
        violated = np.einsum("kjm,km->kj", differences, F) > 0
        self._started |= ~violated.any(axis=1)
        found = np.empty(gradients[:, 0].shape)
        for index, (active, slope) in enumerate(zip(violated, gradients, strict=True)):
            # Each vector of the hull is a combination of the gradients of the two objectives.
            rows = differences[index][active]
            if self._started[index]:
                rows = np.vstack([np.eye(2), rows])
            found[index] = shortest(rows, slope @ slope.T) @ slope
        return found


def shortest(rows: np.ndarray, gram: np.ndarray) -> np.ndarray:
    """Find the shortest vector of the convex hull of combinations of two vectors.

    Args:
        rows: ``(n, 2)`` coefficients of the two vectors.
        gram: ``(2, 2)`` inner products of the two vectors.

    Returns:
        ``(2,)`` its coefficients. Within the plane of the two vectors it is 0, or lies between two corners.
    """
    products = rows @ gram @ rows.T
    squares = np.diag(products)
    # Between corners a and b the square of a + t (b - a) is least at t.
    lengths = squares[:, None] + squares[None] - 2 * products
    t = np.clip((squares[:, None] - products) / np.where(lengths > 0, lengths, 1.0), 0.0, 1.0)
    values = squares[:, None] + t * (t * lengths - 2 * (squares[:, None] - products))
    a, b = np.unravel_index(values.argmin(), values.shape)
    plane = rows @ np.linalg.cholesky(gram + 1e-12 * np.trace(gram) * np.eye(2))
    angles = np.sort(np.arctan2(plane[:, 1], plane[:, 0]))
    gaps = np.diff(np.r_[angles, angles[:1] + 2 * np.pi])
    if gaps.max() < np.pi:
        return np.zeros(2)
    return np.asarray(rows[a] + t[a, b] * (rows[b] - rows[a]))
