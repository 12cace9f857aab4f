"""Check the budget and notify callbacks in the middle of a generation.

A limit of evaluations is not exceeded by gradient steps: where the next one does not fit, the descent ends
with the masks of the last one, whose values are known, and so does the run. pymoo itself checks between
generations, and exceeds a limit by less than one generation of its population algorithms, or by a first
population that is larger than the limit. ``algorithm.evaluator.n_eval`` is what was spent.
"""

import math
import time
from collections.abc import Callable

import numpy as np
from pymoo.core.algorithm import Algorithm
from pymoo.core.callback import Callback, CallbackCollection
from pymoo.core.population import Population
from pymoo.core.problem import Problem
from pymoo.core.termination import Termination
from pymoo.termination.collection import TerminationCollection
from pymoo.termination.max_eval import MaximumFunctionCallTermination
from pymoo.termination.max_time import TimeBasedTermination

from .adam import EVALUATIONS_PER_GRADIENT, Found

AfterStep = Callable[[np.ndarray], bool]
"""Called with the values F ``(n, n_obj)`` of a step's masks; True ends the descent with these masks."""


def counted_steps(algorithm: Algorithm, steps: int, masks: int, beside: np.ndarray) -> tuple[int, AfterStep]:
    """Return the gradient steps that the budget allows, and a function to call after each.

    After a step, the budget has to hold another one, or after the last one the evaluation of what it has led
    to; otherwise the descent and the run end.

    Args:
        algorithm: whose evaluations and termination count.
        steps: how many are wanted.
        masks: how many masks take each step.
        beside: ``(m, n_obj)`` values that the algorithm has beside those of the masks.

    Returns:
        The steps, none where the first does not fit; and a function that counts one of them, reports its
        values, and says whether to end.
    """
    cost, taken = EVALUATIONS_PER_GRADIENT * masks, 0

    def after_step(values: np.ndarray) -> bool:
        nonlocal taken
        taken += 1
        count_step(algorithm, masks)
        report_values(algorithm, np.vstack([beside, values]))
        return _ends_before(algorithm, cost if taken < steps else masks)

    return 0 if _ends_before(algorithm, cost) else steps, after_step


def holds_step(algorithm: Algorithm, masks: int) -> bool:
    """Tell whether the budget holds a gradient step of so many masks; if not, end the run."""
    return not _ends_before(algorithm, EVALUATIONS_PER_GRADIENT * masks)


def masks_of_step(algorithm: Algorithm, count: int) -> int:
    """Return how many masks, of so many, a gradient step may have within the budget."""
    return int(max(min(_evaluations_left(algorithm) / EVALUATIONS_PER_GRADIENT, count), 0))


def count_step(algorithm: Algorithm, masks: int) -> None:
    """Count a gradient step of so many masks."""
    algorithm.evaluator.n_eval += EVALUATIONS_PER_GRADIENT * masks


def affordable(algorithm: Algorithm, masks: np.ndarray) -> np.ndarray:
    """Return as many masks ``(n, n_var)`` as the budget holds, perhaps none; if not all, end the run."""
    if not _ends_before(algorithm, len(masks)):
        return masks
    return masks[: int(min(max(_evaluations_left(algorithm), 0), len(masks)))]


def report_values(algorithm: Algorithm, F: np.ndarray) -> None:
    """Notify the algorithm's callback of the values that it would have if it ended now.

    Nothing is reported of problems with constraints: which of the masks are feasible is not known yet.

    Args:
        algorithm: in the middle of a generation. Callbacks, or members of a `CallbackCollection`, that have a
            method ``on_values(algorithm, F)`` are called.
        F: ``(n, n_obj)``.
    """
    if algorithm.problem is not None and algorithm.problem.has_constraints():
        return
    for callback in _callbacks(algorithm.callback):
        on_values = getattr(callback, "on_values", None)
        if on_values is not None:
            on_values(algorithm, F)


def population_of(found: Found, problem: Problem) -> Population:
    """Return what a descent found, with the values that are known already."""
    population = Population.new(X=found.X)
    # Constraints are not known: all is evaluated where there are any.
    if found.F is not None and not problem.has_constraints():
        population.set("F", found.F)
        population.apply(lambda one: one.evaluated.update(("F", "G", "H")))
    return population


def _ends_before(algorithm: Algorithm, evaluations: int) -> bool:
    """Tell whether the run ends before so many more evaluations: by its limit, by time, or on request.

    Terminations of other kinds need a population and are only checked between generations, by pymoo itself.
    To stop from outside, call ``algorithm.termination.terminate()``.
    """
    if evaluations > _evaluations_left(algorithm):
        algorithm.termination.terminate()
    return any(_is_stopped(one, algorithm) for one in _terminations(algorithm.termination))


def _evaluations_left(algorithm: Algorithm) -> float:
    """Return the evaluations up to the limit, for terminations that have one; infinite without."""
    limits = [
        float(one.n_max_evals)
        for one in _terminations(algorithm.termination)
        if isinstance(one, MaximumFunctionCallTermination) and one.n_max_evals is not None
    ]
    return min(limits, default=math.inf) - float(algorithm.evaluator.n_eval)


def _terminations(termination: Termination | None) -> list[Termination]:
    if isinstance(termination, TerminationCollection):
        members = [one for member in termination.terminations for one in _terminations(member)]
        return [termination, *members]
    return [] if termination is None else [termination]


def _is_stopped(termination: Termination, algorithm: Algorithm) -> bool:
    timed = isinstance(termination, TimeBasedTermination) and algorithm.start_time is not None
    time_is_up = timed and time.time() - algorithm.start_time >= termination.max_time
    return bool(termination.force_termination or time_is_up)


def _callbacks(callback: Callback) -> list[Callback]:
    if isinstance(callback, CallbackCollection):
        return [one for member in callback.callbacks for one in _callbacks(member)]
    return [callback]
