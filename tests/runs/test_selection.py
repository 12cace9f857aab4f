import numpy as np
import pytest

from pymoo_moss.runs import clear_pick, evenly_along, three_picks

IDEAL, REF = np.zeros(2), np.array([1.0, 10.0])
FRONT = np.array([[0.5, 4.0], [0.0, 10.0], [1.0, 0.0], [0.1, 6.0], [0.9, 1.0], [0.3, 3.0]])


def test_the_picks_are_the_ends_and_the_point_nearest_to_the_ideal():
    assert three_picks(FRONT, IDEAL, REF) == {"best visual": 1, "balanced": 5, "best audio": 2}


def test_an_end_is_balanced_only_where_nothing_else_is():
    convex = np.array([[0.0, 1.0], [0.9, 9.0], [1.0, 0.0]])
    assert three_picks(convex, IDEAL, REF)["balanced"] == 1
    assert three_picks(FRONT[:1], IDEAL, REF) == {"best visual": 0, "balanced": 0, "best audio": 0}
    assert set(three_picks(FRONT[1:3], IDEAL, REF).values()) == {0, 1}


def test_a_flat_box_is_no_obstacle():
    assert three_picks(np.array([[0.0, 1.0], [0.0, 0.0]]), IDEAL, np.array([0.0, 1.0]))["best audio"] == 1


@pytest.mark.parametrize("count", [1, 2, 3, 6, 60])
def test_points_along_the_front_are_spread_and_hold_the_ends(count):
    line = np.stack([np.linspace(0, 1, 41) ** 2, 10 - 10 * np.linspace(0, 1, 41) ** 2], axis=1)
    shuffled = line[np.random.default_rng(0).permutation(41)]
    chosen = shuffled[evenly_along(shuffled, count, IDEAL, REF)]
    assert len(chosen) == min(count, 41)
    assert (np.diff(chosen[:, 0]) > 0).all()
    assert chosen[0, 0] == 0
    if count > 1:
        assert chosen[-1, 0] == 1
    if 1 < count < 41:
        assert np.diff(chosen[:, 0]).max() < 1.5 / (len(chosen) - 1)


def test_the_clear_pick_has_the_best_sound_of_those_with_nearly_the_best_picture():
    picture = np.array([0.0, 0.1, 0.14, 0.16, 0.5, 1.0])
    F = np.column_stack([picture, [1.0, 0.7, 0.5, 0.4, 0.2, 0.0]])
    box = np.zeros(2), np.ones(2)
    assert clear_pick(F, *box) == 2
    assert clear_pick(F[::-1], *box) == 3
    assert clear_pick(F, *box, recognised=0.0) == 0
    assert clear_pick(F, *box, recognised=0.2) == 3
    # From the best picture that the front has.
    assert clear_pick(F + np.array([0.3, 0.0]), *box) == 2
    assert clear_pick(F[:1], *box) == 0
    # A sound that nobody can tell from the song makes room for the clearest picture.
    assert clear_pick(F, *box, unnoticed=F[0, 1]) == 0
    assert clear_pick(F, *box, unnoticed=F[1, 1]) == 1
    assert clear_pick(F, *box, unnoticed=-1.0) == 2
    assert clear_pick(F[:, ::-1], *box, picture=1, sound=0) == 2
