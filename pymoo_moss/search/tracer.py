"""`ParetoTracer`: trace a front by gradients, from weight to weight."""

from typing import Any, ClassVar

import moocore
import numpy as np
from pymoo.core.algorithm import Algorithm
from pymoo.core.population import Population
from pymoo.core.problem import Problem

from ..bounds import between_points, spread_trade_offs
from ..errors import OptionError
from ..objectives import picture_and_sound
from .adam import Found
from .archive import FrontArchive
from .budget import affordable, counted_steps, population_of, report_values
from .front_gaps import Starts
from .output import FrontOutput
from .problem_protocol import check_bounds, ends_of, grid_of, range_of, sides_of
from .regions import differing_regions
from .weighted_descent import improved, weighted_descent

_AT_ONCE = 16
"""Weights that are added together: as many masks as the compiled loops take side by side."""
_STEPS = 30
_NEIGHBOURS = 6
"""Largest distance of the partners of blends, in points along the front."""
_REGIONS = 12
_ARCHIVE = 4
"""Size of the archive, as a multiple of the points of the front."""


class ParetoTracer(Algorithm):  # type: ignore[misc]
    """Continues along the front from weight to weight, by gradients.

    Each point minimises a weighted sum of the two objectives: by multiplicative majorise-minimise steps for
    ``visual_l1`` with ``audio_log_l1``, by Adam with their gradients for others. It begins with a spread of
    weights and with both ends; then it adds weights where neighbours on the front are farthest from each
    other, starting between them, until there are enough; then it goes round in three steps until a round
    gains little: every mask is blended with one from its neighbourhood and descends again (another start);
    regions in which the two results differ are exchanged one by one; those that help are exchanged together.
    A weighted sum with concave terms has many local minima, and this leads from one to a better one. Every
    point on the way is a candidate for the front, those in its concave parts too, and the most valuable ones
    by hypervolume are its population.

    Works with any termination, and ends by itself when nothing more is gained. Every forward pass and every
    gradient is counted. With constraints, descents ignore them, and the front is that of the feasible points.

    Args:
        n_points: points of the front.
        tolerance: ends when a round gains less of the hypervolume between the front's ends.
        **kwargs: options of every pymoo algorithm, ``output`` for one.

    Raises:
        OptionError: an option is out of its range, or the problem has not two objectives with gradients.

    Example:
        >>> from pymoo.optimize import minimize
        >>> from pymoo_moss import ParetoTracer, get_problem
        >>> problem = get_problem("owl-drums-16x32")
        >>> result = minimize(problem, ParetoTracer(20), ("n_gen", 3), seed=1)
        >>> len(result.F), bool(problem.share(result.F) > 0.95)
        (20, True)
    """

    checkpoint_exclude: ClassVar[frozenset[str]] = frozenset({"_descent"})

    def __init__(self, n_points: int = 100, tolerance: float = 1e-5, **kwargs: Any) -> None:
        kwargs.setdefault("output", FrontOutput())
        super().__init__(**kwargs)
        if n_points < 1 or not tolerance >= 0:
            raise OptionError(
                f"expected n_points of 1 or more and a tolerance of 0 or more, got {n_points} and {tolerance}"
            )
        self.n_points, self.tolerance = n_points, tolerance

    def _setup(self, problem: Problem, **kwargs: Any) -> None:
        if problem.n_obj != 2:
            raise OptionError(
                f"expected two objectives, whose front is a curve to trace, got {problem.n_obj}: "
                "HybridAlgorithm takes any number"
            )
        check_bounds(problem)
        self._descent = weighted_descent(problem)
        self._archive = FrontArchive(_ARCHIVE * self.n_points)
        self._trade_offs = np.empty(0)
        self._next = "blends"
        self._others = np.empty((0, problem.n_var))
        self._reached = 0.0

    def _initialize_infill(self) -> Population:
        ends = Population.new(X=ends_of(self.problem))
        self.evaluator.eval(self.problem, ends, algorithm=self)
        F = ends.get("F")
        report_values(self, F)
        # The picture's objective first.
        self._columns = list(picture_and_sound(sides_of(self.problem, F)))
        low, extent = range_of(self.problem, F)
        self._low, self._extent = low[self._columns], extent[self._columns]
        self._trade_offs = spread_trade_offs(min(max(self.n_points - 2, 1), _AT_ONCE), self._extent)
        steps, after_step = counted_steps(self, 4 * _STEPS, len(self._trade_offs), F)
        if not steps:
            return ends
        found = self._descent.first(self._weights(self._trade_offs), steps, after_step)
        first = population_of(found, self.problem)
        # Here, so that a population is evaluated as a whole wherever pymoo's ask and tell evaluate it.
        self.evaluator.eval(self.problem, first, algorithm=self)
        return Population.merge(ends, first)

    def _initialize_advance(self, infills: Population | None = None, **kwargs: Any) -> None:
        self._take(infills)

    def _infill(self) -> Population:
        adds = len(self._trade_offs) < self.n_points - 2
        return population_of(self._between() if adds else self._moves(), self.problem)

    def _advance(self, infills: Population | None = None, **kwargs: Any) -> None:
        self._take(infills)
        round_is_over = self._next == "blends" and len(self._trade_offs) >= self.n_points - 2
        if round_is_over:
            before, self._reached = self._reached, self._hypervolume()
            if self._reached - before < self.tolerance:
                self.termination.terminate()

    def _moves(self) -> Found:
        """Return masks of the next of a round's three steps."""
        steps = {"blends": self._blends, "exchanges": self._exchanges, "unions": self._unions}
        return steps[self._next]()

    def _between(self) -> Found:
        """Return masks for new weights, each from between its neighbours on the front."""
        best = self._best()
        count = min(self.n_points - 2 - len(self._trade_offs), _AT_ONCE, len(best) + 1)
        gaps = between_points(self._trade_offs, self._losses(best), self._extent, count)
        sound, picture = ends_of(self.problem)
        masks = np.vstack([sound, best.get("X"), picture])
        start = (masks[gaps.before] + masks[gaps.before + 1]) / 2
        found = self._improve(start, gaps.trade_offs, _STEPS)
        self._trade_offs = np.sort(np.r_[self._trade_offs, gaps.trade_offs])
        return found

    def _blends(self) -> Found:
        """Blend every weight's mask with one from its neighbourhood, and descend again."""
        masks = self._best().get("X")
        distance = self.random_state.integers(1, _NEIGHBOURS + 1, len(masks))
        side = self.random_state.choice([-1, 1], len(masks))
        partners = masks[np.clip(np.arange(len(masks)) + side * distance, 0, len(masks) - 1)]
        share = self.random_state.random((len(masks), 1))
        start = share * masks + (1 - share) * partners
        found = self._improve(start, self._trade_offs, _STEPS)
        self._others = found.X
        self._next = "exchanges"
        return found

    def _exchanges(self) -> Found:
        """Give every weight's mask one region of its blend's result, for each of the largest regions."""
        best = self._best()
        self._regions = [
            differing_regions(mask, other, grid_of(self.problem), _REGIONS)
            for mask, other in zip(best.get("X"), self._others, strict=True)
        ]
        self._exchanged = best
        self._next = "unions"
        triples = zip(best.get("X"), self._others, self._regions, strict=True)
        mixed = np.vstack([np.where(regions, other, mask) for mask, other, regions in triples])
        if not len(mixed):
            self._next = "blends"
            return Found(self._others, None)
        return Found(affordable(self, mixed), None)

    def _unions(self) -> Found:
        """Give every weight's mask all regions that helped, and descend a little."""
        owner = np.repeat(np.arange(len(self._regions)), [len(regions) for regions in self._regions])
        before = self._weighted(self._losses(self._exchanged), self._trade_offs)[owner]
        after = self._weighted(self._losses(self.off), self._trade_offs[owner])
        helps = np.split(after < before, np.cumsum([len(regions) for regions in self._regions])[:-1])
        triples = zip(self._exchanged.get("X"), self._others, self._regions, helps, strict=True)
        masks = [np.where(regions[good].any(axis=0), other, mask) for mask, other, regions, good in triples]
        self._next = "blends"
        return self._improve(np.array(masks), self._trade_offs, _STEPS // 3)

    def _take(self, infills: Population) -> None:
        self._archive.add(infills)
        self.pop = self._archive.best(self.n_points)

    def _best(self) -> Population:
        """Return the best known point for every weight."""
        points = self._losses(self._archive.population)
        sums = self._weighted(points[None], self._trade_offs[:, None])
        return self._archive.population[sums.argmin(axis=1)]

    def _losses(self, population: Population) -> np.ndarray:
        """Return F measured from the ideal point, the picture's column first."""
        return np.asarray(population.get("F")[:, self._columns] - self._low)

    @staticmethod
    def _weighted(points: np.ndarray, trade_offs: np.ndarray) -> np.ndarray:
        return np.asarray(points[..., 1] + trade_offs * points[..., 0])

    def _weights(self, trade_offs: np.ndarray) -> np.ndarray:
        """Return weights of the problem's objectives ``(n, 2)``."""
        weights = np.ones((len(trade_offs), 2))
        weights[:, self._columns[0]] = trade_offs
        return weights

    def _hypervolume(self) -> float:
        """Return the hypervolume of the front, as a share of the box between its ends."""
        points = self._losses(self.pop) / self._extent
        return float(moocore.hypervolume(points, ref=np.ones(2)))

    def _improve(self, start: np.ndarray, trade_offs: np.ndarray, steps: int) -> Found:
        starts = Starts(start, self._weights(trade_offs))
        return improved(self, self._descent, starts, steps, self.pop.get("F"))
