"""Options by name, against what the classes themselves accept."""

import inspect

import pytest
from pymoo.operators.crossover.sbx import SBX

from pymoo_moss.errors import OptionError
from pymoo_moss.search.options import call_with_options, parameters_of


class Base:
    def __init__(self, a, *, b=2, **kwargs):
        self.given = {"a": a, "b": b, **kwargs}


class Narrow(Base):
    def __init__(self, c=3, **kwargs):
        super().__init__(a=c, **kwargs)


class Closed(Base):
    def __init__(self, d, /, e=5):
        super().__init__(a=d + e)


def function(x, y=1):
    return x, y


def test_parameters_are_those_of_the_class_and_of_what_it_passes_on():
    assert parameters_of(Narrow) == {"a", "b", "c"}
    assert parameters_of(Closed) == {"e"}
    assert parameters_of(function) == {"x", "y"}
    assert parameters_of(lambda **anything: anything) is None
    for name in inspect.signature(SBX.__init__).parameters.keys() - {"self", "kwargs"}:
        assert name in parameters_of(SBX)


def test_options_replace_what_is_fixed():
    assert call_with_options(function, {"y": 3}, "f", fixed={"x": 1, "y": 2}) == (1, 3)
    assert call_with_options(Narrow, {"b": 7}, "narrow").given == {"a": 3, "b": 7}
    assert call_with_options(lambda **anything: anything, {"z": 1}, "f") == {"z": 1}


@pytest.mark.parametrize(
    ("make", "options", "message"),
    [
        (function, {"z": 1}, "unknown option of it 'z': choose from x, y"),
        (function, {}, "it cannot be made with {}: TypeError: .*missing"),
        (Narrow, {"a": 1}, "it cannot be made with .*: TypeError: .*multiple values"),
    ],
)
def test_what_is_not_accepted_is_named(make, options, message):
    with pytest.raises(OptionError, match=message):
        call_with_options(make, options, "it")
