"""Checks of the contracts of objectives, samplings and algorithms, for classes of your own.

>>> from pymoo_moss import LevelSampling
>>> from pymoo_moss.testing import check_sampling
>>> check_sampling(LevelSampling())

Each check runs the object on a small problem, and raises an `AssertionError` that states what was expected
and what came. The checks need nothing but the package, and work in any test framework.
"""

from .algorithm import check_algorithm
from .counted import Spent, counted
from .objective import check_objective
from .sampling import check_sampling

__all__ = ["Spent", "check_algorithm", "check_objective", "check_sampling", "counted"]
