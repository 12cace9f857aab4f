"""`FrontMasks`: non-dominated masks, and the widest gaps between them."""

from typing import NamedTuple

import moocore
import numpy as np

from .non_dominated import most_valuable, non_dominated


class Neighbours(NamedTuple):
    """Pairs of masks that are neighbours on the front.

    Attributes:
        before: ``(n, n_var)`` masks with the smaller first loss.
        after: ``(n, n_var)`` masks with the larger first loss.
        trade_offs: ``(n,)`` weights of the first loss at which both have the same weighted sum.
    """

    before: np.ndarray
    after: np.ndarray
    trade_offs: np.ndarray


class FrontMasks:
    """Non-dominated masks of two losses.

    Args:
        masks: ``(n, n_var)``.
        losses: ``(n, 2)`` in units of their extent, from 0 to 1 between the ends of the front.
        most: most masks to keep, those that contribute most hypervolume; None for all.
    """

    def __init__(self, masks: np.ndarray, losses: np.ndarray, most: int | None = None) -> None:
        best = non_dominated(losses)
        if most is not None:
            best = best[most_valuable(losses[best], most)]
        self.masks, self.losses, self._most = masks[best], losses[best], most

    def joined(self, masks: np.ndarray, losses: np.ndarray) -> "FrontMasks":
        """Return the front of these and other masks."""
        return FrontMasks(np.vstack([self.masks, masks]), np.vstack([self.losses, losses]), self._most)

    def hypervolume(self, beside: np.ndarray | None = None) -> float:
        """Return the hypervolume of the front, or of the front and points ``(n, 2)`` together."""
        points = self.losses if beside is None else np.vstack([self.losses, beside])
        return float(moocore.hypervolume(points, ref=np.ones(2)))

    def undominated(self, corners: np.ndarray) -> np.ndarray:
        """Return the areas ``(n,)``, not dominated by the front, of the quadrants of corners ``(n, 2)``."""
        left, right = np.r_[0.0, self.losses[:, 0]], np.r_[self.losses[:, 0], 1.0]
        top = np.r_[1.0, self.losses[:, 1]]
        widths = np.minimum(right, 1.0) - np.maximum(left, corners[:, :1])
        heights = np.minimum(top, 1.0) - corners[:, 1:]
        return np.asarray((widths.clip(min=0.0) * heights.clip(min=0.0)).sum(axis=1))

    def widest_gaps(self, count: int) -> Neighbours:
        """Return at most ``count`` pairs of neighbours, those that span the largest rectangles."""
        steps = np.abs(np.diff(self.losses, axis=0))
        widest = np.argsort(-steps.prod(axis=1), kind="stable")[:count]
        widths, heights = steps[widest].T
        return Neighbours(self.masks[widest], self.masks[widest + 1], heights / widths)
