import numpy as np
import pytest

from pymoo_moss import MOSSProblem
from pymoo_moss.search.exchange import improved_by_regions, neighbours, proposed
from pymoo_moss.search.slopes import LogRatioSteps, MajorisedSteps, Slopes, SmoothMajorisedSteps, steps_of

WEIGHTS = np.array([[1.0, 0.2], [0.3, 1.0]])


@pytest.fixture(scope="module")
def three(encoder):
    return MOSSProblem(encoder=encoder, objectives=["mask_roughness", "visual_l1", "audio_log_l1"])


@pytest.fixture(params=["notebook", "display"])
def any_problem(request, problem, display_problem):
    return problem if request.param == "notebook" else display_problem


def two_masks(problem):
    """Masks that differ in two regions which are apart."""
    rows, columns = problem.grid
    one = np.full((rows, columns), 0.4)
    other = one.copy()
    other[:, :2] = 0.6
    other[:, -2:] = 0.25
    return np.array([one.ravel(), other.ravel()])


def test_the_steps_fit_the_structure(problem, display_problem, three, encoder):
    assert type(steps_of(problem)) is MajorisedSteps
    assert type(steps_of(three)) is SmoothMajorisedSteps
    other = MOSSProblem(encoder=encoder, objectives=["visual_l1", "audio_log_l1", "visual_ssim"])
    assert type(steps_of(other)) is LogRatioSteps
    assert type(steps_of(display_problem)) is LogRatioSteps


def test_parts_sum_up_to_the_gradient(any_problem, rng):
    X = rng.random((3, any_problem.n_var))
    slopes = steps_of(any_problem).slopes(X)
    F, dF = any_problem.evaluate(X, return_values_of=["F", "dF"])
    np.testing.assert_allclose(slopes.F, F, rtol=1e-9)
    for objective in range(2):
        whole = slopes.gradients[:, slopes.objectives == objective].sum(axis=1)
        np.testing.assert_allclose(whole, dF[:, objective], rtol=1e-4, atol=1e-8)


def test_parts_of_three_objectives_sum_up_to_the_gradient(three, rng):
    X = rng.random((3, three.n_var))
    slopes = steps_of(three).slopes(X)
    F, dF = three.evaluate(X, return_values_of=["F", "dF"])
    np.testing.assert_allclose(slopes.F, F, rtol=1e-6)
    for objective in range(3):
        whole = slopes.gradients[:, slopes.objectives == objective].sum(axis=1)
        np.testing.assert_allclose(whole, dF[:, objective], rtol=1e-4, atol=1e-7)


def test_majorised_steps_of_three_objectives_never_ascend_their_weighted_sum(three, rng):
    steps, weights = (
        SmoothMajorisedSteps(three),
        np.array([[3.0, 1.0, 0.2], [0.1, 0.3, 1.0], [0.0, 1.0, 1.0]]),
    )
    X = rng.random((3, three.n_var))
    for _ in range(6):
        slopes = steps.slopes(X)
        X = steps.stepped(slopes, weights, 1.0)
        assert 0 <= X.min() <= X.max() <= 1
        assert ((weights * three.evaluate(X)).sum(axis=1) <= (weights * slopes.F).sum(axis=1) + 1e-7).all()


def test_the_first_masks_of_three_objectives_come_from_one_and_heavier_roughness_smooths_them(three):
    steps = SmoothMajorisedSteps(three)
    X, middle = steps.start(5, three.ref_point)
    assert len(np.unique(X, axis=0)) == 5
    np.testing.assert_array_equal(middle.X, np.full((1, three.n_var), 0.5))
    weights = np.array([[rough, 1.0, 1.0] for rough in (0.0, 0.1, 1.0, 10.0)]) / three.ref_point
    rows = np.zeros(4, dtype=int)
    X = steps.stepped(middle.mixed(middle.X[rows], middle.gradients[rows]), weights, 1.0)
    assert (np.diff(three.evaluate(X)[:, 0]) < 0).all()


def test_majorised_steps_never_ascend_their_weighted_sum(problem, rng):
    steps, X = MajorisedSteps(problem), rng.random((2, problem.n_var))
    for _ in range(6):
        slopes = steps.slopes(X)
        X = steps.stepped(slopes, WEIGHTS, 1.0)
        assert ((WEIGHTS * problem.evaluate(X)).sum(axis=1) <= (WEIGHTS * slopes.F).sum(axis=1) + 1e-7).all()


def test_steps_by_ratios_descend_and_stay_within_the_bounds(any_problem):
    steps = LogRatioSteps(any_problem)
    X, _ = steps.start(2, np.ones(2))
    first = (WEIGHTS * any_problem.evaluate(X)).sum(axis=1)
    for _ in range(20):
        X = steps.stepped(steps.slopes(X), WEIGHTS, 0.3)
    assert ((WEIGHTS * any_problem.evaluate(X)).sum(axis=1) < first).all()
    assert 0 <= X.min() <= X.max() <= 1


def test_predicted_changes_are_near_the_evaluated_ones(any_problem):
    X = two_masks(any_problem)
    slopes = steps_of(any_problem).slopes(X)
    predicted = slopes.changes(0, 1, np.ones(any_problem.n_var, int), 1)[:, 0]
    np.testing.assert_allclose(predicted, slopes.F[1] - slopes.F[0], rtol=0.25, atol=1e-3)


def test_the_mean_slope_of_a_logarithm_is_exact():
    rise = 1e4
    gradients = np.array([[[rise]], [[rise / (1 + rise)]]])
    logarithm = Slopes(
        np.array([[0.0], [1.0]]), np.zeros((2, 1)), gradients, np.array([0]), np.array([True]), np.ones(1)
    )
    np.testing.assert_allclose(logarithm.changes(0, 1, np.array([1]), 1), np.log1p(rise), rtol=1e-12)


def test_a_mask_takes_the_regions_that_lower_its_sum_and_no_others(any_problem):
    X = two_masks(any_problem)
    slopes = steps_of(any_problem).slopes(X)
    changed = improved_by_regions(slopes, WEIGHTS, np.array([1, 1]), any_problem.grid)
    np.testing.assert_array_equal(changed.X[1], X[1])
    predicted = slopes.changes(0, 1, np.arange(any_problem.n_var) + 1, any_problem.n_var)
    for columns in (slice(0, 2), slice(-2, None)):
        change = WEIGHTS[0] @ predicted.reshape(2, *any_problem.grid)[..., columns].sum(axis=(1, 2))
        source = X[1] if change < 0 else X[0]
        taken, expected = (mask.reshape(any_problem.grid)[:, columns] for mask in (changed.X[0], source))
        np.testing.assert_array_equal(taken, expected)


def test_proposals_are_mixtures_predicted_to_extend_the_front(problem):
    X = two_masks(problem)
    slopes = steps_of(problem).slopes(X)
    box = np.zeros(2), problem.ref_point
    front = slopes.F[np.argsort(slopes.F[:, 0])] + 0.01
    found = proposed(slopes, np.array([[0, 1], [1, 0]]), problem.grid, front, box, 3)
    assert 1 <= len(found) <= 3
    assert ((found == X[0]) | (found == X[1])).all()
    none = proposed(slopes, np.array([[0, 1]]), problem.grid, np.zeros((1, 2)), box, 3)
    assert none.shape == (0, problem.n_var)


def test_neighbours_are_the_next_ones_along_a_front():
    F = np.array([[0.2, 0.5], [0.9, 0.1], [0.1, 0.8], [0.5, 0.3]])
    np.testing.assert_array_equal(neighbours(F, 1), [[2, 3], [3, 1], [2, 0], [0, 1]])


def test_with_three_objectives_they_are_the_nearest(rng):
    F = rng.random((8, 3))
    for one, near in enumerate(neighbours(F, 2)):
        distances = np.linalg.norm(F - F[one], axis=1)
        assert set(near) == set(np.argsort(distances)[1:5])
    assert neighbours(F[:2], 2).shape == (2, 4)


def test_a_problem_in_other_units_takes_the_same_steps(problem, rng):
    X = rng.random((2, problem.n_var))
    other = MOSSProblem(encoder=problem.encoder, objectives=["audio_log_l1", "visual_l1"], normalize=True)
    stepped = MajorisedSteps(problem).stepped(MajorisedSteps(problem).slopes(X), WEIGHTS, 1.0)
    weights = (WEIGHTS * problem.ref_point)[:, ::-1]
    again = MajorisedSteps(other).stepped(MajorisedSteps(other).slopes(X), weights, 1.0)
    np.testing.assert_allclose(again, stepped, rtol=1e-9, atol=1e-12)
