"""The contract of an algorithm."""

from typing import Any

import numpy as np
from pymoo.core.algorithm import Algorithm
from pymoo.core.callback import Callback
from pymoo.core.result import Result
from pymoo.optimize import minimize
from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

from ..problem import MOSSProblem
from .common import assert_no_global_random_state, check_masks, small_problem
from .counted import counted

_RTOL = 1e-5
"""Relative tolerance of the values of the same masks in different batches."""


def check_algorithm(
    algorithm: Algorithm, problem: MOSSProblem | None = None, *, n_gen: int = 4, seed: int = 1
) -> None:
    """Check that an algorithm keeps what pymoo and fair, reproducible comparisons require.

    - Result: masks ``(n, n_var)`` within [0, 1], none of which dominates another, with the values that the
      problem gives them.
    - Random numbers: all from the run's ``random_state``; the same seed gives the same result.
    - Counting: ``algorithm.evaluator.n_eval`` is the number of all evaluations, gradients included.
    - Budget: the termination ``("n_eval", k)`` ends the run within the generation that reaches ``k``.

    Args:
        algorithm: a pymoo algorithm that was not set up; copies of it are run, and it is not changed.
        problem: problem to solve; a small frozen one by default.
        n_gen: generations of a run.
        seed: seed of the runs.

    Raises:
        AssertionError: one of these does not hold; the message says which.
    """
    name = type(algorithm).__name__
    assert not algorithm.is_initialized, f"expected a {name} that was not set up"
    copied, spent = counted(small_problem() if problem is None else problem)
    counts = _Counts()
    with assert_no_global_random_state(name):
        result = minimize(copied, algorithm, ("n_gen", n_gen), seed=seed, callback=counts)
    assert result.algorithm.evaluator.n_eval == spent.evaluations, (
        f"expected {name} to count the {spent.evaluations} evaluations that it spent, it counted "
        f"{result.algorithm.evaluator.n_eval}: add gradients and values that it evaluates itself to "
        "evaluator.n_eval (a gradient counts two more than a value)"
    )
    _check_result(result, copied, name)

    again = minimize(copied, algorithm, ("n_gen", n_gen), seed=seed)
    same = np.array_equal(result.X, again.X) and np.array_equal(result.F, again.F)
    assert same, (
        f"expected {name} to find the same with the same seed, the results differ: draw from "
        "algorithm.random_state alone, and keep no state in the object that is set up"
    )
    _check_budget(algorithm, copied, counts.seen, seed, name)


def _check_result(result: Result, problem: MOSSProblem, name: str) -> None:
    assert result.X is not None, f"expected a front from {name}, it found none"
    X, F = np.atleast_2d(result.X), np.atleast_2d(result.F)
    check_masks(X, problem.n_var, name)
    assert F.shape == (len(X), problem.n_obj), (
        f"expected values of shape {(len(X), problem.n_obj)} from {name}, got {F.shape}"
    )
    assert np.allclose(problem.evaluate(X), F, rtol=_RTOL, atol=_RTOL * np.abs(F).max()), (
        f"expected the result of {name} to have the values of its masks, they differ: do not change a mask "
        "after its evaluation"
    )
    fronts = NonDominatedSorting().do(F)
    assert len(fronts) == 1, f"expected a front from {name}, {len(X) - len(fronts[0])} masks are dominated"


def _check_budget(algorithm: Algorithm, problem: MOSSProblem, seen: list[int], seed: int, name: str) -> None:
    budget = (seen[0] + seen[-1]) // 2
    result = minimize(problem, algorithm, ("n_eval", budget), seed=seed)
    n_eval = result.algorithm.evaluator.n_eval
    # The end of the generation in which the budget was reached.
    allowed = next(count for count in seen if count >= budget)
    assert n_eval <= allowed, (
        f"expected {name} to end with the generation that reaches {budget} evaluations, after {allowed}, it "
        f"continued to {n_eval}"
    )


class _Counts(Callback):  # type: ignore[misc]
    """Callback that records the number of evaluations at the end of every generation."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[int] = []

    def _update(self, algorithm: Any) -> None:
        self.seen.append(int(algorithm.evaluator.n_eval))
