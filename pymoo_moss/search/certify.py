"""`certify`: how good a front can be at best, proved."""

from dataclasses import dataclass

import numpy as np

from .._threads import torch_threads
from ..errors import OptionError
from ..objectives import find_structure
from ..problem import MOSSProblem
from .bounds import FrontBounds
from .majorisation import Majorisation
from .trade_offs import between_points, spread_trade_offs

_AT_ONCE = 16
"""Weights solved together: as many masks as the compiled loops take side by side."""
_STEPS = 40
_TIGHTENINGS = 4
_STEPS_BETWEEN_TIGHTENINGS = 20
_LEAST_START = 1e-4
_LEAST_GAIN = 2e-5
"""Of hypervolume, by a pass that is worth another one."""


def certify(problem: MOSSProblem, *, n_weights: int = 48, n_passes: int = 8) -> FrontBounds:
    """Certified lower bounds of weighted sums of the objectives, hence a bound of any front's hypervolume.

    For each weight the concave part of the loss is replaced by a linear function below it, the convex
    problem that is left is solved by multiplicative steps, and a bound of its value that does not depend on
    how well it was solved is computed in float64, with rounding accounted for. New weights are put where the
    front found so far has its largest gaps; then the linear functions are improved where the gap between
    bound and loss costs most hypervolume. `docs/front.md` has the derivation.

    Args:
        problem: one whose objectives are ``visual_l1`` and ``audio_log_l1``; normalised or not.
        n_weights: number of weights.
        n_passes: how often linear functions are improved at most; fewer where that gains nothing.

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
    if n_weights < 1 or n_passes < 0:
        raise OptionError(
            f"expected n_weights of 1 or more and n_passes of 0 or more, got {n_weights} and {n_passes}"
        )
    with torch_threads(problem.threads):
        return _certify(_Search(problem), n_weights, n_passes)


def _certify(search: "_Search", n_weights: int, n_passes: int) -> FrontBounds:
    search.add_spread(min(n_weights, _AT_ONCE))
    while search.size < n_weights:
        search.add_between(min(n_weights - search.size, _AT_ONCE))
    bounds = search.bounds()
    for _ in range(n_passes):
        search.tighten(_AT_ONCE)
        before, bounds = bounds.hypervolume_upper, search.bounds()
        if before - bounds.hypervolume_upper < _LEAST_GAIN:
            break
    return bounds


@dataclass
class _Weights:
    """What is known at each weight, ordered from sound to picture.

    Attributes:
        trade_offs: ``(n,)`` what the linear loss weighs, the log loss weighing 1.
        y: ``(n, n_var)`` complements of the best masks.
        losses: ``(n, 2)`` their linear and log losses.
        below: ``(n, n_var)`` linear functions below the concave part.
        relaxed: ``(n, n_var)`` complements of the relaxed problems' masks.
        bounds: ``(n,)`` lower bounds of the weighted sums.
        tightenings: ``(n,)`` how often the linear function was improved.
    """

    trade_offs: np.ndarray
    y: np.ndarray
    losses: np.ndarray
    below: np.ndarray
    relaxed: np.ndarray
    bounds: np.ndarray
    tightenings: np.ndarray

    def joined(self, other: "_Weights") -> "_Weights":
        order = np.argsort(np.r_[self.trade_offs, other.trade_offs], kind="stable")
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return _Weights(*(np.concatenate(pair)[order] for pair in pairs))

    def weighted(self, losses: np.ndarray, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Weighted sums ``(n,)`` of losses ``(n, 2)``."""
        return np.asarray(losses[:, 1] + self.trade_offs[rows] * losses[:, 0])


def _no_weights(n_var: int) -> _Weights:
    masks = np.empty((0, n_var))
    return _Weights(np.empty(0), masks, np.empty((0, 2)), masks, masks, np.empty(0), np.empty(0, dtype=int))


class _Search:
    def __init__(self, problem: MOSSProblem) -> None:
        self._solver = Majorisation(problem)
        self._problem = problem
        self._columns = list(find_structure(problem.objectives))
        self._scale = problem.scale[self._columns]
        low, high = problem.hypervolume_box
        self._extent = ((high - low) * problem.scale)[self._columns]
        self._weights = _no_weights(problem.n_var)

    @property
    def size(self) -> int:
        return len(self._weights.trade_offs)

    def bounds(self) -> FrontBounds:
        """All bounds in the problem's own units and order of objectives."""
        trade_offs = self._weights.trade_offs
        weights = np.empty((self.size, 2))
        weights[:, self._columns] = np.stack([trade_offs, np.ones(self.size)], axis=1) * self._scale
        lower = self._solver.relaxation.allowance.applied(trade_offs, self._weights.bounds)
        return FrontBounds(weights, lower, self._problem.hypervolume_box)

    def add_spread(self, count: int) -> None:
        """The first weights, evenly over all trade-offs that matter."""
        trade_offs = spread_trade_offs(count, self._extent)
        chords = self._solver.relaxation.linear_below(np.ones((1, self._problem.n_var), bool))
        half = np.full((count, self._problem.n_var), 0.5)
        relaxed = self._solver.descend(half, trade_offs, steps=_STEPS, below=chords)
        self._add(trade_offs, relaxed)

    def add_between(self, count: int) -> None:
        """More weights, where neighbours on the front are farthest from each other."""
        known = self._weights
        gaps = between_points(known.trade_offs, known.losses, self._extent, count)
        n_var = self._problem.n_var
        with_ends = np.vstack([np.ones((1, n_var)), known.y, np.zeros((1, n_var))])
        self._add(gaps.trade_offs, (with_ends[gaps.before] + with_ends[gaps.before + 1]) / 2)

    def tighten(self, count: int) -> None:
        """Improve the linear functions of the weights whose gaps cost most hypervolume.

        Steps of Frank and Wolfe on the concave dual: the best function for the relaxed problem's present
        mask is averaged with those before it.
        """
        known, solver = self._weights, self._solver
        widths = np.diff(np.r_[self._extent[0], known.losses[:, 0], 0.0])
        cost = (known.weighted(known.losses) - known.bounds) * -(widths[1:] + widths[:-1])
        rows = np.argsort(-cost)[:count]
        trade_offs, below, relaxed = known.trade_offs[rows], known.below[rows], known.relaxed[rows]
        for _ in range(_TIGHTENINGS):
            share = (2 / (known.tightenings[rows] + 4))[:, None]
            best = solver.relaxation.linear_below(relaxed < 0.5)
            below = (1 - share) * below + share * best
            relaxed = np.maximum(relaxed, _LEAST_START)
            relaxed = solver.descend(relaxed, trade_offs, steps=_STEPS_BETWEEN_TIGHTENINGS, below=below)
            known.tightenings[rows] += 1
        known.below[rows], known.relaxed[rows] = below, relaxed
        bounds = solver.relaxation.lower_bounds(trade_offs, below, relaxed)
        known.bounds[rows] = np.maximum(known.bounds[rows], bounds)
        # A better relaxed mask may lead to a better one, and that shows where the gaps really are.
        y = solver.descend(relaxed, trade_offs, steps=_STEPS)
        losses = self._losses(y)
        better = known.weighted(losses, rows) < known.weighted(known.losses[rows], rows)
        known.y[rows[better]], known.losses[rows[better]] = y[better], losses[better]
        self._exchange()

    def _add(self, trade_offs: np.ndarray, start: np.ndarray) -> None:
        self._weights = self._weights.joined(self._solve(trade_offs, start))
        self._exchange()

    def _exchange(self) -> None:
        """Give each weight the mask that is best for it among all."""
        known = self._weights
        sums = known.losses[:, 1] + known.trade_offs[:, None] * known.losses[:, 0]
        best = sums.argmin(axis=1)
        known.y, known.losses = known.y[best], known.losses[best]

    def _solve(self, trade_offs: np.ndarray, start: np.ndarray) -> _Weights:
        y = self._solver.descend(start, trade_offs, steps=_STEPS)
        below = self._solver.relaxation.linear_below(y < 0.5)
        relaxed = self._solver.descend(y, trade_offs, steps=_STEPS, below=below)
        bounds = self._solver.relaxation.lower_bounds(trade_offs, below, relaxed)
        tightenings = np.zeros(len(y), dtype=int)
        return _Weights(trade_offs, y, self._losses(y), below, relaxed, bounds, tightenings)

    def _losses(self, y: np.ndarray) -> np.ndarray:
        """Linear and log losses ``(n, 2)``, not normalised."""
        return np.asarray(self._problem.evaluate(1.0 - y)[:, self._columns] * self._scale)
