"""Find the widest gaps of a front, and merge the refined masks into the population."""

from collections import Counter
from typing import NamedTuple

import numpy as np
from pymoo.core.population import Population
from pymoo.core.problem import Problem
from pymoo.operators.survival.rank_and_crowding import RankAndCrowding
from pymoo.operators.survival.rank_and_crowding.metrics import calc_crowding_distance
from pymoo.util.nds.non_dominated_sorting import find_non_dominated

from ..bounds import non_dominated
from .archive import least_infeasible


class Starts(NamedTuple):
    """Masks to descend from, each with its own weights.

    Attributes:
        X: ``(n, n_var)``.
        weights: ``(n, n_obj)``.
    """

    X: np.ndarray
    weights: np.ndarray


def widest_gaps(population: Population, count: int) -> Starts:
    """Return starts for a descent into the widest gaps of a population's front of feasible members.

    With two objectives: between the neighbours that span the largest rectangles, with the weights at which
    both are equal. With more: from the least crowded members, with weights inversely as their objective
    values above the best, so that all are lowered in proportion.

    Args:
        population: evaluated.
        count: how many at most.
    """
    X, F = least_infeasible(population).get("X", "F")
    return _between_neighbours(X, F, count) if F.shape[1] == 2 else _least_crowded(X, F, count)


def _between_neighbours(X: np.ndarray, F: np.ndarray, count: int) -> Starts:
    front = non_dominated(F)
    steps = np.abs(np.diff(F[front], axis=0))
    widest = np.argsort(-steps.prod(axis=1), kind="stable")[:count]
    if not len(widest):
        return Starts(X[front], np.ones((1, 2)))
    return Starts((X[front[widest]] + X[front[widest + 1]]) / 2, steps[widest, ::-1])


def _least_crowded(X: np.ndarray, F: np.ndarray, count: int) -> Starts:
    front = find_non_dominated(F)
    crowding = calc_crowding_distance(F[front])
    chosen = front[np.argsort(-crowding, kind="stable")[:count]]
    above = F[chosen] - F.min(axis=0)
    return Starts(X[chosen], 1.0 / np.maximum(above, 1e-3 * np.maximum(np.ptp(F, axis=0), 1e-12)))


def insert_survivors(
    found: Population, population: Population, problem: Problem, random_state: np.random.Generator
) -> None:
    """Replace members that do not survive rank-and-crowding selection by the refined masks that do."""
    merged = Population.merge(population, found)
    chosen = RankAndCrowding().do(problem, merged, n_survive=len(population), random_state=random_state)
    # Counted, because MOEA/D has one individual in several places.
    places_left = Counter(id(one) for one in chosen)
    vacated = []
    for number, member in enumerate(population):
        places_left[id(member)] -= 1
        if places_left[id(member)] < 0:
            vacated.append(number)
    newcomers = [one for one in found if places_left[id(one)] > 0]
    for number, newcomer in zip(vacated, newcomers, strict=True):
        # What an algorithm keeps with each member, velocities for one, goes with the place.
        newcomer.data = {**population[number].data, **newcomer.data}
        population[number] = newcomer
