"""Samplings, algorithms and recorders for the problem, as pymoo has them."""

from .algorithms import ALGORITHMS, make_algorithm
from .descent import EVALUATIONS_PER_GRADIENT
from .duplicates import ExactDuplicateElimination
from .hybrid import HybridAlgorithm
from .recorder import FrontRecorder
from .sampling import GradientSeedSampling, LevelSampling, constant_masks
from .weighted import WeightedResult, minimize_weighted

__all__ = [
    "ALGORITHMS",
    "EVALUATIONS_PER_GRADIENT",
    "ExactDuplicateElimination",
    "FrontRecorder",
    "GradientSeedSampling",
    "HybridAlgorithm",
    "LevelSampling",
    "WeightedResult",
    "constant_masks",
    "make_algorithm",
    "minimize_weighted",
]
