import itertools

import moocore
import numpy as np
import pytest
from pymoo.core.population import Population

from pymoo_moss.bounds import most_valuable, non_dominated
from pymoo_moss.search.archive import FrontArchive


def a_front(rng, count):
    first = np.sort(rng.random(count))
    return np.stack([first, np.sort(rng.random(count))[::-1]], axis=1)


def test_non_dominated_points_are_moocores(rng):
    for count in (1, 2, 50):
        F = np.round(rng.random((count, 2)), 1)  # with equal points among them
        found = non_dominated(F)
        expected = np.unique(moocore.filter_dominated(F), axis=0)
        np.testing.assert_array_equal(F[found], expected[np.argsort(expected[:, 0])])


def test_of_all_points_those_worth_least_are_left_out(rng):
    F = a_front(rng, 9)
    kept = np.arange(9)
    while len(kept) > 4:
        # Brute force: leave each interior point out in turn.
        left = [np.delete(kept, number) for number in range(1, len(kept) - 1)]
        kept = max(left, key=lambda points: moocore.hypervolume(F[points], ref=np.array([2.0, 2.0])))
        np.testing.assert_array_equal(most_valuable(F, len(kept)), kept)


def test_few_of_many_keep_nearly_all_of_the_hypervolume(rng):
    F = np.stack([np.linspace(0, 1, 12), (1 - np.linspace(0, 1, 12)) ** 3], axis=1)
    best = max(
        moocore.hypervolume(F[[0, *middle, 11]], ref=np.array([1.0, 1.0]))
        for middle in itertools.combinations(range(1, 11), 4)
    )
    found = moocore.hypervolume(F[most_valuable(F, 6)], ref=np.array([1.0, 1.0]))
    assert found > 0.98 * best


@pytest.mark.parametrize("count", [1, 2, 5, 9])
def test_as_many_are_kept_as_there_are(rng, count):
    F = a_front(rng, 5)
    kept = most_valuable(F, count)
    assert len(kept) == min(count, 5)
    assert len(set(kept)) == len(kept)
    if count > 1:
        assert {0, 4} <= set(kept)


def test_the_archive_keeps_a_front_in_order(rng):
    archive = FrontArchive(20)
    everything = []
    for _ in range(5):
        F = rng.random((30, 2))
        everything.append(F)
        archive.add(Population.new(X=rng.random((30, 3)), F=F))
    F = archive.population.get("F")
    front = moocore.filter_dominated(np.vstack(everything))
    assert len(F) == len(front) <= 4 * 20
    assert len(archive.front) == min(20, len(front))
    assert (np.diff(F[:, 0]) > 0).all()
    assert (np.diff(F[:, 1]) < 0).all()
    assert {tuple(point) for point in F} <= {tuple(point) for point in front}
    assert len(archive.best(3)) == 3


def test_a_survivor_does_not_keep_its_whole_batch_in_memory(rng):
    archive = FrontArchive(5)
    archive.add(Population.new(X=rng.random((100, 50)), F=rng.random((100, 2))))
    assert all(one.X.base is None for one in archive.population)
