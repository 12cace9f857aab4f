"""Evaluations to reach targets."""

import numpy as np
import pytest

from pymoo_moss.study.targets import expected_running_time, first_hits


def test_first_hits_are_those_of_a_search_record_by_record():
    rng = np.random.default_rng(5)
    costs = np.cumsum(rng.integers(1, 9, 40)).astype(float)
    values = rng.random(40)
    targets = np.r_[rng.random(30), values[3], 1.5]
    found = first_hits(costs, values, targets)
    for target, hit in zip(targets, found, strict=True):
        reached = [cost for cost, value in zip(costs, values, strict=True) if value >= target]
        assert hit == (reached[0] if reached else np.inf)


def test_a_run_without_records_reaches_nothing():
    assert first_hits(np.empty(0), np.empty(0), np.array([0.1])).tolist() == [np.inf]


def test_expected_running_time_counts_what_failed_runs_spent():
    hits, limits = np.array([100.0, np.inf, 300.0]), np.array([1000.0, 1000.0, 1000.0])
    assert expected_running_time(hits, limits) == pytest.approx((100 + 1000 + 300) / 2)
    assert expected_running_time(np.full(3, np.inf), limits) == np.inf


def test_expected_running_time_is_that_of_restarts():
    rng = np.random.default_rng(1)
    hits, limits = np.array([40.0, np.inf, 90.0, np.inf]), np.full(4, 100.0)
    total = []
    for _ in range(20_000):
        spent = 0.0
        while True:
            run = rng.integers(4)
            if np.isfinite(hits[run]):
                break
            spent += limits[run]
        total.append(spent + hits[run])
    assert expected_running_time(hits, limits) == pytest.approx(np.mean(total), rel=0.03)
