import gc

import pytest

from pymoo_moss.command_line.imports import long_import


@pytest.fixture(autouse=True)
def thawed():
    yield
    gc.unfreeze()


@pytest.mark.parametrize("enabled", [True, False])
def test_what_a_block_makes_is_left_alone_and_the_rest_is_as_before(enabled):
    try:
        if not enabled:
            gc.disable()
        with long_import():
            assert not gc.isenabled()
        assert gc.isenabled() == enabled
        assert gc.get_freeze_count() > 0
    finally:
        gc.enable()
