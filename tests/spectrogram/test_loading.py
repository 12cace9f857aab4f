"""Large files are loaded in bounded memory; `benchmarks/loading.py` measures it, and the time."""

import sys

import pytest

from benchmarks.loading import PAIRS, make_files, measure

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc"),
]

MOST_ADDED = dict(zip(PAIRS, (320, 520, 2800, 3000), strict=True))
"""Megabytes besides those of the imported package, which are some 300."""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    make_files(folder)
    return folder


@pytest.mark.parametrize("pair", PAIRS)
def test_memory_is_bounded(pair, files):
    picture, sound = PAIRS[pair]
    _, _, added = measure(files / picture, files / sound)
    assert added < MOST_ADDED[pair]
