"""Peers of the comparison that need no other library."""

import numpy as np
import pytest
from pymoo.optimize import minimize as search
from scipy.optimize import minimize

from benchmarks.peers import HypervolumeAdam
from benchmarks.peers.pareto_mtl import ParetoMTL, shortest
from pymoo_moss import get_problem


@pytest.mark.parametrize("seed", range(30))
def test_the_shortest_vector_of_a_hull_is_that_of_a_quadratic_programme(seed):
    rng = np.random.default_rng(seed)
    gradients = rng.standard_normal((2, 6))
    rows = np.vstack([np.eye(2), rng.standard_normal((rng.integers(0, 6), 2))])
    corners, count = rows @ gradients, len(rows)
    best = minimize(
        lambda weights: ((weights @ corners) ** 2).sum(),
        np.full(count, 1 / count),
        jac=lambda weights: 2 * corners @ (weights @ corners),
        bounds=[(0, 1)] * count,
        constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1},
        options={"ftol": 1e-14, "maxiter": 500},
    )
    found = shortest(rows, gradients @ gradients.T) @ gradients
    assert (found**2).sum() == pytest.approx(best.fun, abs=1e-6)


def test_a_mask_in_the_part_of_another_descends_in_the_violation_alone():
    descent = ParetoMTL(n_masks=3)
    F = np.array([[0.1, 1.0], [0.7, 0.7], [0.1, 1.0]])
    gradients = np.random.default_rng(0).standard_normal((3, 2, 5))
    found = descent.slopes(F, gradients)
    # The first mask belongs to (1, 0); both other vectors are nearer to its values.
    violations = np.array([[np.sqrt(0.5) - 1, np.sqrt(0.5)], [-1.0, 1.0]]) @ gradients[0]
    line = np.linspace(0, 1, 2001)[:, None]
    lengths = np.linalg.norm(line * violations[0] + (1 - line) * violations[1], axis=1)
    assert np.linalg.norm(found[0]) == pytest.approx(lengths.min(), rel=1e-4)
    # The second is in its own part: the shortest vector between both gradients.
    lengths = np.linalg.norm(line * gradients[1, 0] + (1 - line) * gradients[1, 1], axis=1)
    assert np.linalg.norm(found[1]) == pytest.approx(lengths.min(), rel=1e-4)


@pytest.mark.parametrize(("kind", "least"), [(HypervolumeAdam, 0.9), (ParetoMTL, 0.9)])
def test_sets_descend_within_their_count(kind, least):
    problem = get_problem("owl-drums-16x32")
    result = search(problem, kind(n_masks=20), ("n_eval", 2000), seed=1)
    assert problem.share(result.F) > least
    # The ends, and three for each mask and step.
    assert (result.algorithm.evaluator.n_eval - 2) % 60 == 0
