"""`certify`: certified bounds of the best possible front."""

import math
from dataclasses import dataclass

import numpy as np

from .._arithmetic import computing
from ..errors import OptionError
from ..masks import SWEEP_LEVELS, constant_masks
from ..objectives.fused.lanes import WIDTH
from ..problem import MOSSProblem
from .branching import Brancher
from .certify_three import certify_three
from .front_bounds import FrontBounds
from .front_masks import FrontMasks
from .majorisation import Majorisation
from .non_dominated import non_dominated
from .structure import structure_of, three_columns_of
from .trade_offs import between_points, spread_trade_offs

_WEIGHTS, _WEIGHTS_OF_THREE = 48, 128
"""Number of weights with two and with three objectives."""

_AT_ONCE = WIDTH
"""Weights that are solved together: as many masks as the compiled loops evaluate side by side."""

_STEPS = 40
"""Multiplicative steps of a descent."""

_TIGHTENINGS = 4
"""Frank-Wolfe steps of a pass, for each weight that it improves."""

_STEPS_BETWEEN_TIGHTENINGS = 20
"""Multiplicative steps between two Frank-Wolfe steps."""

_LEAST_START = 1e-4
"""Least complement to which a relaxed solution is raised before its descent is resumed."""

_LEAST_GAIN = 2e-5
"""Least hypervolume gain of a pass for which another pass is made."""

_FILLINGS = 16
"""Most rounds in which gaps between points are filled."""

_LEAST_FILLED = 2e-4
"""Least hypervolume gain of a round of filling for which another round is made."""

_CUTS, _FINE_CUTS = 7, 31
"""Most edges per axis of the grid, between neighbours on the front and between sound and picture."""

_MOST_MASKS = 200
"""Most masks that are kept as the front."""

_FEW = 12
"""Largest number of variables for which branching is used."""

_LOOSE_ENOUGH = 0.005
"""Looseness at which branching ends."""

_MOST_WORK = 4_000_000_000
"""Most evaluations of bins during branching, about half a minute."""

_EVALUATIONS_PER_BOX = 20
"""Evaluations of the plane per box, beside one per variable."""


def certify(
    problem: MOSSProblem, *, n_weights: int | None = None, n_passes: int = 8, n_boxes: int = 20_000
) -> FrontBounds:
    """Compute certified lower bounds of weighted sums of the objectives: an upper bound of hypervolume.

    For each weight the concave part of the loss is replaced by a linear minorant, the resulting convex
    problem is solved by multiplicative steps, and a lower bound of its value is computed in float64. It
    accounts for rounding, and holds however well the problem was solved. New weights are added in the
    largest gaps of the front found so far; then the minorants are improved where the gap between bound and
    loss costs most hypervolume. `docs/front.md` has the derivation.

    Args:
        problem: problem with the objectives ``visual_l1`` and ``audio_log_l1``, normalised or not; or with
            these and ``mask_roughness``.
        n_weights: number of weights; by default 48 with two objectives, 128 with three. With three there may
            be fewer, when no facet of the front is left that has no bound.
        n_passes: most passes that improve minorants; fewer if a pass gains nothing.
        n_boxes: most boxes of masks for branching, which is used with two objectives and twelve variables or
            fewer; 0 for none. Branching ends early if the bound is tight, and helps where the front bends
            outwards.

    Returns:
        The bounds, and the best points found during certification.

    Raises:
        ObjectiveError: the problem has other objectives, for which the derivation does not hold.
        OptionError: an option is out of its range.

    Example:
        >>> from pymoo_moss import certify, get_problem
        >>> problem = get_problem("owl-drums-16x32")
        >>> bounds = certify(problem, n_weights=16, n_passes=0)
        >>> bool(problem.hypervolume(problem.pareto_front()) < bounds.hypervolume_upper)
        True
    """
    three = problem.n_obj == 3
    if n_weights is None:
        n_weights = _WEIGHTS_OF_THREE if three else _WEIGHTS
    if n_weights < 1 or n_passes < 0 or n_boxes < 0:
        raise OptionError(
            "expected n_weights of 1 or more, n_passes and n_boxes of 0 or more, got "
            f"{n_weights}, {n_passes} and {n_boxes}"
        )
    if three:
        three_columns_of(problem)  # others may have no number of threads
        with computing(problem.threads):
            return certify_three(problem, n_weights, n_passes)
    structure_of(problem)  # others may have no number of threads
    with computing(problem.threads):
        return _certify(_Search(problem), n_weights, n_passes, n_boxes)


def _certify(search: "_Search", n_weights: int, n_passes: int, n_boxes: int) -> FrontBounds:
    search.add_spread(min(n_weights, _AT_ONCE))
    while search.size < n_weights:
        search.add_between(min(n_weights - search.size, _AT_ONCE))
    bounds = search.bounds()
    for _ in range(n_passes):
        search.tighten(_AT_ONCE)
        before, bounds = bounds.hypervolume_upper, search.bounds()
        if before - bounds.hypervolume_upper < _LEAST_GAIN:
            break
    search.fill()
    return search.branched(n_boxes) if n_boxes and search.is_small else search.bounds()


@dataclass
class _Weights:
    """Masks and bounds for each weight, ordered from sound to picture.

    Attributes:
        trade_offs: ``(n,)`` weights of the linear loss; that of the log loss is 1.
        y: ``(n, n_var)`` complements of the best masks.
        losses: ``(n, 2)`` linear and log losses of the best masks.
        minorants: ``(n, n_var)`` slopes of linear minorants of the concave part.
        relaxed: ``(n, n_var)`` complements of the relaxed problems' solutions.
        bounds: ``(n,)`` lower bounds of the weighted sums.
        tightenings: ``(n,)`` how often each minorant was improved.
    """

    trade_offs: np.ndarray
    y: np.ndarray
    losses: np.ndarray
    minorants: np.ndarray
    relaxed: np.ndarray
    bounds: np.ndarray
    tightenings: np.ndarray

    def joined(self, other: "_Weights") -> "_Weights":
        """Return these and other weights, in order."""
        order = np.argsort(np.r_[self.trade_offs, other.trade_offs], kind="stable")
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return _Weights(*(np.concatenate(pair)[order] for pair in pairs))

    def weighted(self, losses: np.ndarray, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Return weighted sums ``(n,)`` of losses ``(n, 2)``."""
        return np.asarray(losses[:, 1] + self.trade_offs[rows] * losses[:, 0])


def _no_weights(n_var: int) -> _Weights:
    masks = np.empty((0, n_var))
    return _Weights(np.empty(0), masks, np.empty((0, 2)), masks, masks, np.empty(0), np.empty(0, dtype=int))


class _Search:
    def __init__(self, problem: MOSSProblem) -> None:
        self._solver = Majorisation(problem)
        self._problem = problem
        self._columns = list(structure_of(problem))
        self._scale = problem.scale[self._columns]
        low, high = problem.hypervolume_box
        self._extent = ((high - low) * problem.scale)[self._columns]
        self._weights = _no_weights(problem.n_var)
        self._points = np.empty((0, 2))
        self._front = FrontMasks(np.empty((0, problem.n_var)), np.empty((0, 2)), _MOST_MASKS)

    @property
    def size(self) -> int:
        return len(self._weights.trade_offs)

    @property
    def is_small(self) -> bool:
        """Whether there are few enough variables for branching."""
        return bool(self._problem.n_var <= _FEW)

    def bounds(self, corners: np.ndarray | None = None) -> FrontBounds:
        """Return all bounds, in the problem's units and order of objectives."""
        trade_offs = self._weights.trade_offs
        weights = np.empty((self.size, 2))
        weights[:, self._columns] = np.stack([trade_offs, np.ones(self.size)], axis=1) * self._scale
        quadrants = None if corners is None else self._in_own_units(corners)
        points = self._in_own_units(self._points)
        # Ordered by the problem's first objective.
        points = points[non_dominated(points)]
        return FrontBounds(weights, self._lower(), self._problem.hypervolume_box, points, quadrants)

    def branched(self, n_boxes: int) -> FrontBounds:
        """Branch on the variables, and return all bounds."""
        brancher = Brancher(self._solver.relaxation, self._evaluated, self._extent, self._least_log)
        work = math.prod(self._problem.encoder.plane) * (self._problem.n_var + _EVALUATIONS_PER_BOX)
        branches = brancher.branches(self._front, min(n_boxes, _MOST_WORK // work), _LOOSE_ENOUGH)
        self._losses_of(branches.masks)
        return self.bounds(branches.corners)

    def fill(self) -> None:
        """Find more points: constant masks, and masks between neighbours on the front."""
        self._losses_of(constant_masks(np.linspace(0.0, 1.0, SWEEP_LEVELS), self._problem.n_var))
        sound, picture = constant_masks([0.0, 1.0], self._problem.n_var)
        self._losses_of(np.where(_sides_of_edges(self._problem.encoder.grid, _FINE_CUTS), picture, sound))
        sides = _sides_of_edges(self._problem.encoder.grid, _CUTS)
        for _ in range(_FILLINGS):
            before_filling = self._front.hypervolume()
            gaps = self._front.widest_gaps(_AT_ONCE)
            trade_offs = gaps.trade_offs * self._extent[1] / self._extent[0]
            middles = 1.0 - (gaps.before + gaps.after) / 2
            self._losses(self._solver.descend(middles, trade_offs, steps=_STEPS))
            # Weighted sums do not find parts of the front that bend outwards. Masks that equal one neighbour
            # up to an edge, and the other beyond it, do.
            for before, after in zip(gaps.before, gaps.after, strict=True):
                self._losses_of(np.where(sides, before, after))
            if self._front.hypervolume() - before_filling < _LEAST_FILLED:
                break

    def _lower(self) -> np.ndarray:
        """Return lower bounds ``(n,)`` of the weighted sums of evaluated losses."""
        return self._solver.relaxation.allowance.applied(self._weights.trade_offs, self._weights.bounds)

    def _least_log(self, linear: np.ndarray) -> np.ndarray:
        """Return lower bounds of log losses ``(n,)`` at linear losses, both in units of their extent."""
        lines = self._lower()[:, None] - self._weights.trade_offs[:, None] * self._extent[0] * linear
        return np.asarray(lines.max(axis=0, initial=0.0) / self._extent[1])

    def _in_own_units(self, losses: np.ndarray) -> np.ndarray:
        """Return linear and log losses ``(n, 2)`` in the problem's units and order of objectives."""
        F = np.empty_like(losses)
        F[:, self._columns] = losses
        return np.asarray(F / self._problem.scale)

    def add_spread(self, count: int) -> None:
        """Solve for the first weights, equally spaced over the range of trade-offs."""
        trade_offs = spread_trade_offs(count, self._extent)
        chords = self._solver.relaxation.linear_minorants(np.ones((1, self._problem.n_var), bool))
        half = np.full((count, self._problem.n_var), 0.5)
        relaxed = self._solver.descend(half, trade_offs, steps=_STEPS, minorants=chords)
        self._add(trade_offs, relaxed)

    def add_between(self, count: int) -> None:
        """Solve for more weights, in the largest gaps between neighbours on the front."""
        known = self._weights
        gaps = between_points(known.trade_offs, known.losses, self._extent, count)
        n_var = self._problem.n_var
        with_ends = np.vstack([np.ones((1, n_var)), known.y, np.zeros((1, n_var))])
        self._add(gaps.trade_offs, (with_ends[gaps.before] + with_ends[gaps.before + 1]) / 2)

    def tighten(self, count: int) -> None:
        """Improve the minorants of the weights whose gaps cost most hypervolume.

        Frank-Wolfe steps on the concave dual: the best minorant for the current solution of the relaxed
        problem is averaged with those before it.
        """
        known, solver = self._weights, self._solver
        widths = np.diff(np.r_[self._extent[0], known.losses[:, 0], 0.0])
        cost = (known.weighted(known.losses) - known.bounds) * -(widths[1:] + widths[:-1])
        rows = np.argsort(-cost)[:count]
        trade_offs, minorants, relaxed = known.trade_offs[rows], known.minorants[rows], known.relaxed[rows]
        for _ in range(_TIGHTENINGS):
            share = (2 / (known.tightenings[rows] + 4))[:, None]
            best = solver.relaxation.linear_minorants(relaxed < 0.5)
            minorants = (1 - share) * minorants + share * best
            relaxed = np.maximum(relaxed, _LEAST_START)
            relaxed = solver.descend(
                relaxed, trade_offs, steps=_STEPS_BETWEEN_TIGHTENINGS, minorants=minorants
            )
            known.tightenings[rows] += 1
        known.minorants[rows], known.relaxed[rows] = minorants, relaxed
        bounds = solver.relaxation.lower_bounds(trade_offs, minorants, relaxed)
        known.bounds[rows] = np.maximum(known.bounds[rows], bounds)
        # Descent from the improved relaxed solution may find a better mask, and then the gap is smaller.
        y = solver.descend(relaxed, trade_offs, steps=_STEPS)
        losses = self._losses(y)
        better = known.weighted(losses, rows) < known.weighted(known.losses[rows], rows)
        known.y[rows[better]], known.losses[rows[better]] = y[better], losses[better]
        self._exchange()

    def _add(self, trade_offs: np.ndarray, start: np.ndarray) -> None:
        self._weights = self._weights.joined(self._solve(trade_offs, start))
        self._exchange()

    def _exchange(self) -> None:
        """Assign to each weight the mask that is best for it among all."""
        known = self._weights
        sums = known.losses[:, 1] + known.trade_offs[:, None] * known.losses[:, 0]
        best = sums.argmin(axis=1)
        known.y, known.losses = known.y[best], known.losses[best]

    def _solve(self, trade_offs: np.ndarray, start: np.ndarray) -> _Weights:
        y = self._solver.descend(start, trade_offs, steps=_STEPS)
        minorants = self._solver.relaxation.linear_minorants(y < 0.5)
        relaxed = self._solver.descend(y, trade_offs, steps=_STEPS, minorants=minorants)
        bounds = self._solver.relaxation.lower_bounds(trade_offs, minorants, relaxed)
        tightenings = np.zeros(len(y), dtype=int)
        return _Weights(trade_offs, y, self._losses(y), minorants, relaxed, bounds, tightenings)

    def _losses(self, y: np.ndarray) -> np.ndarray:
        """Evaluate the losses of complements; see `_losses_of`."""
        return self._losses_of(1.0 - y)

    def _losses_of(self, masks: np.ndarray) -> np.ndarray:
        """Evaluate the losses of masks, and add them to points and front; see `_evaluated`."""
        losses = self._evaluated(masks)
        points = np.vstack([self._points, losses])
        self._points = points[non_dominated(points)]
        self._front = self._front.joined(masks, losses / self._extent)
        return losses

    def _evaluated(self, masks: np.ndarray) -> np.ndarray:
        """Evaluate the linear and log losses ``(n, 2)`` of masks, not normalised."""
        return np.asarray(
            self._problem.evaluate(masks, return_values_of=["F"])[:, self._columns] * self._scale
        )


def _sides_of_edges(grid: tuple[int, int], cuts: int) -> np.ndarray:
    """Return, for each edge through the grid, the variables ``(n, n_var)`` bool on either side of it.

    Args:
        grid: rows and columns.
        cuts: most edges per axis.
    """
    rows, columns = grid
    down = np.arange(rows)[:, None] < _edges(rows, cuts)[:, None, None]
    across = np.arange(columns) < _edges(columns, cuts)[:, None, None]
    first = np.concatenate([np.broadcast_to(side, (len(side), rows, columns)) for side in (down, across)])
    return np.concatenate([first, ~first]).reshape(-1, rows * columns)


def _edges(count: int, cuts: int) -> np.ndarray:
    """Return the positions of edges between ``count`` rows or columns."""
    return np.linspace(0, count, min(count, cuts + 1) + 1).astype(int)[1:-1]
