import numpy as np
import pytest

from pymoo_moss import MOSSProblem
from pymoo_moss.bounds.majorisation import Majorisation
from pymoo_moss.errors import ObjectiveError

from ..reference import notebook_objectives


@pytest.fixture(scope="module")
def trade_offs(problem):
    return np.geomspace(1e-2, 1e3, 8) * problem.ref_point[1] / problem.ref_point[0]


def test_steps_never_ascend(problem, exact_encoder, trade_offs, rng):
    solver = Majorisation(problem)
    y = rng.random((8, problem.n_var))
    sums = []
    for _ in range(30):
        F = notebook_objectives(1 - y, exact_encoder)
        sums.append(F[:, 1] + trade_offs * F[:, 0])
        y = solver.descend(y, trade_offs, steps=1)
    assert (np.diff(sums, axis=0) <= 1e-6 * np.array(sums[:-1])).all()
    assert (np.array(sums[-1]) < 0.999 * np.array(sums[0])).all()


def test_steps_end_where_no_variable_can_gain(problem, trade_offs, rng):
    solver = Majorisation(problem)
    y = solver.descend(rng.random((8, problem.n_var)), trade_offs, steps=2000)
    _, gradients = problem.evaluate(1 - y, return_values_of=["F", "dF"])
    slopes = gradients[:, 1] + trade_offs[:, None] * gradients[:, 0]
    size = trade_offs[:, None] * np.abs(gradients[:, 0])
    free = (y > 1e-3) & (y < 1)
    assert np.abs(slopes / size)[free].max() < 0.02
    # At X = 0 the loss rises with X.
    at_0 = y == 1
    assert at_0.any()
    assert (slopes >= -1e-3 * size)[at_0].all()


def test_objectives_in_another_order_or_normalised_give_the_same_masks(problem, encoder, rng):
    start = rng.random((3, problem.n_var))
    weights = np.array([[1.0, 2.0], [300.0, 1.0], [0.1, 5.0]])
    plain = Majorisation(problem)
    expected = plain.descend(start, plain.trade_offs(weights), steps=5)
    swapped = Majorisation(MOSSProblem(encoder=encoder, objectives=["audio_log_l1", "visual_l1"]))
    found = swapped.descend(start, swapped.trade_offs(weights[:, ::-1]), steps=5)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    scaled = Majorisation(MOSSProblem(encoder=encoder, normalize=True))
    found = scaled.descend(start, scaled.trade_offs(weights * problem.ref_point), steps=5)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_steps_are_the_same_with_both_engines(problem, encoder, trade_offs, rng):
    start = rng.random((8, problem.n_var))
    of_torch = Majorisation(MOSSProblem(encoder=encoder, engine="torch"))
    found = of_torch.descend(start, trade_offs, steps=5)
    np.testing.assert_allclose(
        found, Majorisation(problem).descend(start, trade_offs, steps=5), rtol=1e-3, atol=1e-6
    )


def test_the_callback_of_every_step_may_end_the_descent(problem, trade_offs, rng):
    start, values = rng.random((8, problem.n_var)), []
    solver = Majorisation(problem)
    X, F = solver.improve(
        start, trade_offs, steps=9, after_step=lambda F: values.append(F) is None and len(values) == 3
    )
    # The masks of the third step are those after two.
    np.testing.assert_allclose(X, 1 - solver.descend(1 - start, trade_offs, steps=2), atol=1e-15)
    assert F is values[2]
    np.testing.assert_allclose(F, problem.evaluate(X), rtol=1e-12)
    whole, unknown = solver.improve(start, trade_offs, steps=9, after_step=lambda F: False)
    assert unknown is None
    np.testing.assert_allclose(whole, 1 - solver.descend(1 - start, trade_offs, steps=9), atol=1e-15)


def test_values_of_the_callback_are_in_the_problems_own_units_and_order(problem, trade_offs, rng):
    start = rng.random((8, problem.n_var))
    options = {"normalize": True, "objectives": ["audio_log_l1", "visual_l1"]}
    other = MOSSProblem(encoder=problem.encoder, **options)
    X, F = Majorisation(other).improve(start, trade_offs, steps=1, after_step=lambda F: True)
    np.testing.assert_allclose(F, other.evaluate(X), rtol=1e-12)


def test_other_objectives_are_refused(display_problem):
    with pytest.raises(ObjectiveError, match="with a floor"):
        Majorisation(display_problem)
