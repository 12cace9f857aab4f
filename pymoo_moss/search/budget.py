"""Whether a run's budget is spent, asked in the middle of a generation."""

import time

from pymoo.core.algorithm import Algorithm
from pymoo.core.termination import Termination
from pymoo.termination.collection import TerminationCollection
from pymoo.termination.max_eval import MaximumFunctionCallTermination
from pymoo.termination.max_time import TimeBasedTermination


def budget_is_spent(algorithm: Algorithm | None) -> bool:
    """Whether evaluations or time are used up, for terminations that count those.

    Others need a population and are only asked between generations, by pymoo itself.
    """
    return algorithm is not None and _is_spent(algorithm.termination, algorithm)


def _is_spent(termination: Termination | None, algorithm: Algorithm) -> bool:
    if isinstance(termination, TerminationCollection):
        return any(_is_spent(member, algorithm) for member in termination.terminations)
    if isinstance(termination, MaximumFunctionCallTermination):
        limit = termination.n_max_evals
        return limit is not None and algorithm.evaluator.n_eval >= limit
    if isinstance(termination, TimeBasedTermination):
        started = algorithm.start_time
        return started is not None and time.time() - started >= termination.max_time
    return False
