"""Algorithms of every name, with and without a seeding."""

import numpy as np
import pytest

from pymoo_moss import GradientSeedSampling, HybridAlgorithm, ParetoTracer
from pymoo_moss.errors import OptionError
from pymoo_moss.search import ALGORITHM_NAMES, ALGORITHMS, constant_sweep, default_seeding, make_algorithm

from ..marks import few

SEEDING = GradientSeedSampling(n_seeds=4, steps=2)


@pytest.mark.parametrize("name", few(ALGORITHMS, ["nsga2", "nsga3"], "matrix"))
def test_a_seeding_puts_a_pymoo_algorithm_into_a_hybrid(name):
    bare, seeded = make_algorithm(name, pop_size=12), make_algorithm(name, pop_size=12, seeding=SEEDING)
    assert not isinstance(bare, HybridAlgorithm)
    assert type(seeded) is HybridAlgorithm
    assert type(seeded.algorithm) is type(bare)
    assert seeded.seeding is SEEDING


def test_the_hybrid_takes_a_seeding_or_has_its_own():
    assert make_algorithm("hybrid", pop_size=12).algorithm.pop_size == 12
    assert make_algorithm("hybrid", seeding=SEEDING).seeding is SEEDING
    own, default = make_algorithm("hybrid").seeding, default_seeding()
    assert vars(own) == vars(default) == vars(HybridAlgorithm().seeding)
    assert default_seeding(steps=7).steps == 7


def test_the_tracer_has_points_and_no_seeding():
    for name in ("hybrid", "ascent", "tracer"):
        assert make_algorithm(name, pop_size=12).archive_size == 12
        assert make_algorithm(name, pop_size=12, archive_size=30).archive_size == 30
    assert make_algorithm("nsga2", pop_size=12, seeding=SEEDING, archive_size=30).archive_size == 30
    tracer = make_algorithm("tracer", pop_size=3, seeding=SEEDING)
    assert type(tracer) is ParetoTracer
    assert tracer.n_points == 3


@pytest.mark.parametrize("name", ["hybrid", "ascent", "tracer"])
@pytest.mark.parametrize("options", [{"sampling": "levels"}, {"variation": "masks"}])
def test_own_algorithms_refuse_another_sampling_and_variation(name, options):
    with pytest.raises(OptionError, match=f"{name} has its own sampling and variation"):
        make_algorithm(name, **options)


def test_an_unknown_name_is_compared_with_all_names():
    assert set(ALGORITHM_NAMES) == {"hybrid", "ascent", "tracer", *ALGORITHMS}
    with pytest.raises(OptionError, match=r"unknown algorithm 'hybird': did you mean 'hybrid'\? .*tracer"):
        make_algorithm("hybird")


def test_the_sweep_is_of_constant_masks(problem):
    levels = np.repeat(np.linspace(0, 1, 101)[:, None], problem.n_var, axis=1)
    np.testing.assert_array_equal(constant_sweep(problem), problem.evaluate(levels))
