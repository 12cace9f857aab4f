"""`Watch`: the callbacks of a run."""

from collections.abc import Callable
from dataclasses import dataclass

from pymoo.core.algorithm import Algorithm

from ..search.adam import OnStep, keep_going
from .plan import SearchPlan


@dataclass(frozen=True)
class Watch:
    """Callbacks of a run: progress notifications and the query for an early stop.

    Attributes:
        on_start: called as ``on_start(plan, algorithm)`` once everything is checked, before the search begins
            or is resumed; the algorithm is set up.
        on_step: called as ``on_step(step, F)`` after each step of the seeding; return True to end it.
        after_generation: called with the number of each finished generation.
        should_stop: called after each generation; return True to end the search.
        on_solution: called as ``on_solution(done, total)`` before the first exported solution and after each.
    """

    on_start: Callable[[SearchPlan, Algorithm], None] = lambda plan, algorithm: None
    on_step: OnStep = keep_going
    after_generation: Callable[[int], None] = lambda number: None
    should_stop: Callable[[], bool] = lambda: False
    on_solution: Callable[[int, int], None] = lambda number, total: None
