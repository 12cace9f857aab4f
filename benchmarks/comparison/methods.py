"""The methods that are compared, by label."""

from collections.abc import Callable
from functools import partial

from pymoo.core.algorithm import Algorithm

from pymoo_moss import GradientSeedSampling
from pymoo_moss.study import AlgorithmChoice

from ..peers import POPULATION, HypervolumeAdam, SeedsAlone
from ..peers.evotorch_nsga2 import EvoTorchNSGA2
from ..peers.evox_nsga2 import EvoXNSGA2
from ..peers.jacobian_descent import JacobianDescent
from ..peers.pareto_mtl import ParetoMTL

Method = AlgorithmChoice | Callable[[int], Algorithm]

NAMES = {
    "NSGA-II": "nsga2",
    "NSGA-III": "nsga3",
    "SMS-EMOA": "sms-emoa",
    "AGE-MOEA2": "age-moea2",
    "RVEA": "rvea",
    "SPEA2": "spea2",
    "C-TAEA": "c-taea",
    "CMOPSO": "cmopso",
    "MOEA/D": "moea-d",
}
"""pymoo's algorithms: labels and names of `make_algorithm`."""
STARTS = {"random": "random", "levels": "levels", "gradient seeds": "gradient"}
"""Labels and names of their first populations."""
VARIATIONS = {"": "default", ", mask variation": "masks"}


def _seeds_alone(n_obj: int) -> Algorithm:
    """Make as many seeds on the spread schedule as the budget allows."""
    return SeedsAlone(GradientSeedSampling(n_seeds=33, steps=100, lr=0.2, schedule="spread"))


def _notebook_seeds_alone(n_obj: int) -> Algorithm:
    """Make the notebook's ten seeds."""
    return SeedsAlone(GradientSeedSampling())


def _made(kind: Callable[..., Algorithm], options: dict[str, object], n_obj: int) -> Algorithm:
    return kind(**options)


def _peer(kind: Callable[..., Algorithm], **options: object) -> Callable[[int], Algorithm]:
    return partial(_made, kind, options)


GRADIENT_METHODS: dict[str, Method] = {
    "FrontAscent": AlgorithmChoice("ascent"),
    "HybridAlgorithm": AlgorithmChoice("hybrid"),
    "hypervolume gradient, Adam": _peer(HypervolumeAdam, archive_size=POPULATION),
    "MGDA (TorchJD)": _peer(JacobianDescent, rule="MGDA"),
    "UPGrad (TorchJD)": _peer(JacobianDescent, rule="UPGrad"),
    "Pareto MTL": _peer(ParetoMTL),
    "gradient seeds alone": _seeds_alone,
    "gradient seeds alone, notebook": _notebook_seeds_alone,
}
"""Methods that descend along gradients from the beginning to the end."""

OTHER_LIBRARIES: dict[str, Method] = {
    "NSGA-II (EvoTorch), levels": _peer(EvoTorchNSGA2),
    "NSGA-II (EvoX), levels": _peer(EvoXNSGA2),
}


def _of_pymoo() -> dict[str, Method]:
    return {
        f"{label}, {start}{variation}": AlgorithmChoice(name, sampling=sampling, variation=operators)
        for label, name in NAMES.items()
        for start, sampling in STARTS.items()
        for variation, operators in VARIATIONS.items()
        if name != "cmopso" or operators == "default"
    }


METHODS: dict[str, Method] = {**GRADIENT_METHODS, **OTHER_LIBRARIES, **_of_pymoo()}
"""All methods. CMOPSO has no variation to replace."""

SLOW = tuple(label for label in METHODS if label.startswith("MOEA/D"))
"""Methods that evaluate mask by mask, ten times slower than the others."""

DOZEN = (
    *(label for label in GRADIENT_METHODS if label != "gradient seeds alone, notebook"),
    *(f"{label}, gradient seeds" for label in ("SMS-EMOA", "SPEA2", "NSGA-II", "NSGA-III")),
    "NSGA-II (EvoX), levels",
)
"""A dozen for large grids and budgets: those that follow gradients, the four algorithms of pymoo that were
best from gradient seeds in version 0.1, and the better of the other libraries."""
