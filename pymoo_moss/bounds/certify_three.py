"""Certified bounds of `VisualL1`, `AudioLogL1` and `MaskRoughness` together."""

from dataclasses import dataclass

import numpy as np

from ..masks import SWEEP_LEVELS, constant_masks
from ..objectives.fused.lanes import WIDTH
from ..problem import MOSSProblem
from .facets import LEAST_WEIGHT, facets_below, neighbours_of, open_facets
from .front_bounds import FrontBounds
from .non_dominated import most_valuable_points, non_dominated_points
from .smooth_majorisation import SmoothMajorisation
from .volume import VolumeAbove, volume_above

_AT_ONCE = WIDTH
"""Weights that are solved together: as many masks as the compiled loops evaluate side by side."""
_STEPS = 40
"""Majorised steps of a descent."""
_TIGHTENINGS = 4
"""Frank-Wolfe steps of a pass, for each weight that it improves."""
_TIGHTENED = 32
"""Weights whose minorants a pass improves."""
_STEPS_BETWEEN_TIGHTENINGS = 20
_LEAST_START = 1e-4
"""Least complement to which a relaxed solution is raised before its descent is resumed."""
_LEAST_GAIN = 1e-4
"""Least decrease of the volume by a pass for which another pass is made."""
_SPREAD = np.array([1e-2, 1e-1, 1.0, 1e1, 1e2])
"""First weights of either further loss, of normalised losses; that of the log loss is 1."""
_FILLINGS, _MOST_BETWEEN = 6, 2000
"""Rounds in which masks between neighbours are evaluated, and most masks of a round."""
_MOST_POINTS = 2000
"""Most points that are kept as the front."""
_LOG, _FURTHER = 1, [0, 2]
"""Columns of the losses: of the log loss, and of linear loss and roughness."""


def certify_three(problem: MOSSProblem, n_weights: int, n_passes: int) -> FrontBounds:
    """Compute bounds of three objectives; see `certify`.

    Raises:
        ObjectiveError: the problem has other objectives.
    """
    search = _Search(problem)
    search.add(_first_weights(n_weights))
    while search.size < n_weights and search.add_open(min(n_weights - search.size, _AT_ONCE)):
        pass
    volume = search.volume().upper
    for _ in range(n_passes):
        search.tighten(_TIGHTENED)
        before, volume = volume, search.volume().upper
        if before - volume < _LEAST_GAIN:
            break
    search.fill()
    return search.bounds()


def _first_weights(count: int) -> np.ndarray:
    """Return at most ``count`` weights ``(n, 2)`` of linear loss and roughness, without roughness first."""
    alone = [(linear, 0.0) for linear in _SPREAD]
    both = [(linear, rough) for rough in _SPREAD for linear in _SPREAD[1:-1]]
    return np.array((alone + both)[:count])


@dataclass
class _Solved:
    """Masks and bounds for each weight, of losses in units of their extent.

    Attributes:
        weights: ``(n, 2)`` of linear loss and roughness; that of the log loss is 1.
        losses: ``(n, 3)`` linear loss, log loss and roughness of the best points.
        minorants: ``(n, n_var)`` slopes of linear minorants of the concave part.
        relaxed: ``(n, n_var)`` complements of the relaxed problems' solutions.
        bounds: ``(n,)`` lower bounds of the exact weighted sums, in units of the log loss.
        tightenings: ``(n,)`` how often each minorant was improved.
    """

    weights: np.ndarray
    losses: np.ndarray
    minorants: np.ndarray
    relaxed: np.ndarray
    bounds: np.ndarray
    tightenings: np.ndarray

    def joined(self, other: "_Solved") -> "_Solved":
        """Return these and other weights."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return _Solved(*(np.concatenate(pair) for pair in pairs))


class _Search:
    def __init__(self, problem: MOSSProblem) -> None:
        self._problem = problem
        self._solver = SmoothMajorisation(problem)
        self._relaxation = self._solver.relaxation
        self._columns = list(self._solver.columns)
        self._scale = problem.scale[self._columns]
        low, high = problem.hypervolume_box
        self._extent = ((high - low) * problem.scale)[self._columns]
        masks = np.empty((0, problem.n_var))
        none = np.empty(0)
        self._known = _Solved(np.empty((0, 2)), np.empty((0, 3)), masks, masks, none, none.astype(int))
        self._masks, self._points = masks, np.empty((0, 3))
        self._evaluate(constant_masks(np.linspace(0.0, 1.0, SWEEP_LEVELS), problem.n_var))

    @property
    def size(self) -> int:
        return len(self._known.weights)

    def add(self, weights: np.ndarray) -> None:
        """Solve for weights ``(n, 2)``, several at a time, each from the mask that is best for it so far."""
        for begin in range(0, len(weights), _AT_ONCE):
            self._known = self._known.joined(self._solve(weights[begin : begin + _AT_ONCE]))
        self._exchange()

    def add_open(self, count: int) -> bool:
        """Solve for at most ``count`` weights, below the facets of the points' hull that are open most."""
        weights, lower = self._planes()
        found = open_facets(facets_below(self._points), weights, lower, _LOG, count)
        further = found[:, _FURTHER]
        further[:, 1] = np.where(further[:, 1] <= LEAST_WEIGHT, 0.0, further[:, 1])
        self.add(further)
        return bool(len(found))

    def volume(self) -> VolumeAbove:
        """Bound the hypervolume, as a share of the box."""
        return volume_above(*self._planes())

    def tighten(self, count: int) -> None:
        """Improve the minorants of the weights whose gaps cost most hypervolume, as with two objectives."""
        known, relaxation = self._known, self._relaxation
        _, lower = self._planes()
        gaps = (self._weighted(known.weights) * known.losses).sum(axis=1) - lower
        rows = np.argsort(-gaps * self.volume().faces, kind="stable")[:count]
        weights, minorants, relaxed = known.weights[rows], known.minorants[rows], known.relaxed[rows]
        for _ in range(_TIGHTENINGS):
            share = (2 / (known.tightenings[rows] + 4))[:, None]
            best = relaxation.linear_minorants(relaxed < 0.5)
            minorants = (1 - share) * minorants + share * best
            relaxed = np.maximum(relaxed, _LEAST_START)
            relaxed = self._descended(relaxed, weights, _STEPS_BETWEEN_TIGHTENINGS, minorants)
            known.tightenings[rows] += 1
        known.minorants[rows], known.relaxed[rows] = minorants, relaxed
        bounds = relaxation.smooth_lower_bounds(*self._of_losses(weights), minorants, relaxed)
        known.bounds[rows] = np.maximum(known.bounds[rows], bounds)
        self._evaluate(1.0 - self._descended(relaxed, weights, _STEPS))
        self._exchange()

    def fill(self) -> None:
        """Find more points: by descents from the middle of facets, and masks between those of neighbours."""
        for _ in range(_FILLINGS):
            facets = facets_below(self._points)
            largest = np.argsort(-facets.areas, kind="stable")[:_AT_ONCE]
            middles = 1.0 - self._masks[facets.points[largest]].mean(axis=1)
            weights = facets.weights(_LOG)[largest][:, _FURTHER]
            self._evaluate(1.0 - self._descended(middles, weights, _STEPS))
            ends = neighbours_of(self._points)[:_MOST_BETWEEN]
            self._evaluate(self._masks[ends].mean(axis=1))

    def bounds(self) -> FrontBounds:
        """Return all bounds, in the problem's units and order of objectives."""
        weights, lower = self._planes()
        of_problem = np.empty_like(weights)
        of_problem[:, self._columns] = weights / self._extent * self._scale * self._extent[_LOG]
        points = np.empty_like(self._points)
        points[:, self._columns] = self._points * self._extent / self._scale
        order = np.argsort(points[:, 0], kind="stable")
        return FrontBounds(
            of_problem, lower * self._extent[_LOG], self._problem.hypervolume_box, points[order]
        )

    def _planes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return weights ``(n, 3)`` and lower bounds ``(n,)`` of normalised losses as they are evaluated."""
        known = self._known
        lower = self._relaxation.allowed(*self._of_losses(known.weights), known.bounds)
        return self._weighted(known.weights), lower / self._extent[_LOG]

    def _weighted(self, weights: np.ndarray) -> np.ndarray:
        return np.insert(weights, _LOG, 1.0, axis=1)

    def _of_losses(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return weights of linear loss and roughness, each ``(n,)``, in the losses' units."""
        of_losses = weights * self._extent[_LOG] / self._extent[_FURTHER]
        return of_losses[:, 0], of_losses[:, 1]

    def _solve(self, weights: np.ndarray) -> _Solved:
        sums = self._weighted(weights) @ self._points.T
        y = self._descended(1.0 - self._masks[sums.argmin(axis=1)], weights, _STEPS)
        minorants = self._relaxation.linear_minorants(y < 0.5)
        relaxed = self._descended(y, weights, _STEPS, minorants)
        bounds = self._relaxation.smooth_lower_bounds(*self._of_losses(weights), minorants, relaxed)
        losses = self._evaluate(1.0 - y)
        return _Solved(weights, losses, minorants, relaxed, bounds, np.zeros(len(y), dtype=int))

    def _descended(
        self, y: np.ndarray, weights: np.ndarray, steps: int, minorants: np.ndarray | None = None
    ) -> np.ndarray:
        return self._solver.descend(y, *self._of_losses(weights), steps=steps, minorants=minorants)

    def _exchange(self) -> None:
        """Assign to each weight the losses that are best for it among all."""
        known = self._known
        best = (self._weighted(known.weights) @ self._points.T).argmin(axis=1)
        known.losses = self._points[best]

    def _evaluate(self, masks: np.ndarray) -> np.ndarray:
        """Evaluate masks, add them to the points, and return their normalised losses ``(n, 3)``."""
        F = self._problem.evaluate(masks, return_values_of=["F"])[:, self._columns]
        losses = F * self._scale / self._extent
        masks, points = np.vstack([self._masks, masks]), np.vstack([self._points, losses])
        kept = non_dominated_points(points)
        kept = kept[most_valuable_points(points[kept], _MOST_POINTS)]
        self._masks, self._points = masks[kept], points[kept]
        return np.asarray(losses)
