import numpy as np
from pymoo.core.population import Population
from pymoo.core.problem import Problem

from pymoo_moss.search.front_gaps import insert_survivors, widest_gaps


def population(F, rng):
    return Population.new(X=rng.random((len(F), 5)), F=np.asarray(F, dtype=float))


def test_the_widest_rectangle_comes_first_and_dominated_members_do_not_count(rng):
    members = population([[0, 9], [3, 5], [4, 4], [9, 0], [4, 8]], rng)
    X = members.get("X")
    starts = widest_gaps(members, 2)
    np.testing.assert_array_equal(starts.X, [(X[2] + X[3]) / 2, (X[0] + X[1]) / 2])
    np.testing.assert_array_equal(starts.weights, [[4, 5], [4, 3]])
    # With these weights both neighbours are equal.
    assert starts.weights[0] @ [4, 4] == starts.weights[0] @ [9, 0]


def test_a_front_of_one_point_is_refined_itself(rng):
    member = population([[1, 1]], rng)
    starts = widest_gaps(member, 4)
    np.testing.assert_array_equal(starts.X, member.get("X"))
    assert (starts.weights > 0).all()


def test_with_more_objectives_the_least_crowded_members_are_refined(rng):
    F = rng.random((30, 3)) + 0.01
    F /= F.sum(axis=1, keepdims=True)
    starts = widest_gaps(population(F, rng), 4)
    assert starts.X.shape == (4, 5)
    assert starts.weights.shape == (4, 3)
    assert (starts.weights > 0).all()
    assert np.isfinite(starts.weights).all()


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
