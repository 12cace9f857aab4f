"""Ruggedness of series with known statistics, and of walks over a linear loss."""

import numpy as np
import pytest

from pymoo_moss.instances.characterisation import ruggedness
from pymoo_moss.instances.characterisation.ruggedness import information_content
from pymoo_moss.instances.characterisation.walks import random_step, smooth_step, walk


def autoregressive(coefficient, count, rng):
    """A stationary AR(1) process, whose autocorrelation one step apart is its coefficient."""
    values = np.empty(count)
    values[0] = rng.normal() / np.sqrt(1 - coefficient**2)
    noise = rng.normal(size=count)
    for step in range(1, count):
        values[step] = coefficient * values[step - 1] + noise[step]
    return values


@pytest.mark.parametrize("coefficient", [0.3, 0.9, 0.98])
def test_the_correlation_of_an_autoregressive_process_is_its_coefficient(rng, coefficient):
    found = ruggedness(np.stack([autoregressive(coefficient, 20_000, rng) for _ in range(3)]))
    assert found.correlation == pytest.approx(coefficient, abs=0.01)
    assert found.correlation_length == pytest.approx(-1 / np.log(found.correlation))


def test_losses_that_alternate_or_stay_have_no_correlation_length():
    alternating = ruggedness(np.tile([0.0, 1.0], 500)[None])
    assert alternating.correlation == pytest.approx(-1.0, abs=2e-3)
    assert alternating.correlation_length == 0
    assert ruggedness(np.ones((2, 10))).correlation_length == np.inf


def test_information_content_of_known_sequences():
    # Up and down in turn: two pairs, each half of all.
    assert information_content(np.tile([0.0, 1.0], 501)) == pytest.approx(np.log(2) / np.log(6))
    assert information_content(np.linspace(0, 1, 100)) == 0
    assert information_content(np.ones(100)) == 0
    # Every pair of symbols once: six pairs of nine that differ.
    every_pair = np.array([0, 0, 1, 0, -1, 1, 1, -1, -1, 0])
    assert information_content(np.r_[0, np.cumsum(every_pair)]) == pytest.approx(
        6 * np.log(9) / 9 / np.log(6)
    )


def test_information_content_is_the_greatest_over_sensitivities():
    # Up only, but with steps of very different size: with a sensitivity between them there are two symbols.
    series = np.cumsum(np.tile([1e-3, 1.0], 500))
    assert information_content(series) == pytest.approx(np.log(2) / np.log(6), abs=1e-5)


def test_a_linear_loss_along_the_random_walk_has_the_correlation_of_reflected_steps(rng):
    """The walk's eigenfunctions are cos(k pi x), with eigenvalues sin(k pi a) / (k pi a)."""
    odd = np.arange(1, 200, 2)
    eigenvalues = np.sin(odd * np.pi * 0.2) / (odd * np.pi * 0.2)
    expected = (eigenvalues / odd**4.0).sum() / (1 / odd**4.0).sum()
    slopes = rng.uniform(1, 2, size=20)
    losses = walk(
        lambda X: (X @ slopes)[:, None],
        random_step,
        rng.uniform(size=(50, 20)),
        rng,
        steps=3000,
        skipped=0,
    )
    assert losses.shape == (50, 1, 3000)
    assert ruggedness(losses[:, 0]).correlation == pytest.approx(expected, abs=0.005)


def test_steps_stay_within_the_bounds_and_repeat_with_their_seed(problem):
    for step in (random_step, smooth_step(problem)):
        start = np.random.default_rng(0).uniform(size=(8, problem.n_var))
        first, again = (step(start, np.random.default_rng(7)) for _ in range(2))
        np.testing.assert_array_equal(first, again)
        assert first.min() >= 0
        assert first.max() <= 1
        assert (first != start).any(axis=1).all()
    assert np.abs(random_step(start, np.random.default_rng(7)) - start).max() <= 0.2


def test_skipped_steps_are_not_recorded():
    found = walk(
        lambda X: X, lambda X, _: X + 1, np.zeros((2, 1)), np.random.default_rng(0), steps=3, skipped=2
    )
    np.testing.assert_array_equal(found, np.broadcast_to([[[3.0, 4.0, 5.0]]], (2, 1, 3)))
