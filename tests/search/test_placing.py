import numpy as np
from pymoo.core.population import Population
from pymoo.core.problem import Problem

from pymoo_moss.search.placing import insert_survivors


def population(F, rng):
    return Population.new(X=rng.random((len(F), 5)), F=np.asarray(F, dtype=float))


def test_what_is_found_takes_the_places_of_the_worst(rng):
    F = [[0, 9], [3, 5], [4, 4], [9, 0], [8, 8]]
    members, found = population(F, rng), population([[2, 2], [9, 9]], rng)
    kept = members.copy()
    insert_survivors(found, members, Problem(n_var=5, n_obj=2, xl=0, xu=1), rng)
    np.testing.assert_array_equal(
        members.get("F"), [[0, 9], *members.get("F")[1:3], [9, 0], *members.get("F")[4:]]
    )
    assert [2, 2] in members.get("F").tolist()
    assert [8, 8] not in members.get("F").tolist()
    assert [9, 9] not in members.get("F").tolist()
    assert sum(one is other for one, other in zip(kept, members, strict=True)) == 4


def test_members_in_several_places_and_what_places_know(rng):
    once = population([[0, 9], [8, 8], [9, 0]], rng)
    # MOEA/D has one individual in several places; particle swarms keep velocities with their members.
    members = Population.create(once[0], once[1], once[1], once[2])
    for number, member in enumerate(once):
        member.set("V", number)
    found = population([[4, 4], [3, 5]], rng)
    insert_survivors(found, members, Problem(n_var=5, n_obj=2, xl=0, xu=1), rng)
    assert sorted(members.get("F").tolist()) == [[0, 9], [3, 5], [4, 4], [9, 0]]
    assert members.get("V").tolist() == [0, 1, 1, 2]
