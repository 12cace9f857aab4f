"""Whether a run's budget is spent, asked in the middle of a generation."""

import time
from collections.abc import Callable

from pymoo.core.algorithm import Algorithm
from pymoo.core.termination import Termination
from pymoo.termination.collection import TerminationCollection
from pymoo.termination.max_eval import MaximumFunctionCallTermination
from pymoo.termination.max_time import TimeBasedTermination

from .descent import EVALUATIONS_PER_GRADIENT


def budget_is_spent(algorithm: Algorithm | None) -> bool:
    """Whether evaluations or time are used up, for terminations that count those, or a stop was called for.

    Others need a population and are only asked between generations, by pymoo itself. To stop from outside,
    call ``algorithm.termination.terminate()``.
    """
    return algorithm is not None and _is_spent(algorithm.termination, algorithm)


def counted_steps(algorithm: Algorithm, steps: int, masks: int) -> tuple[int, Callable[[], bool]]:
    """The gradient steps that the budget allows, and what is to be called after each.

    Args:
        algorithm: whose evaluations and termination count.
        steps: how many are wanted; none where the budget is spent already.
        masks: how many masks take each step.

    Returns:
        The steps, and a function that counts one of them and says whether the budget is spent.
    """

    def after_step() -> bool:
        algorithm.evaluator.n_eval += EVALUATIONS_PER_GRADIENT * masks
        return budget_is_spent(algorithm)

    return 0 if budget_is_spent(algorithm) else steps, after_step


def _is_spent(termination: Termination | None, algorithm: Algorithm) -> bool:
    if termination is not None and termination.force_termination:
        return True
    if isinstance(termination, TerminationCollection):
        return any(_is_spent(member, algorithm) for member in termination.terminations)
    if isinstance(termination, MaximumFunctionCallTermination):
        limit = termination.n_max_evals
        return limit is not None and algorithm.evaluator.n_eval >= limit
    if isinstance(termination, TimeBasedTermination):
        started = algorithm.start_time
        return started is not None and time.time() - started >= termination.max_time
    return False
