"""Certified bounds of fronts with few variables, by branching: separate bounds for each box of masks.

Half-planes bound a front by its convex hull. Where the front bends outwards, as with white pictures and
single tones, that bound is loose. In a small box of masks the concave terms are nearly linear.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..masks import constant_masks
from .front_masks import FrontMasks
from .non_dominated import non_dominated
from .relaxation import Relaxation

_AT_ONCE = 128
"""Boxes that are split together."""

_STEPS = 6
"""Number of quadrants that cover the sloping border of the losses of a box."""

_SHARES = np.array([0.0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9])
"""Positions in a variable's range at which it may be split; in digital silence small levels matter most."""

_TINY = np.finfo(float).tiny

Losses = Callable[[np.ndarray], np.ndarray]
"""Function from masks ``(n, n_var)`` to losses ``(n, 2)``, or from first losses to second ones ``(n,)``."""


@dataclass(frozen=True)
class Branches:
    """Result of branching.

    Attributes:
        corners: ``(n, 2)`` linear and log losses; those of any mask are at or above one of these in both.
        masks: ``(m, n_var)`` non-dominated masks.
    """

    corners: np.ndarray
    masks: np.ndarray


@dataclass
class _Boxes:
    """Boxes of masks.

    Attributes:
        low: ``(k, n_var)`` least levels.
        high: ``(k, n_var)`` greatest levels.
        at_low: ``(k, 2)`` losses of ``low``, in units of their extent.
        at_high: ``(k, 2)`` losses of ``high``, in the same units.
        quadrants: ``(k, steps, 2)`` corners of quadrants that contain the losses of all masks of a box.
        potential: ``(k,)`` estimates of what the boxes could add to the hypervolume.
    """

    low: np.ndarray
    high: np.ndarray
    at_low: np.ndarray
    at_high: np.ndarray
    quadrants: np.ndarray
    potential: np.ndarray

    def __len__(self) -> int:
        return len(self.low)

    def __getitem__(self, chosen: np.ndarray) -> "_Boxes":
        return _Boxes(*(values[chosen] for values in vars(self).values()))

    def joined(self, other: "_Boxes") -> "_Boxes":
        """Return these boxes followed by others."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return _Boxes(*(np.concatenate(pair) for pair in pairs))


class Brancher:
    """Branch and bound over boxes of masks, which are split where they could add most hypervolume.

    Both losses are monotone in every variable, so that a box's least linear loss is at its greatest levels
    and its least log loss at its least levels. Between the two a line bounds the losses: a tangent of the
    convex terms and a chord of the concave ones, see `Relaxation.box_bounds`. Bounds for all masks hold in
    every box, too.

    Args:
        relaxation: relaxation of the plane.
        losses: function that evaluates the linear and log losses ``(n, 2)`` of masks.
        extent: ``(2,)`` distance from ideal to nadir point, in the units of these losses.
        envelope: decreasing function that returns the least second loss ``(n,)`` for first losses ``(n,)``,
            both in units of their extent.
    """

    def __init__(self, relaxation: Relaxation, losses: Losses, extent: np.ndarray, envelope: Losses) -> None:
        self._relaxation, self._allowance = relaxation, relaxation.allowance
        self._losses, self._extent, self._envelope = losses, extent, envelope

    def branches(self, known: FrontMasks, most_boxes: int, loose_enough: float) -> Branches:
        """Branch from the box of all masks.

        Args:
            known: the front so far.
            most_boxes: most boxes to make.
            loose_enough: looseness, the share of the hypervolume's upper bound that no known point reaches,
                at which to stop.
        """
        # A new front without a limit on the number of masks.
        front = FrontMasks(known.masks, known.losses)
        ends = constant_masks([0.0, 1.0], known.masks.shape[1])
        at_low, at_high = self._scaled(ends)
        boxes = self._boxes(ends[:1], ends[1:], at_low[None], at_high[None], front)
        made = 1
        while made < most_boxes:
            corners = boxes.quadrants.reshape(-1, 2)
            if front.hypervolume() >= (1 - loose_enough) * front.hypervolume(corners):
                break
            boxes, front = self._split(boxes, front)
            made += 2 * _AT_ONCE
        corners = np.vstack([boxes.quadrants.reshape(-1, 2), front.losses])
        return Branches(corners[non_dominated(corners)] * self._extent, front.masks)

    def _split(self, boxes: _Boxes, front: FrontMasks) -> tuple[_Boxes, FrontMasks]:
        """Split the boxes of greatest potential in two, and add the masks evaluated for that to the front."""
        order = np.argsort(-boxes.potential, kind="stable")
        chosen, rest = boxes[order[:_AT_ONCE]], boxes[order[_AT_ONCE:]]
        variables, tried, losses = self._best_variables(chosen)
        front = front.joined(tried, losses)
        numbers = np.arange(len(chosen))
        lines = np.repeat(chosen.low[:, None], len(_SHARES), axis=1)
        start, end = chosen.low[numbers, variables], chosen.high[numbers, variables]
        lines[numbers, :, variables] = start[:, None] + (end - start)[:, None] * _SHARES
        along = self._scaled(lines.reshape(-1, lines.shape[2])).reshape(len(chosen), -1, 2)
        # Split where the losses have moved by half of what the whole range of the variable moves them.
        moved = np.abs(along - along[:, :1]).sum(axis=2)
        whole = np.abs(losses.reshape(len(chosen), -1, 2)[numbers, variables] - along[:, 0]).sum(axis=1)
        places = np.abs(moved[:, 1:] - whole[:, None] / 2).argmin(axis=1) + 1
        upper_low, lower_high = lines[numbers, places], chosen.high.copy()
        lower_high[numbers, variables] = upper_low[numbers, variables]
        at_upper_low, at_lower_high = along[numbers, places], self._scaled(lower_high)
        front = front.joined(lines.reshape(-1, lines.shape[2]), along.reshape(-1, 2))
        front = front.joined(lower_high, at_lower_high)
        halves = self._boxes(
            np.vstack([chosen.low, upper_low]),
            np.vstack([lower_high, chosen.high]),
            np.vstack([chosen.at_low, at_upper_low]),
            np.vstack([at_lower_high, chosen.at_high]),
            front,
        )
        return rest.joined(halves), front

    def _best_variables(self, boxes: _Boxes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the variables ``(k,)`` that move each box's losses most, the masks tried, their losses."""
        count, n_var = boxes.low.shape
        raised = np.repeat(boxes.low[:, None], n_var, axis=1)
        variables = np.arange(n_var)
        raised[:, variables, variables] = boxes.high
        tried = raised.reshape(-1, n_var)
        losses = self._scaled(tried)
        moved = np.abs(losses.reshape(count, n_var, 2) - boxes.at_low[:, None]).sum(axis=2)
        return moved.argmax(axis=1), tried, losses

    def _boxes(
        self, low: np.ndarray, high: np.ndarray, at_low: np.ndarray, at_high: np.ndarray, front: FrontMasks
    ) -> _Boxes:
        quadrants = self._quadrants(low, high, at_low, at_high)
        areas = front.undominated(quadrants.reshape(-1, 2)).reshape(len(low), -1)
        return _Boxes(low, high, at_low, at_high, quadrants, areas.max(axis=1))

    def _quadrants(
        self, low: np.ndarray, high: np.ndarray, at_low: np.ndarray, at_high: np.ndarray
    ) -> np.ndarray:
        # Lowered by the rounding errors of these evaluations, and by those of any mask in the box.
        least = np.stack([at_high[:, 0], at_low[:, 1]], axis=1) * self._extent
        corner = self._allowance.of_losses(self._allowance.of_losses(least)) / self._extent
        fall = np.maximum(at_low[:, 0] - at_high[:, 0], _TINY) * self._extent[0]
        trade_offs = np.maximum(at_high[:, 1] - at_low[:, 1], _TINY) * self._extent[1] / fall
        exact = self._relaxation.box_bounds(low, high, trade_offs)
        line = self._allowance.of_any(trade_offs, exact)[:, None] / self._extent[1]
        slope = trade_offs[:, None] * self._extent[0] / self._extent[1]
        # From the first loss of the corner to where the line reaches the second loss of the corner.
        nearest, farthest = corner[:, :1], np.maximum(at_low[:, :1], corner[:, :1])
        reach = np.clip((line - corner[:, 1:]) / slope, nearest, farthest)
        first = nearest + np.linspace(0, 1, _STEPS + 1) * (reach - nearest)
        # The bound decreases, so that between two of these it is at least its value at the second.
        second = np.maximum(line - slope * first, self._envelope(first.ravel()).reshape(first.shape))
        second = np.maximum(np.c_[second[:, 1:], np.zeros(len(low))], corner[:, 1:])
        return np.stack([first, second], axis=2)

    def _scaled(self, masks: np.ndarray) -> np.ndarray:
        return np.asarray(self._losses(masks) / self._extent)
