"""New terminations for a run that is resumed."""

import copy
from dataclasses import replace
from typing import Any

from pymoo.core.algorithm import Algorithm
from pymoo.core.termination import Termination
from pymoo.termination.max_eval import MaximumFunctionCallTermination
from pymoo.termination.max_gen import MaximumGenerationTermination
from pymoo.termination.max_time import TimeBasedTermination
from pymoo.util.misc import termination_from_tuple

from ..errors import OptionError
from ..search import HybridAlgorithm
from .plan import SearchPlan


def parse_termination(given: Any) -> Termination:
    """Make a termination of what `resume` is given.

    Raises:
        OptionError: ``given`` is not a valid pymoo termination.
    """
    try:
        found = termination_from_tuple(given)
    # pymoo raises errors of many types.
    except Exception as error:
        raise OptionError(f'expected a termination such as ("n_gen", 60), got {given!r}: {error}') from error
    parts = getattr(found, "terminations", [found])
    limits = [getattr(part, name, 1) for part in parts for name in ("n_max_gen", "n_max_evals", "max_time")]
    countable = all(isinstance(limit, int | float) and limit > 0 for limit in limits if limit is not None)
    if not (isinstance(found, Termination) and countable):
        raise OptionError(f'expected a termination such as ("n_gen", 60), got {given!r}')
    return found


def with_limits_of(plan: SearchPlan, termination: Termination, reached: int) -> SearchPlan:
    """Replace a plan's limits by those of a termination.

    Args:
        plan: the plan; returned as it is if the termination limits neither generations, evaluations nor time.
        termination: the new termination.
        reached: finished generations; a limit of fewer generations is raised to it.
    """
    parts = getattr(termination, "terminations", [termination])
    generations = [
        max(int(part.n_max_gen), reached) for part in parts if isinstance(part, MaximumGenerationTermination)
    ]
    evaluations = [
        int(part.n_max_evals) for part in parts if isinstance(part, MaximumFunctionCallTermination)
    ]
    seconds = [float(part.max_time) for part in parts if isinstance(part, TimeBasedTermination)]
    if not (generations or evaluations or seconds):
        return plan
    return replace(
        plan,
        generations=min(generations, default=None),
        evaluations=min(evaluations, default=None),
        seconds=min(seconds, default=None),
    )


def set_termination(algorithm: Algorithm, termination: Termination) -> None:
    """Give another termination to an algorithm that was set up, before its first generation or after any."""
    algorithm.termination = termination
    if isinstance(algorithm, HybridAlgorithm):
        algorithm.algorithm.termination = copy.deepcopy(termination)
    if algorithm.is_initialized:
        # pymoo increments n_iter after the termination check; undo that for this check.
        algorithm.n_iter -= 1
        termination.update(algorithm)
        algorithm.n_iter += 1
