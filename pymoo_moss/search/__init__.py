"""Samplings, operators, algorithms, bounds and recorders for the problem, as pymoo has them."""

from .algorithms import ALGORITHM_NAMES, ALGORITHMS, SAMPLINGS, VARIATIONS, make_algorithm
from .bounds import FrontBounds
from .budget import report_values
from .certify import certify
from .checkpoint import load_checkpoint, save_checkpoint
from .descent import EVALUATIONS_PER_GRADIENT
from .duplicates import ExactDuplicateElimination
from .hybrid import HybridAlgorithm, default_seeding
from .operators import PatchCrossover, SmoothNoiseMutation
from .output import FrontOutput
from .recorder import FrontRecorder
from .sampling import GradientSeedSampling, LevelSampling, SmoothNoiseSampling, constant_masks, constant_sweep
from .tracer import ParetoTracer
from .weighted import WeightedResult, minimize_weighted

__all__ = [
    "ALGORITHMS",
    "ALGORITHM_NAMES",
    "EVALUATIONS_PER_GRADIENT",
    "ExactDuplicateElimination",
    "FrontBounds",
    "FrontOutput",
    "FrontRecorder",
    "GradientSeedSampling",
    "HybridAlgorithm",
    "LevelSampling",
    "ParetoTracer",
    "PatchCrossover",
    "SAMPLINGS",
    "SmoothNoiseMutation",
    "SmoothNoiseSampling",
    "VARIATIONS",
    "WeightedResult",
    "certify",
    "constant_masks",
    "constant_sweep",
    "default_seeding",
    "load_checkpoint",
    "make_algorithm",
    "minimize_weighted",
    "report_values",
    "save_checkpoint",
]
