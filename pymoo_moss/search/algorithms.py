"""pymoo's population algorithms by name, each with the directions or parameters it cannot do without."""

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

import numpy as np
from pymoo.core.algorithm import Algorithm
from pymoo.core.sampling import Sampling
from pymoo.operators.sampling.rnd import FloatRandomSampling
from pymoo.util.ref_dirs import get_reference_directions

from ..errors import OptionError, unknown_name
from .duplicates import ExactDuplicateElimination
from .operators import PatchCrossover, SmoothNoiseMutation
from .sampling import GradientSeedSampling, LevelSampling, SmoothNoiseSampling


def _sized(module: str, name: str, **fixed: Any) -> Callable[..., Algorithm]:
    def make(n_obj: int, pop_size: int, **options: Any) -> Algorithm:
        return _load(module, name)(pop_size=pop_size, **fixed, **options)

    return make


def _directed(module: str, name: str, **fixed: Any) -> Callable[..., Algorithm]:
    def make(n_obj: int, pop_size: int, **options: Any) -> Algorithm:
        return _load(module, name)(ref_dirs=_directions(n_obj, pop_size), **fixed, **options)

    return make


def _competitive_swarm(n_obj: int, pop_size: int, **options: Any) -> Algorithm:
    from .competitive_swarm import ReproducibleCMOPSO

    return ReproducibleCMOPSO(pop_size=pop_size, **options)


def _load(module: str, name: str) -> Callable[..., Algorithm]:
    factory: Callable[..., Algorithm] = getattr(import_module(f"pymoo.algorithms.moo.{module}"), name)
    return factory


def _directions(n_obj: int, count: int) -> np.ndarray:
    if n_obj == 2:
        directions: np.ndarray = get_reference_directions("das-dennis", 2, n_partitions=count - 1)
    else:
        directions = get_reference_directions("energy", n_obj, count, seed=1)
    return directions


_CHEAPER = {"eliminate_duplicates": ExactDuplicateElimination()}

ALGORITHMS: Mapping[str, Callable[..., Algorithm]] = MappingProxyType(
    {
        "age-moea": _sized("age", "AGEMOEA", **_CHEAPER),
        "age-moea2": _sized("age2", "AGEMOEA2", **_CHEAPER),
        "c-taea": _directed("ctaea", "CTAEA", **_CHEAPER),
        "cmopso": _competitive_swarm,
        "gde3": _sized("gde3", "GDE3"),
        "moea-d": _directed("moead", "MOEAD"),
        "mopso-cd": _sized("mopso_cd", "MOPSO_CD"),
        "nsga2": _sized("nsga2", "NSGA2", **_CHEAPER),
        "nsga3": _directed("nsga3", "NSGA3", **_CHEAPER),
        "rvea": _directed("rvea", "RVEA", **_CHEAPER),
        "sms-emoa": _sized("sms", "SMSEMOA", **_CHEAPER),
        "spea2": _sized("spea2", "SPEA2", **_CHEAPER),
        "u-nsga3": _directed("unsga3", "UNSGA3", **_CHEAPER),
    }
)


SAMPLINGS: Mapping[str, Callable[[], Sampling]] = MappingProxyType(
    {
        "random": FloatRandomSampling,
        "levels": LevelSampling,
        "smooth-noise": SmoothNoiseSampling,
        "gradient": GradientSeedSampling,
    }
)

_WITHOUT_VARIATION = {"cmopso", "gde3", "mopso-cd"}
"""Algorithms that move masks by rules of their own, not by crossover and mutation."""

VARIATIONS = ("default", "masks")


def make_algorithm(
    name: str,
    *,
    n_obj: int = 2,
    pop_size: int = 100,
    sampling: str | None = None,
    variation: str = "default",
) -> Algorithm:
    """A pymoo algorithm by name, with reference directions where it needs them.

    Args:
        name: one of `ALGORITHMS`.
        n_obj: number of objectives that it is for.
        pop_size: size of the population, at least 4.
        sampling: one of `SAMPLINGS`; by default the algorithm's own, which is random.
        variation: ``"default"``, the algorithm's own crossover and mutation, or ``"masks"``: `PatchCrossover`
            and `SmoothNoiseMutation`.

    Raises:
        OptionError: a name is unknown, the population too small, or the algorithm takes no variation.
    """
    if name not in ALGORITHMS:
        raise unknown_name("algorithm", name, ALGORITHMS)
    if pop_size < 4:
        raise OptionError(f"expected a population of 4 or more, got {pop_size}")
    options: dict[str, Any] = {}
    if sampling is not None:
        if sampling not in SAMPLINGS:
            raise unknown_name("sampling", sampling, SAMPLINGS)
        options["sampling"] = SAMPLINGS[sampling]()
    if variation not in VARIATIONS:
        raise unknown_name("variation", variation, VARIATIONS)
    if variation == "masks":
        if name in _WITHOUT_VARIATION:
            raise OptionError(f"{name} moves masks by a rule of its own and takes no variation: leave it out")
        options |= {"crossover": PatchCrossover(), "mutation": SmoothNoiseMutation()}
    return ALGORITHMS[name](n_obj, pop_size, **options)
