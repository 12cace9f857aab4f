import numpy as np
import pytest

from pymoo_moss.bounds.trade_offs import between_points, even_trade_offs, spread_trade_offs

EXTENT = np.array([2.0, 10.0])


def points_at(trade_offs):
    """The front ``(1 - sqrt(a)) ** 2`` in the unit square, scaled: where its slope is the trade-off."""
    slope = np.asarray(trade_offs) * EXTENT[0] / EXTENT[1]
    first = 1 / (1 + slope) ** 2
    return np.stack([first, (1 - np.sqrt(first)) ** 2], axis=1) * EXTENT


def test_a_spread_is_even_around_equal_weights_of_normalised_objectives():
    found = spread_trade_offs(6, EXTENT) * EXTENT[0] / EXTENT[1]
    np.testing.assert_allclose(found, [1e-2, 1e-1, 1, 10, 100, 1000])
    np.testing.assert_allclose(spread_trade_offs(1, EXTENT), [5.0])


def test_the_widest_rectangle_is_divided_where_its_ends_are_equal():
    trade_offs = np.array([0.5, 500.0])
    points = points_at(trade_offs)
    gaps = between_points(trade_offs, points, EXTENT, 1)
    assert gaps.before.tolist() == [1]
    weighted = points[:, 1] + gaps.trade_offs * points[:, 0]
    assert weighted[0] == pytest.approx(weighted[1])
    assert len(between_points(trade_offs, points, EXTENT, 3).before) == 3


def test_equal_points_leave_the_trade_off_between_them():
    trade_offs = np.array([1.0, 2.0, 3.0])
    gaps = between_points(trade_offs, np.ones((3, 2)), EXTENT, 4)
    found = dict(zip(gaps.before.tolist(), gaps.trade_offs.tolist(), strict=True))
    assert sorted(found) == [0, 1, 2, 3]
    assert 0 < found[0] < 1 < found[1] < 2 < found[2] < 3 < found[3]


def test_adapting_makes_pieces_even():
    trade_offs = spread_trade_offs(12, EXTENT)

    def pieces():
        steps = np.abs(np.diff(points_at(trade_offs), axis=0)) / EXTENT
        return np.sqrt(steps.prod(axis=1))

    before = pieces().max() / pieces().mean()
    for _ in range(8):
        trade_offs = even_trade_offs(trade_offs, points_at(trade_offs), EXTENT)
    assert pieces().max() / pieces().mean() < 1.1 < before


def test_points_out_of_order_do_no_harm(rng):
    found = even_trade_offs(spread_trade_offs(5, EXTENT), rng.random((5, 2)), EXTENT)
    assert np.isfinite(found).all()
    assert (np.diff(found) >= 0).all()
