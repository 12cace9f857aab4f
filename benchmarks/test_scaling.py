"""Cost of evaluation against the length of the sound, the population and the grid."""

import pytest

from .inputs import random_masks, synthetic_problem


@pytest.mark.parametrize("seconds", [10, 30, 75, 150, 300, 600])
def test_length_of_sound(measure, seconds):
    problem, x = synthetic_problem(seconds), random_masks(100)
    measure("length", lambda: problem.evaluate(x), side=f"{seconds} s", amount=100, rounds=3)


@pytest.mark.parametrize("population", [10, 30, 100, 300, 1000])
def test_population(measure, make_problem, population):
    problem, x = make_problem(), random_masks(population)
    measure("population", lambda: problem.evaluate(x), side=str(population), amount=population, rounds=3)


@pytest.mark.parametrize("grid", [(16, 32), (32, 64), (64, 128), (128, 256)])
def test_grid(measure, grid):
    problem, x = synthetic_problem(75, grid), random_masks(100, grid[0] * grid[1])
    measure("grid", lambda: problem.evaluate(x), side=f"{grid[0]} x {grid[1]}", amount=100, rounds=3)
