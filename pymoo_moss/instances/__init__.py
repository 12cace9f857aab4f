"""Named, frozen problems with their data, reference fronts and certificates."""

from .catalogue import (
    NOTEBOOK_WITH_ROUGHNESS,
    REFERENCE_KEYS,
    WITH_ROUGHNESS,
    get_problem,
    get_reference,
    list_problems,
)
from .characterisation import Characteristics, characterise
from .frozen import FrozenProblem
from .reference import REFERENCE_VERSION, Reference, save_reference

__all__ = [
    "NOTEBOOK_WITH_ROUGHNESS",
    "REFERENCE_KEYS",
    "REFERENCE_VERSION",
    "Characteristics",
    "FrozenProblem",
    "WITH_ROUGHNESS",
    "Reference",
    "characterise",
    "get_problem",
    "get_reference",
    "list_problems",
    "save_reference",
]
