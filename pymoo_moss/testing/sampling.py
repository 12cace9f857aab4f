"""The contract of a sampling."""

import numpy as np
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.sampling import Sampling

from ..problem import MOSSProblem
from .common import assert_no_global_random_state, check_masks, small_problem
from .counted import counted


def check_sampling(
    sampling: Sampling, problem: MOSSProblem | None = None, *, n_samples: int = 12, seed: int = 1
) -> None:
    """Check that a sampling keeps what pymoo and fair, reproducible comparisons require.

    - Masks: float64 ``(n_samples, n_var)`` within [0, 1], also for one and for two samples.
    - Random numbers: all from ``random_state``; the same state gives the same masks again.
    - Counting: evaluations during sampling are added to the evaluator of the algorithm that is passed.

    Args:
        sampling: a pymoo sampling.
        problem: problem to sample for; a small frozen one by default.
        n_samples: number of masks.
        seed: seed of the random state.

    Raises:
        AssertionError: one of these does not hold; the message says which.
    """
    name = type(sampling).__name__
    copied, spent = counted(small_problem() if problem is None else problem)
    for count in sorted({n_samples, 2, 1}):
        masks = _sampled(sampling, copied, count, seed)
        check_masks(masks, copied.n_var, name)
        assert len(masks) == count, f"expected {count} masks from {name}, got {len(masks)}"
    with assert_no_global_random_state(name):
        first, again = (_sampled(sampling, copied, n_samples, seed) for _ in range(2))
    assert np.array_equal(first, again), f"expected {name} to give the same masks for the same random_state"

    # As pymoo calls it in the initialisation of an algorithm, with that algorithm as argument.
    spent.evaluations = 0
    algorithm = NSGA2(pop_size=n_samples).setup(copied, ("n_gen", 1), seed=seed)
    found = sampling(copied, n_samples, random_state=np.random.default_rng(seed), algorithm=algorithm)
    check_masks(np.asarray(found.get("X")), copied.n_var, name)
    assert algorithm.evaluator.n_eval == spent.evaluations, (
        f"expected {name} to add the {spent.evaluations} evaluations that it spends to "
        f"algorithm.evaluator.n_eval (a gradient counts two more than a value), it added "
        f"{algorithm.evaluator.n_eval}"
    )


def _sampled(sampling: Sampling, problem: MOSSProblem, count: int, seed: int) -> np.ndarray:
    population = sampling(problem, count, random_state=np.random.default_rng(seed))
    return np.asarray(population.get("X"))
