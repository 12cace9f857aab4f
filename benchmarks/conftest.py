"""Fixtures of the benchmarks: shared problems, and a timer that records metadata for the report."""

import functools

import pytest

from .inputs import make_problem as make


@pytest.fixture(scope="session")
def make_problem():
    return functools.lru_cache(make)


@pytest.fixture
def measure(benchmark):
    """Time a function after one warm-up, and record its metadata for the report."""

    def run(work, function, *, side, amount, rounds=15, warmup=1, **info):
        benchmark.extra_info.update(work=work, side=side, amount=amount, **info)
        return benchmark.pedantic(function, rounds=rounds, warmup_rounds=warmup)

    return run
