"""The methods that are compared, by label. They need the packages of ``benchmarks/requirements.txt``."""

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
from .labels import ALONG_GRADIENTS, OF_PYMOO, OTHER_LIBRARIES

Method = AlgorithmChoice | Callable[[int], Algorithm]


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


_OTHERS: tuple[Method, ...] = (
    AlgorithmChoice("ascent"),
    AlgorithmChoice("hybrid"),
    _peer(HypervolumeAdam, archive_size=POPULATION),
    _peer(JacobianDescent, rule="MGDA"),
    _peer(JacobianDescent, rule="UPGrad"),
    _peer(ParetoMTL),
    _seeds_alone,
    _notebook_seeds_alone,
    _peer(EvoTorchNSGA2),
    _peer(EvoXNSGA2),
)

METHODS: dict[str, Method] = {
    **dict(zip((*ALONG_GRADIENTS, *OTHER_LIBRARIES), _OTHERS, strict=True)),
    **{
        label: AlgorithmChoice(name, sampling=sampling, variation=variation)
        for label, (name, sampling, variation) in OF_PYMOO.items()
    },
}
"""All methods, by the labels of `labels`."""
