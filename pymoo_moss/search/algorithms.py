"""Make algorithms by name: those of this package, and pymoo's with the parameters that they require."""

import functools
import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

import numpy as np
from pymoo.core.algorithm import Algorithm
from pymoo.core.crossover import Crossover
from pymoo.core.mutation import Mutation
from pymoo.core.sampling import Sampling
from pymoo.operators.crossover.sbx import SBX
from pymoo.operators.mutation.pm import PM
from pymoo.operators.sampling.rnd import FloatRandomSampling
from pymoo.util.ref_dirs import get_reference_directions

from ..errors import OptionError, unknown_name
from .duplicates import ExactDuplicateElimination
from .front_ascent import FrontAscent
from .hybrid import HybridAlgorithm
from .operators import PatchCrossover, SmoothNoiseMutation
from .options import call_with_options, parameters_of
from .sampling import GradientSeedSampling, LevelSampling, SmoothNoiseSampling
from .tracer import ParetoTracer


def _sized(module: str, name: str, **fixed: Any) -> Callable[..., Algorithm]:
    def make(n_obj: int, pop_size: int, **options: Any) -> Algorithm:
        return _load(module, name)(**{"pop_size": pop_size, **fixed, **options})

    return make


def _directed(module: str, name: str, **fixed: Any) -> Callable[..., Algorithm]:
    def make(n_obj: int, pop_size: int, **options: Any) -> Algorithm:
        # A copy, because algorithms may change theirs, and the cached one is shared.
        directions = {"ref_dirs": _directions(n_obj, pop_size).copy()}
        return _load(module, name)(**{**directions, **fixed, **options})

    return make


def _competitive_swarm(n_obj: int, pop_size: int, **options: Any) -> Algorithm:
    from .competitive_swarm import ReproducibleCMOPSO

    return ReproducibleCMOPSO(pop_size=pop_size, **options)


def _load(module: str, name: str) -> Callable[..., Algorithm]:
    factory: Callable[..., Algorithm] = getattr(import_module(f"pymoo.algorithms.moo.{module}"), name)
    return factory


@functools.lru_cache(maxsize=8)
def _directions(n_obj: int, count: int) -> np.ndarray:
    """Return reference directions ``(count, n_obj)``; with three objectives that takes seconds."""
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
"""pymoo's algorithms: functions of the number of objectives and the population size."""

_OWN_ALGORITHMS: Mapping[
    str, tuple[type[Algorithm], Callable[[int, int, Sampling | None], dict[str, Any]]]
] = {
    "hybrid": (
        HybridAlgorithm,
        lambda size, points, seeding: {"pop_size": size, "archive_size": points, "seeding": seeding},
    ),
    "ascent": (FrontAscent, lambda size, points, seeding: {"archive_size": points}),
    "tracer": (ParetoTracer, lambda size, points, seeding: {"n_points": points}),
}
"""Classes, and functions from size of the population, points of the front and seeding to their arguments."""

ALGORITHM_NAMES = (*_OWN_ALGORITHMS, *ALGORITHMS)
"""All names that `make_algorithm` knows."""

SAMPLINGS: Mapping[str, Callable[..., Sampling]] = MappingProxyType(
    {
        "random": FloatRandomSampling,
        "levels": LevelSampling,
        "smooth-noise": SmoothNoiseSampling,
        "gradient": GradientSeedSampling,
    }
)

CROSSOVERS: Mapping[str, Callable[..., Crossover]] = MappingProxyType({"patch": PatchCrossover, "sbx": SBX})

MUTATIONS: Mapping[str, Callable[..., Mutation]] = MappingProxyType(
    {"smooth-noise": SmoothNoiseMutation, "polynomial": PM}
)

_WITHOUT_VARIATION = {"cmopso", "gde3", "mopso-cd"}
"""Algorithms with update rules of their own in place of crossover and mutation."""

VARIATIONS = ("default", "masks")

_GIVEN_OTHERWISE = {
    *inspect.signature(Algorithm).parameters,
    *("algorithm", "archive_size", "crossover", "mutation", "n_points", "pop_size", "ref_dirs", "sampling"),
    *("seeding", "steps"),
}
"""Parameters of algorithms that follow from other arguments or from the run, or have another name now."""


def make_algorithm(
    name: str,
    *,
    n_obj: int = 2,
    pop_size: int = 100,
    sampling: str | Sampling | None = None,
    variation: str = "default",
    crossover: Crossover | None = None,
    mutation: Mutation | None = None,
    seeding: Sampling | None = None,
    archive_size: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> Algorithm:
    """Make an algorithm by name, with reference directions where it needs them.

    Args:
        name: one of `ALGORITHM_NAMES`: ``"hybrid"`` for `HybridAlgorithm`, ``"ascent"`` for `FrontAscent`,
            ``"tracer"`` for `ParetoTracer`, or one of pymoo's algorithms in `ALGORITHMS`.
        n_obj: number of objectives that it is for.
        pop_size: size of the population, at least 4 for pymoo's algorithms; ascent and tracer have none.
        sampling: one of `SAMPLINGS`, or a sampling; by default the algorithm's own, which is random for
            pymoo's.
        variation: ``"default"``, the algorithm's own crossover and mutation, or ``"masks"``: `PatchCrossover`
            and `SmoothNoiseMutation`.
        crossover: in place of that of the variation.
        mutation: in place of that of the variation.
        seeding: initial population of a `HybridAlgorithm`, which a pymoo algorithm is then wrapped in; by
            default `default_seeding` for the hybrid, and no hybrid around pymoo's algorithms. Ascent and
            tracer have no seeding and ignore it.
        archive_size: points of the front of hybrids, ascent and tracer; by default ``pop_size``. The front of
            pymoo's algorithms alone is their population's.
        options: further arguments of the algorithm's class, by name.

    Raises:
        OptionError: a name is unknown, the population too small, or the algorithm does not take an option.
    """
    if name not in ALGORITHM_NAMES:
        raise unknown_name("algorithm", name, ALGORITHM_NAMES)
    if name in _OWN_ALGORITHMS:
        if sampling is not None or variation != "default" or crossover is not None or mutation is not None:
            raise OptionError(f"{name} has its own sampling and variation: leave them out")
        kind, arguments_of = _OWN_ALGORITHMS[name]
        fixed = arguments_of(pop_size, archive_size or pop_size, seeding)
        return call_with_options(kind, options or {}, name, fixed=fixed, accepted=_accepted(kind))
    if pop_size < 4:
        raise OptionError(f"expected a population of 4 or more, got {pop_size}")
    operators = _operators(name, sampling, variation, crossover, mutation)
    make = functools.partial(ALGORITHMS[name], n_obj, pop_size)
    algorithm = make(**operators)
    if options:
        accepted = _accepted(type(algorithm))
        algorithm = call_with_options(make, options, name, fixed=operators, accepted=accepted)
    return algorithm if seeding is None else HybridAlgorithm(algorithm, seeding, archive_size=archive_size)


def _operators(
    name: str,
    sampling: str | Sampling | None,
    variation: str,
    crossover: Crossover | None,
    mutation: Mutation | None,
) -> dict[str, Any]:
    """Return the arguments of one of pymoo's algorithms."""
    if isinstance(sampling, str):
        if sampling not in SAMPLINGS:
            raise unknown_name("sampling", sampling, SAMPLINGS)
        sampling = SAMPLINGS[sampling]()
    if variation not in VARIATIONS:
        raise unknown_name("variation", variation, VARIATIONS)
    chosen: dict[str, Any] = {"sampling": sampling, "crossover": crossover, "mutation": mutation}
    if variation == "masks":
        chosen["crossover"] = crossover or PatchCrossover()
        chosen["mutation"] = mutation or SmoothNoiseMutation()
    given = {key: operator for key, operator in chosen.items() if operator is not None}
    if name in _WITHOUT_VARIATION and not given.keys() <= {"sampling"}:
        raise OptionError(f"{name} has an update rule of its own and takes no variation: leave it out")
    return given


def _accepted(kind: type[Algorithm]) -> set[str]:
    return (parameters_of(kind) or set()) - _GIVEN_OTHERWISE
