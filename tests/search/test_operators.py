import numpy as np
import pytest
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.population import Population
from pymoo.operators.crossover.sbx import SBX
from pymoo.operators.mutation.pm import PM

from pymoo_moss import PatchCrossover, SmoothNoiseMutation, SmoothNoiseSampling
from pymoo_moss.errors import OptionError
from pymoo_moss.search.smooth_noise import patches, smooth_noise

from .conftest import search

GRID = (30, 40)


def neighbours_alike(fields):
    """Correlation of each field with itself, moved by one column."""
    return np.array([np.corrcoef(field[:, 1:].ravel(), field[:, :-1].ravel())[0, 1] for field in fields])


def test_noise_is_standardised_and_smooth(rng):
    fields = smooth_noise(200, GRID, rng)
    np.testing.assert_allclose(fields.mean(axis=(1, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(fields.std(axis=(1, 2)), 1)
    assert neighbours_alike(fields).min() > 0.5
    assert np.ptp(neighbours_alike(fields)) > 0.2


def test_patches_are_of_any_size_and_in_few_pieces(rng):
    regions = patches(300, GRID, rng)
    shares = regions.mean(axis=(1, 2))
    assert np.quantile(shares, [0.1, 0.5, 0.9]) == pytest.approx([0.1, 0.5, 0.9], abs=0.1)
    edges = (regions[:, :, 1:] != regions[:, :, :-1]).mean()
    assert edges < 0.12  # half of all pairs, for variables that are chosen one by one


def test_a_child_is_everywhere_one_parent_or_the_other(problem, rng):
    parents = Population.new(X=rng.random((20, problem.n_var)))
    pairs = np.arange(20).reshape(10, 2)
    children = PatchCrossover(prob=1.0).do(problem, parents, pairs, random_state=rng).get("X")
    first, second = parents.get("X")[pairs[:, 0]], parents.get("X")[pairs[:, 1]]
    from_first = children[:10] == first
    np.testing.assert_array_equal(children[:10], np.where(from_first, first, second))
    np.testing.assert_array_equal(children[10:], np.where(from_first, second, first))
    assert 0.2 < from_first.mean() < 0.8


def test_mutation_moves_regions_within_the_bounds(problem, rng):
    before = rng.random((50, problem.n_var))
    population = Population.new(X=before.copy())
    after = SmoothNoiseMutation(prob=1.0).do(problem, population, random_state=rng).get("X")
    assert 0 <= after.min() < after.max() <= 1
    moved = (after != before).mean(axis=1)
    assert np.quantile(moved, [0.1, 0.9]) == pytest.approx([0.1, 0.9], abs=0.25)
    sizes = np.abs(after - before).max(axis=1)
    assert sizes.max() > 0.3
    assert np.median(sizes) < 0.3
    weak = SmoothNoiseMutation(amplitude=1e-3, prob=1.0)
    gently = weak.do(problem, Population.new(X=before.copy()), random_state=rng).get("X")
    assert 0 < np.abs(gently - before).max() < 1e-2


def test_operators_move_points_where_pymoos_do_not(problem, rng):
    mask = np.full((100, problem.n_var), 0.4)
    F = problem.evaluate(mask[:1])

    def moves(mutation):
        mutated = mutation.do(problem, Population.new(X=mask.copy()), random_state=rng)
        return np.abs(problem.evaluate(mutated.get("X")) - F).mean(axis=0)

    assert (moves(SmoothNoiseMutation()) > 5 * moves(PM())).all()


def test_evolution_from_noise_is_better_with_them(problem):
    def reached(crossover, mutation):
        algorithm = NSGA2(pop_size=30, sampling=SmoothNoiseSampling(), crossover=crossover, mutation=mutation)
        return problem.hypervolume(search(problem, algorithm, ("n_gen", 60)).F)

    assert reached(PatchCrossover(), SmoothNoiseMutation()) > reached(SBX(), PM())


def test_noise_spreads_over_the_objective_space_where_random_masks_do_not(problem, rng):
    spread = SmoothNoiseSampling()(problem, 60, random_state=np.random.default_rng(0), to_numpy=True)
    assert spread.shape == (60, problem.n_var)
    assert 0 <= spread.min() < spread.max() <= 1
    noise = problem.evaluate(rng.random((60, problem.n_var)))
    assert (problem.evaluate(spread).std(axis=0) > 5 * noise.std(axis=0)).all()
    again = SmoothNoiseSampling()(problem, 60, random_state=np.random.default_rng(0), to_numpy=True)
    np.testing.assert_array_equal(spread, again)
    assert SmoothNoiseSampling()(problem, 1, random_state=rng, to_numpy=True).shape == (1, problem.n_var)


def test_options_out_of_range_are_refused():
    with pytest.raises(OptionError, match="amplitude above 0, got 0"):
        SmoothNoiseMutation(amplitude=0)
    with pytest.raises(OptionError, match="0 or more, got -1"):
        SmoothNoiseSampling(amplitude=-1)
