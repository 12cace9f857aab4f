"""Problems that are generated from a seed, many of one kind, for statistics over instances."""

from .kinds import KINDS
from .make import INSTANCE_SEEDS, NAMED, list_instances, make_instance
from .problem import GeneratedProblem

__all__ = ["INSTANCE_SEEDS", "KINDS", "NAMED", "GeneratedProblem", "list_instances", "make_instance"]
