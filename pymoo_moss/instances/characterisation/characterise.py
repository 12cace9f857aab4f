"""`characterise`: all features of one problem."""

from contextlib import suppress

import numpy as np
from pymoo.optimize import minimize

from ..._checks import whole_number
from ...bounds import FrontBounds, certify, non_dominated, spread_trade_offs
from ...errors import ObjectiveError, OptionError
from ...objectives.audio_log_l1 import picture_to_sound
from ...problem import MOSSProblem
from ...search import FrontAscent, SmoothNoiseSampling
from ...spectrogram import MaskEncoder
from ..frozen import FrozenProblem
from .characteristics import Characteristics
from .difficulty import evaluations_to_share
from .front_shape import front_shape
from .gradients import gradient_range
from .interaction import Interaction, interactions
from .looseness import looseness
from .minima import Minima, local_minima
from .ruggedness import Ruggedness, ruggedness
from .unit_box import in_unit_box, unit_losses, unit_slopes
from .walks import Step, random_step, smooth_step, walk

PLACES = 0.25, 0.5, 0.75
"""Places along the front whose trade-offs weigh the sums of `Minima`, from the first objective's best end."""
_SEARCHED = 10_000
"""Evaluations of the search for a front where none is known."""
_GRADIENT_MASKS = 32
_INTERACTION_MASKS, _INTERACTION_VARIABLES = 8, 32
_WALKS, _WALK_STEPS, _SKIPPED = 16, 500, 50


def characterise(
    problem: MOSSProblem,
    *,
    front: np.ndarray | None = None,
    bounds: FrontBounds | None = None,
    starts: int = 32,
    budget: int = 30_000,
    seed: int = 0,
) -> Characteristics:
    """Measure the features of a problem with two objectives.

    Every feature is seeded, so that a second call gives the same figures.

    Args:
        problem: with gradients, and with bounds of both objectives: a frozen one, or one of your own files.
        front: ``(n, 2)`` its best front known; by default that of a frozen problem, else that of a search.
        bounds: certified bounds; by default those of a frozen problem's reference, else those of `certify`
            where the objectives allow it.
        starts: descents for each weighted sum; 0 leaves minima out. For ``visual_l1`` with ``audio_log_l1``
            all descend together. For other objectives each may take minutes, and need not converge.
        budget: most evaluations of each search that measures the difficulty.
        seed: of the starts, masks, variables and walks. The searches of the difficulty have seeds 1, 2 and 3.

    Raises:
        ObjectiveError: the problem has not two objectives, has no bounds of one, or no gradients, or its
            objectives do not conflict: fewer than three points of a front are known or found.
        OptionError: an argument is out of its range, the front is not of points of this problem, or the
            bounds are those of another one.

    Example:
        >>> from pymoo_moss import get_problem
        >>> from pymoo_moss.instances import characterise
        >>> found = characterise(get_problem("owl-drums-16x32"), starts=4, budget=3000)
        >>> found.interaction[0].coupling, found.difficulty.median < 3000
        (0.0, True)
    """
    if not isinstance(problem, MOSSProblem):
        raise OptionError(f"expected a MOSSProblem, got {type(problem).__name__}")
    if problem.n_obj != 2:
        raise ObjectiveError(f"expected a problem with two objectives, got {problem.n_obj}")
    starts, seed = whole_number("starts", starts, 0), whole_number("seed", seed, 0)
    budget = whole_number("budget", budget, 1)
    bounds = _bounds(problem) if bounds is None else _checked_bounds(problem, bounds)
    front = _front(problem, seed) if front is None else _checked_front(front)
    front = _inside(problem, front)
    rngs = [np.random.default_rng([seed, number]) for number in range(5)]
    random_start = rngs[3].uniform(size=(_WALKS, problem.n_var))
    return Characteristics(
        concave_share=concave_share(problem.encoder),
        front=front_shape(in_unit_box(problem, front)),
        minima=_minima(problem, starts, front, bounds, rngs[0]),
        gradients=gradient_range(unit_slopes(problem, _smooth(problem, _GRADIENT_MASKS, rngs[1]))[1]),
        interaction=_interaction(problem, rngs[2]),
        random_walk=_ruggedness(problem, random_step, random_start, rngs[3]),
        smooth_walk=_ruggedness(problem, smooth_step(problem), _smooth(problem, _WALKS, rngs[4]), rngs[4]),
        looseness=None if bounds is None else looseness(bounds, front),
        difficulty=None if bounds is None else evaluations_to_share(problem, bounds, budget=budget),
    )


def concave_share(encoder: MaskEncoder) -> float:
    """Return the share of the plane's bins in which the picture is louder than the sound."""
    return float((picture_to_sound(encoder) > 1).double().mean())


def _checked_bounds(problem: MOSSProblem, bounds: FrontBounds) -> FrontBounds:
    if not isinstance(bounds, FrontBounds):
        raise OptionError(f"expected bounds as certify returns them, got {type(bounds).__name__}")
    if not np.allclose(np.stack(bounds.box), np.stack(problem.hypervolume_box), rtol=1e-6, atol=0.0):
        raise OptionError("expected bounds of this problem, got those of another: certify this one")
    return bounds


def _checked_front(front: np.ndarray) -> np.ndarray:
    try:
        points = np.array(front, dtype=float)
    except (TypeError, ValueError):
        points = np.empty(0)
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise OptionError("expected front as finite numbers (n, 2), such as the F of a result")
    return points


def _inside(problem: MOSSProblem, front: np.ndarray) -> np.ndarray:
    """Return the points that are neither dominated nor beyond the reference point, but for rounding."""
    low, ref = problem.hypervolume_box
    front = front[(front <= ref + 1e-6 * (ref - low)).all(axis=1)]
    front = front[non_dominated(front)]
    if len(front) < 3:
        raise ObjectiveError(
            f"expected a front with at least three points that are neither dominated nor beyond the "
            f"reference point, got {len(front)}: do the objectives conflict?"
        )
    return front


def _bounds(problem: MOSSProblem) -> FrontBounds | None:
    with suppress(ObjectiveError):
        if isinstance(problem, FrozenProblem):
            # A generated problem keeps those that it computes.
            return problem.front_bounds()
    with suppress(ObjectiveError):
        return certify(problem)
    return None


def _front(problem: MOSSProblem, seed: int) -> np.ndarray:
    known = problem.pareto_front()
    if known is not None:
        return np.asarray(known)
    return np.asarray(minimize(problem, FrontAscent(), ("n_eval", _SEARCHED), seed=seed).F)


def _minima(
    problem: MOSSProblem,
    starts: int,
    front: np.ndarray,
    bounds: FrontBounds | None,
    random_state: np.random.Generator,
) -> tuple[Minima, ...]:
    if not starts:
        return ()
    weights, lower_bounds = _weights(problem, front, bounds)
    return tuple(local_minima(problem, _smooth(problem, starts, random_state), weights, lower_bounds))


def _weights(
    problem: MOSSProblem, front: np.ndarray, bounds: FrontBounds | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return weights of F ``(3, 2)`` whose best points lie at `PLACES` of the front, and their bounds.

    Places are shares of the sum of ``sqrt(width * height)`` between neighbours, as in `even_trade_offs`.
    """
    low, ref = problem.hypervolume_box
    if bounds is None:
        ratios = spread_trade_offs(48, ref - low)
        weights, lower = np.stack([ratios, np.ones(len(ratios))], axis=1), np.full(len(ratios), np.nan)
    else:
        weights, lower = bounds.weights, bounds.lower_bounds
    width, height = np.abs(np.diff(front, axis=0)).T
    along = np.r_[0.0, np.cumsum(np.sqrt(width * height))]
    places = along[(front @ weights.T).argmin(axis=0)] / along[-1]
    chosen = [int(np.abs(places - place).argmin()) for place in PLACES]
    return weights[chosen], lower[chosen]


def _smooth(problem: MOSSProblem, count: int, random_state: np.random.Generator) -> np.ndarray:
    """Return smooth noise around levels from 0 to 1."""
    return np.asarray(SmoothNoiseSampling()(problem, count, random_state=random_state, to_numpy=True))


def _interaction(problem: MOSSProblem, random_state: np.random.Generator) -> tuple[Interaction, ...] | None:
    if problem.grid is None:
        return None
    masks = _smooth(problem, _INTERACTION_MASKS, random_state)
    count = min(_INTERACTION_VARIABLES, problem.n_var)
    variables = np.stack([random_state.permutation(problem.n_var)[:count] for _ in masks])
    return tuple(interactions(lambda X: unit_slopes(problem, X)[1], masks, problem.grid, variables))


def _ruggedness(
    problem: MOSSProblem, step: Step, start: np.ndarray, random_state: np.random.Generator
) -> tuple[Ruggedness, ...]:
    losses = walk(
        lambda X: unit_losses(problem, X), step, start, random_state, steps=_WALK_STEPS, skipped=_SKIPPED
    )
    return tuple(ruggedness(of_one) for of_one in losses.transpose(1, 0, 2))
