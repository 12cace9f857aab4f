"""Check values that users give."""

import json
import math
from typing import Any

import numpy as np

from .errors import OptionError


def whole_number(name: str, value: Any, least: int) -> int:
    """Return a whole number, of Python's or of numpy's types, as Python's.

    Raises:
        OptionError: it is something else, or less than ``least``.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise OptionError(f"expected {name} as a whole number of {least} or more, got {value!r}")
    return int(value)


def real_number(name: str, value: Any) -> float:
    """Return a finite number, of Python's or of numpy's types, as it is.

    Raises:
        OptionError: it is something else.
    """
    real = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not real or not math.isfinite(value):
        raise OptionError(f"expected {name} as a number, got {value!r}")
    number: float = value
    return number


def check_json(settings: Any) -> None:
    """Make sure that settings can be written as JSON.

    Raises:
        OptionError: they cannot.
    """
    try:
        json.dumps(settings)
    except (TypeError, ValueError) as error:
        raise OptionError(f"expected settings of numbers, strings, lists and dicts: {error}") from error
