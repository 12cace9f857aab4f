import pytest

import pymoo_moss.objectives
from pymoo_moss import bounds


@pytest.mark.parametrize("name", ["Relaxation", "Allowance"])
def test_names_of_version_0_1_are_still_there_and_say_where_they_are_now(name):
    with pytest.warns(DeprecationWarning, match=f"is now pymoo_moss.bounds.{name}"):
        assert getattr(pymoo_moss.objectives, name) is getattr(bounds, name)
    with pytest.raises(AttributeError, match="no attribute 'Relaxatoin'"):
        _ = pymoo_moss.objectives.Relaxatoin
