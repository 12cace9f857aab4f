"""Gradients of a set of masks, with the steps that they allow and the changes that they predict."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from pymoo.core.problem import Problem

from .._arithmetic import computing
from .._compiling import compiled
from ..bounds import Majorisation, SmoothMajorisation
from ..bounds.structure import structure_of, three_columns_of
from ..errors import ObjectiveError
from ..masks import masks_between
from .adam import Adam, differentiable, logits_of
from .problem_protocol import check_bounds, ends_of, grid_of

N_MASKS = 31
"""Masks of a set: as many as two blocks of the compiled loops take, and odd, so that one is in the middle."""

_LEAST_SHARE = 1e-6
"""Least distance of a share from 0 and 1: steps multiply it, and 0 would stay 0. Where a picture is black,
much less of the sound than 1e-3 is seen."""
_LARGEST_STEP = 1.0
"""Largest change of a logit in one step."""
_FARTHEST = 7.0
"""Logits of the levels to start from are less, on either side: 1e-3 of picture or sound is perceived."""
_SCATTER = 0.5
"""Largest difference of a logit, of variables on no grid, from its level's."""
_LEARNING_RATE = 0.2
_TINY = 1e-30
_EQUAL = 1e-6
"""Relative difference below which two slopes count as equal."""
_SPREAD = 2e-2, 2e2
"""Range of the trade-offs, of normalised objectives, of the first masks."""
_STIFFNESSES = 1e-2, 1e-1, 1.0, 10.0
"""Weights of the roughness, of normalised objectives, of the first masks."""
_NEWTON_STEPS = 2


@dataclass(frozen=True)
class Slopes:
    """Masks with their values and gradients.

    Attributes:
        X: ``(n, n_var)`` masks.
        F: ``(n, m)`` their values.
        gradients: ``(n, p, n_var)`` gradients of ``p`` parts of the objectives.
        objectives: ``(p,)`` the objective that each part belongs to.
        logarithmic: ``(p,)`` whether a part is a sum of logarithms of linear functions, rather than smooth.
        span: ``(n_var,)`` distances between the bounds of the variables.
    """

    X: np.ndarray
    F: np.ndarray
    gradients: np.ndarray
    objectives: np.ndarray
    logarithmic: np.ndarray
    span: np.ndarray

    def changes(self, one: int, other: int, regions: np.ndarray, count: int) -> np.ndarray:
        """Predict how much the objectives change where one mask takes regions of another.

        The mean slope between two ends is estimated from the slopes at both: their mean if a part is smooth;
        that of ``log(1 + a t)`` with these slopes at t = 0 and t = 1 if it is a sum of logarithms, whose
        slopes may differ by orders of magnitude.

        Args:
            one: number of the mask that changes.
            other: number of the mask whose regions it takes.
            regions: ``(n_var,)`` the number of each variable's region, from 1; 0 for none.
            count: number of regions.

        Returns:
            Changes ``(m, count)`` by each of the regions alone.
        """
        changes = np.zeros((self.F.shape[1], count))
        _add_changes(
            self.X[one],
            self.X[other],
            self.gradients[one],
            self.gradients[other],
            self.objectives,
            self.logarithmic,
            regions,
            changes,
        )
        return changes

    def weighted(self, weights: np.ndarray) -> np.ndarray:
        """Return the gradients ``(n, p, n_var)``, each times the weight of its objective, of ``(n, m)``."""
        return np.asarray(weights[:, self.objectives, None] * self.gradients)

    def mixed(self, X: np.ndarray, gradients: np.ndarray) -> "Slopes":
        """Return slopes of masks mixed from these, whose values are not known yet."""
        return replace(self, X=X, gradients=gradients)


@compiled
def _add_changes(
    x: np.ndarray,
    other_x: np.ndarray,
    gradients: np.ndarray,
    other_gradients: np.ndarray,
    objectives: np.ndarray,
    logarithmic: np.ndarray,
    regions: np.ndarray,
    changes: np.ndarray,
) -> None:
    """Add to each region's changes ``(m, regions)`` those of its variables."""
    for part in range(len(objectives)):
        for variable in range(len(regions)):
            if regions[variable] > 0:
                first, last = gradients[part, variable], other_gradients[part, variable]
                mean = _logarithmic_mean(first, last) if logarithmic[part] else (first + last) / 2
                moved = other_x[variable] - x[variable]
                changes[objectives[part], regions[variable] - 1] += moved * mean


@compiled
def _logarithmic_mean(first: float, last: float) -> float:
    """Return ``log(1 + a)``, scaled, from its slopes ``a`` and ``a / (1 + a)``."""
    first, last = max(first, _TINY), max(last, _TINY)
    if abs(first - last) <= _EQUAL * first:
        return first
    return float(np.log(first / last) * last / (1.0 - last / first))


Refining = Callable[[Slopes, np.ndarray], np.ndarray]
"""Returns masks ``(n, n_var)`` after a step from slopes with weights ``(n, m)``; the same masks each time."""


class Steps(Protocol):
    """Steps of masks, each with its own weights of the objectives.

    Attributes:
        refined: most points that are best refined at once.
        refinement_steps: steps of a refinement.
    """

    refined: int
    refinement_steps: int

    def start(self, count: int, extent: np.ndarray) -> tuple[np.ndarray, Slopes | None]:
        """Return masks ``(count, n_var)`` to start from, and the slopes that they were made from, if any.

        Args:
            count: number of masks.
            extent: ``(m,)`` of the objectives on the front.
        """
        ...

    def slopes(self, X: np.ndarray) -> Slopes:
        """Evaluate masks ``(n, n_var)``."""
        ...

    def stepped(self, slopes: Slopes, weights: np.ndarray, exponent: float) -> np.ndarray:
        """Return masks ``(n, n_var)`` after one step.

        Args:
            slopes: of the masks.
            weights: ``(n, m)`` of the objectives.
            exponent: of the factors of a step that is not known to descend, from 0 to 1.
        """
        ...

    def refining(self, count: int) -> Refining:
        """Return the step of one refinement of so many masks, which may remember the steps before."""
        ...


def steps_of(problem: Problem) -> Steps:
    """Return multiplicative steps where the problem has the structure for them, else those of any gradients.

    Raises:
        OptionError: the problem's variables have no finite bounds.
    """
    check_bounds(problem)
    for majorised in (MajorisedSteps, SmoothMajorisedSteps):
        try:
            return majorised(problem)
        except ObjectiveError:
            pass
    return LogRatioSteps(problem)


class MajorisedSteps:
    """Majorise-minimise steps of `Majorisation`, for ``visual_l1`` with ``audio_log_l1``.

    Raises:
        ObjectiveError: the problem has another structure.
    """

    refined, refinement_steps = 100, 3

    def __init__(self, problem: Problem) -> None:
        structure = structure_of(problem)  # others may have no number of threads
        self._n_var, self._threads, self._linear = problem.n_var, problem.threads, structure.linear
        self._objectives = np.array([structure.linear, structure.log, structure.log])
        self._span = problem.xu - problem.xl
        with computing(self._threads):
            self._majorisation = Majorisation(problem)

    def start(self, count: int, extent: np.ndarray) -> tuple[np.ndarray, Slopes]:
        """Take the first step from one mask, half-way between picture and sound, with all trade-offs."""
        middle = self.slopes(np.full((1, self._n_var), 0.5))
        weights = np.ones((count, 2)) / extent
        weights[:, self._linear] *= np.geomspace(*_SPREAD, count) if count > 1 else 1.0
        rows = np.zeros(count, dtype=int)
        spread = middle.mixed(middle.X[rows], middle.gradients[rows])
        return self.stepped(spread, weights, 1.0), middle

    def slopes(self, X: np.ndarray) -> Slopes:
        """Evaluate masks; the parts are the linear loss, and the convex and the concave logarithms."""
        with computing(self._threads):
            F, gradients = self._majorisation.slopes(X)
        return Slopes(X, F, gradients, self._objectives, np.array([False, True, True]), self._span)

    def stepped(self, slopes: Slopes, weights: np.ndarray, exponent: float) -> np.ndarray:
        """Step with tangents of the concave terms, which never ascends."""
        with computing(self._threads):
            return self._majorisation.stepped(slopes.X, slopes.gradients, self._trade_offs(weights))

    def refining(self, count: int) -> Refining:
        """Step with the trade-offs with which the linear loss stays as it is: the other one descends.

        Masks that minimise no weighted sum, in the concave parts of a front, would leave them otherwise.
        """
        return self._stepped_along

    def _stepped_along(self, slopes: Slopes, weights: np.ndarray) -> np.ndarray:
        with computing(self._threads):
            return self._majorisation.stepped(
                slopes.X, slopes.gradients, self._trade_offs(weights), _NEWTON_STEPS
            )

    def _trade_offs(self, weights: np.ndarray) -> np.ndarray:
        return self._majorisation.trade_offs(weights)


class SmoothMajorisedSteps:
    """Majorise-minimise steps of `SmoothMajorisation`, for these two objectives with ``mask_roughness``.

    Raises:
        ObjectiveError: the problem has another structure.
    """

    refined, refinement_steps = 100, 3

    def __init__(self, problem: Problem) -> None:
        columns = three_columns_of(problem)  # others may have no number of threads
        self._n_var, self._threads, self._columns = problem.n_var, problem.threads, columns
        self._objectives = np.array([columns.linear, columns.log, columns.log, columns.rough])
        self._span = problem.xu - problem.xl
        with computing(self._threads):
            self._majorisation = SmoothMajorisation(problem)

    def start(self, count: int, extent: np.ndarray) -> tuple[np.ndarray, Slopes]:
        """Take the first step from one mask, half-way between picture and sound, with all trade-offs."""
        middle = self.slopes(np.full((1, self._n_var), 0.5))
        weights = np.ones((count, 3))
        weights[:, self._columns.linear] = np.geomspace(*_SPREAD, count) if count > 1 else 1.0
        weights[:, self._columns.rough] = np.resize(_STIFFNESSES, count)
        rows = np.zeros(count, dtype=int)
        spread = middle.mixed(middle.X[rows], middle.gradients[rows])
        return self.stepped(spread, weights / extent, 1.0), middle

    def slopes(self, X: np.ndarray) -> Slopes:
        """Evaluate masks; the parts are as with two objectives, and the roughness."""
        with computing(self._threads):
            F, gradients = self._majorisation.slopes(X)
        logarithmic = np.array([False, True, True, False])
        return Slopes(X, F, gradients, self._objectives, logarithmic, self._span)

    def stepped(self, slopes: Slopes, weights: np.ndarray, exponent: float) -> np.ndarray:
        """Step with tangents of the concave terms, which never ascends."""
        with computing(self._threads):
            return self._majorisation.stepped(slopes.X, slopes.gradients, weights)

    def refining(self, count: int) -> Refining:
        """Step as always: with three objectives the weights of neighbours keep the masks apart."""
        return lambda slopes, weights: self.stepped(slopes, weights, 1.0)


class LogRatioSteps:
    """Multiplicative steps for any objectives with gradients; refinements by Adam.

    The weighted gradient of each variable is what pulls it down less what pulls it up; the logit of its share
    of the way between its bounds changes by the logarithm of their ratio, times an exponent:
    the multiplicative step of non-negative matrix factorisation (Lee and Seung 2001), applied to a
    variable and to its complement. It has no scale: objectives and variables of any size take the same steps.
    """

    refined, refinement_steps = N_MASKS, 12

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._low = problem.xl
        self._span = np.where(problem.xu > problem.xl, problem.xu - problem.xl, 1.0)

    def start(self, count: int, extent: np.ndarray) -> tuple[np.ndarray, None]:
        """Return levels between the ends, whose logits are even; variables on no grid are scattered.

        Such variables may be interchangeable, and would stay equal if they started so.
        """
        logits = np.linspace(-_FARTHEST, _FARTHEST, count + 2)[1:-1, None]
        if grid_of(self._problem) is None:
            scatter = np.random.default_rng(0).uniform(-_SCATTER, _SCATTER, (count, self._problem.n_var))
            logits = logits + scatter
        X = masks_between(ends_of(self._problem), 1.0 / (1.0 + np.exp(-logits)))
        return np.clip(X, self._problem.xl, self._problem.xu), None

    def slopes(self, X: np.ndarray) -> Slopes:
        """Evaluate masks; every objective that has a gradient is a part."""
        F, gradients = self._problem.evaluate(X, return_values_of=["F", "dF"])
        usable = differentiable(gradients, self._problem)
        gradients = np.ascontiguousarray(gradients[:, usable])
        return Slopes(X, F, gradients, np.flatnonzero(usable), np.zeros(usable.sum(), bool), self._span)

    def stepped(self, slopes: Slopes, weights: np.ndarray, exponent: float) -> np.ndarray:
        """Change the logits by the logarithms of ratios."""
        weighted = slopes.weighted(weights)
        down = np.maximum(weighted, 0.0).sum(axis=1)
        up = np.maximum(-weighted, 0.0).sum(axis=1)
        change = np.clip(exponent * np.log((up + _TINY) / (down + _TINY)), -_LARGEST_STEP, _LARGEST_STEP)
        shares = ((slopes.X - self._low) / self._span).clip(_LEAST_SHARE, 1.0 - _LEAST_SHARE)
        odds = shares / (1.0 - shares) * np.exp(change)
        X = self._low + self._span * (odds / (1.0 + odds))
        return np.asarray(np.clip(X, self._problem.xl, self._problem.xu))

    def refining(self, count: int) -> Refining:
        """Step by Adam on the logits, whose momentum reaches minima at which ratios stop short."""
        return _AdamSteps(self._problem, count)


class _AdamSteps:
    """Steps of Adam on the logits of the same masks."""

    def __init__(self, problem: Problem, count: int) -> None:
        self._problem = problem
        with computing(threads=1):
            self._span = torch.from_numpy(problem.xu - problem.xl)
            self._logits = torch.zeros(count, problem.n_var, dtype=torch.float64)
            self._adam = Adam(self._logits, _LEARNING_RATE)

    def __call__(self, slopes: Slopes, weights: np.ndarray) -> np.ndarray:
        """Return masks after a step; regions may have been exchanged since the last one."""
        with computing(threads=1):
            self._logits.copy_(torch.from_numpy(logits_of(slopes.X, self._problem, _LEAST_SHARE)))
            shares = torch.sigmoid(self._logits)
            slope = torch.from_numpy(slopes.weighted(weights).sum(axis=1))
            self._adam.step(slope * self._span * shares * (1.0 - shares))
            X = self._problem.xl + (self._span * torch.sigmoid(self._logits)).numpy()
        return np.asarray(np.clip(X, self._problem.xl, self._problem.xu))
