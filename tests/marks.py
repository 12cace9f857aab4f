"""Which cases of a long list belong to the fast half."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def few(cases: Iterable[Any], keep: Collection[Any], mark: str) -> list[Any]:
    """The cases for ``parametrize``: those to keep as they are, all others with a mark.

    Raises:
        ValueError: a case to keep is not among the cases.
    """
    cases = list(cases)
    missing = [case for case in keep if case not in cases]
    if missing:
        raise ValueError(f"expected cases to keep among {cases}, got {missing}")
    slow = getattr(pytest.mark, mark)
    return [case if case in keep else pytest.param(case, marks=slow) for case in cases]
