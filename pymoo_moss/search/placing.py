"""Give points that were found beside a population algorithm a place in its population."""

from collections import Counter

import numpy as np
from pymoo.algorithms.base.genetic import GeneticAlgorithm
from pymoo.algorithms.moo.ctaea import CTAEA
from pymoo.algorithms.moo.sms import SMSEMOA
from pymoo.core.algorithm import Algorithm
from pymoo.core.population import Population
from pymoo.core.problem import Problem
from pymoo.operators.survival.rank_and_crowding import RankAndCrowding

_MERGING = (GeneticAlgorithm._advance, SMSEMOA._advance, CTAEA._advance)
"""Steps that merge any number of offspring with the population, and let the algorithm's survival choose."""


def place(found: Population, algorithm: Algorithm) -> None:
    """Let the algorithm's own survival choose between its population and what was found.

    Where members keep their places, as particles and the subproblems of MOEA/D do, selection is by rank and
    crowding, and newcomers take the places of those that are not chosen.
    """
    if not len(found):
        return
    if type(algorithm)._advance in _MERGING:
        algorithm._advance(infills=found)
    else:
        insert_survivors(found, algorithm.pop, algorithm.problem, algorithm.random_state)


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
