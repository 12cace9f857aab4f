"""Certified bounds of random small problems hold for all masks of brute force and of long descents."""

from dataclasses import replace

import numpy as np
import pytest

from pymoo_moss import certify, get_problem, list_problems
from pymoo_moss.bounds import Relaxation
from pymoo_moss.instances.reference import EDITION_1_ALLOWANCE
from pymoo_moss.objectives import find_structure

from ..marks import few
from .adversary import are_above_one, challengers, direct_values, random_problem

PER_TEST = 10
BLOCKS = range(10)
CAMPAIGN = range(10, 200)


@pytest.mark.parametrize("block", few(BLOCKS, BLOCKS[:2], "contract") + few(CAMPAIGN, [], "slow"))
def test_no_mask_of_any_small_problem_is_beyond_its_bounds(block):
    for seed in range(PER_TEST * block, PER_TEST * (block + 1)):
        problem, rng = random_problem(seed)
        effort = {
            "n_weights": rng.integers(1, 12),
            "n_passes": rng.integers(0, 2),
            "n_boxes": rng.integers(0, 300),
        }
        bounds = certify(problem, **{name: int(value) for name, value in effort.items()})
        structure = find_structure(problem.objectives)
        of_losses = bounds.weights[:, list(structure)] / problem.scale[list(structure)]
        tried = np.linspace(0, len(of_losses) - 1, 6).astype(int)
        x = challengers(problem, (of_losses[:, 0] / of_losses[:, 1])[tried], rng)
        for F in (problem.evaluate(x), direct_values(problem, x)):
            assert (bounds.lower_bounds <= F @ bounds.weights.T).all(), f"seed {seed}"
            assert problem.hypervolume(F) <= bounds.hypervolume_upper, f"seed {seed}"
            assert bounds.corners is None or are_above_one(F, bounds.corners), f"seed {seed}"


@pytest.mark.parametrize("name", few(list_problems(), ["lighthouse-monologue-64x128"], "contract"))
def test_allowing_for_rounding_costs_frozen_problems_next_to_nothing(name):
    problem = get_problem(name)
    published = problem.reference.bounds
    trade_offs = published.weights[:, 0] / published.weights[:, 1]
    allowance = Relaxation(problem.encoder).allowance
    allowed = allowance.applied(trade_offs, published.lower_bounds)
    assert (allowed < published.lower_bounds).all()
    assert (allowed > (1 - 1e-5) * published.lower_bounds).all()
    moved = replace(published, lower_bounds=allowed).hypervolume_upper - published.hypervolume_upper
    assert 0 < moved < 1e-6
    # The allowance in the published bounds is at least as large in every attribute.
    assert all(value <= getattr(EDITION_1_ALLOWANCE, name) for name, value in vars(allowance).items())
