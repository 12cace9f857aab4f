"""Gradients and interactions of quadratic functions, whose derivatives are known."""

import numpy as np
import pytest

from pymoo_moss.instances.characterisation import gradient_range, interactions

GRID = (4, 5)
N_VAR = GRID[0] * GRID[1]
ALL = np.arange(N_VAR)[None]
MASK = np.random.default_rng(0).uniform(size=(1, N_VAR))


def measured(*hessians):
    """Interactions of quadratic functions with these second derivatives."""
    stacked = np.stack(hessians)
    return interactions(lambda X: np.einsum("kij,nj->nki", stacked, X), MASK, GRID, ALL)


def test_a_separable_function_has_no_interaction():
    (found,) = measured(np.diag(np.random.default_rng(1).uniform(1, 2, N_VAR)))
    assert found.coupling == pytest.approx(0.0, abs=1e-9)
    assert (found.reach_rows, found.reach_columns) == (0, 0)
    assert found.profile[0, 0] == pytest.approx(1.0)
    assert found.profile.sum() == pytest.approx(1.0, abs=1e-9)


def test_a_linear_function_has_none_either():
    (found,) = interactions(lambda X: np.ones((len(X), 1, N_VAR)), MASK, GRID, ALL)
    assert found.coupling == 0
    assert not found.profile.any()
    assert found.rows == found.columns == (0.0, 0.0, 0.0)


def test_interactions_of_any_quadratic_function_are_means_over_distances():
    rng = np.random.default_rng(2)
    hessians = [(one + one.T) * rng.uniform(0.1, 1) for one in rng.normal(size=(2, N_VAR, N_VAR))]
    for hessian, found in zip(hessians, measured(*hessians), strict=True):
        by_distance = {}
        for i in range(N_VAR):
            for j in range(N_VAR):
                rows, columns = abs(i // 5 - j // 5), abs(i % 5 - j % 5)
                by_distance.setdefault((rows, columns), []).append(abs(hessian[i, j]))
        alone = np.mean(by_distance[0, 0])
        for distance, values in by_distance.items():
            assert found.profile[distance] == pytest.approx(np.mean(values) / alone)
        assert found.rows == pytest.approx([found.profile[k, 0] for k in (1, 2, 3)])
        assert found.columns == pytest.approx([found.profile[0, k] for k in (1, 2, 3)])
        apart = np.abs(hessian).sum() - np.abs(np.diag(hessian)).sum()
        assert found.coupling == pytest.approx(apart / (alone * N_VAR))


def test_reach_is_where_neighbours_end():
    """Squared differences of neighbours in a row: second derivatives of -2 beside 2 or 4."""
    hessian = np.zeros((N_VAR, N_VAR))
    for i in range(N_VAR - 1):
        if i % 5 != 4:
            hessian[[i, i + 1], [i, i + 1]] += 2
            hessian[[i, i + 1], [i + 1, i]] -= 2
    (found,) = measured(hessian)
    assert (found.reach_rows, found.reach_columns) == (0, 1)
    # Three of five variables in a row have two neighbours.
    assert found.columns[0] == pytest.approx(2 / ((3 * 4 + 2 * 2) / 5))
    assert found.coupling == pytest.approx(1.0)


def test_many_pairs_are_measured_in_parts_as_at_once():
    hessian = np.random.default_rng(3).normal(size=(N_VAR, N_VAR))
    masks = np.random.default_rng(4).uniform(size=(5, N_VAR))
    many = interactions(lambda X: (X @ hessian.T)[:, None], masks, GRID, np.repeat(ALL, 5, axis=0))
    few = interactions(lambda X: (X @ hessian.T)[:, None], MASK, GRID, ALL)
    np.testing.assert_allclose(many[0].profile, few[0].profile)


def test_ranges_of_gradients():
    found = gradient_range(
        np.array([[[-3.0, -4.0, 0.0], [4.0, 3.0, 0.0]], [[-30.0, -40.0, 0.0], [0.5, 0.0, 0.0]]])
    )
    assert found.of_variables == pytest.approx((4 / 3, (4 / 3 + 1) / 2))
    assert found.flat == pytest.approx((1 / 3, 1 / 2))
    assert found.balance == pytest.approx((1 + 100) / 2)
    assert found.balance_range == pytest.approx(100)
    assert found.cosine == pytest.approx((-24 / 25 - 30 / 50) / 2)


def test_flat_objectives_have_no_range():
    found = gradient_range(np.stack([np.ones((3, 4)), np.zeros((3, 4))], axis=1))
    assert found.of_variables[0] == 1
    assert np.isnan(found.of_variables[1])
    assert found.flat == (0.0, 1.0)
