"""Named, frozen problems with their data, reference fronts and certificates; and generated ones."""

from .catalogue import (
    NOTEBOOK_WITH_ROUGHNESS,
    REFERENCE_KEYS,
    WITH_ROUGHNESS,
    check_problem_name,
    get_problem,
    get_reference,
    list_problems,
)
from .characterisation import Characteristics, characterise
from .frozen import FrozenProblem
from .generated import INSTANCE_SEEDS, GeneratedProblem, list_instances, make_instance
from .reference import REFERENCE_VERSION, Reference, save_reference

__all__ = [
    "INSTANCE_SEEDS",
    "NOTEBOOK_WITH_ROUGHNESS",
    "REFERENCE_KEYS",
    "REFERENCE_VERSION",
    "WITH_ROUGHNESS",
    "Characteristics",
    "FrozenProblem",
    "GeneratedProblem",
    "Reference",
    "characterise",
    "check_problem_name",
    "get_problem",
    "get_reference",
    "list_instances",
    "list_problems",
    "make_instance",
    "save_reference",
]
