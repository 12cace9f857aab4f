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


@pytest.mark.parametrize("options", [{}, {"normalize": True, "objectives": ["audio_log_l1", "visual_l1"]}])
def test_one_step_is_that_of_a_descent_in_any_units_and_order(problem, trade_offs, rng, options):
    start = rng.random((8, problem.n_var))
    other = MOSSProblem(encoder=problem.encoder, **options)
    solver = Majorisation(other)
    F, gradients = solver.slopes(start)
    expected, slopes = other.evaluate(start, return_values_of=["F", "dF"])
    np.testing.assert_allclose(F, expected, rtol=1e-12)
    columns = [0, 1] if not options else [1, 0]
    whole = np.stack([gradients[:, 0], gradients[:, 1] + gradients[:, 2]], axis=1)
    np.testing.assert_allclose(whole, slopes[:, columns], rtol=1e-5, atol=1e-12)
    stepped = solver.stepped(start, gradients, trade_offs)
    np.testing.assert_allclose(stepped, 1 - solver.descend(1 - start, trade_offs, steps=1), atol=1e-12)


def test_a_step_at_a_level_leaves_the_linear_loss_and_lowers_the_other(problem, trade_offs, rng):
    start = 0.05 + 0.9 * rng.random((8, problem.n_var))
    solver = Majorisation(problem)
    F, gradients = solver.slopes(start)
    reached = problem.evaluate(solver.stepped(start, gradients, trade_offs, corrections=12))
    np.testing.assert_allclose(reached[:, 0], F[:, 0], rtol=1e-6)
    assert (reached[:, 1] < F[:, 1]).all()
    free = problem.evaluate(solver.stepped(start, gradients, trade_offs))
    assert np.abs(free[:, 0] / F[:, 0] - 1).max() > 0.1


def test_other_objectives_are_refused(display_problem):
    with pytest.raises(ObjectiveError, match="with a floor"):
        Majorisation(display_problem)
