"""Methods of other libraries and papers as pymoo algorithms, with the same evaluator and counted budget.

Those of other libraries need the packages of ``benchmarks/requirements.txt``, and are imported from their own
modules.
"""

from .hypervolume_adam import HypervolumeAdam
from .seeds_alone import SeedsAlone
from .set_descent import POPULATION, SetDescent

__all__ = ["POPULATION", "HypervolumeAdam", "SeedsAlone", "SetDescent"]
