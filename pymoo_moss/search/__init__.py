"""Samplings, operators, algorithms, bounds and recorders for the problem, as pymoo has them."""

from ..bounds import FrontBounds, certify
from ..masks import constant_masks
from .adam import EVALUATIONS_PER_GRADIENT
from .algorithms import (
    ALGORITHM_NAMES,
    ALGORITHMS,
    CROSSOVERS,
    MUTATIONS,
    SAMPLINGS,
    VARIATIONS,
    make_algorithm,
)
from .budget import report_values
from .checkpoint_file import load_checkpoint, save_checkpoint
from .duplicates import ExactDuplicateElimination
from .front_ascent import FrontAscent
from .hybrid import HybridAlgorithm, default_seeding
from .minimize_weighted import WeightedResult, minimize_weighted
from .operators import PatchCrossover, SmoothNoiseMutation
from .output import FrontOutput
from .recorder import FrontRecorder
from .sampling import GradientSeedSampling, LevelSampling, SmoothNoiseSampling, constant_sweep
from .tracer import ParetoTracer

__all__ = [
    "ALGORITHMS",
    "ALGORITHM_NAMES",
    "CROSSOVERS",
    "EVALUATIONS_PER_GRADIENT",
    "ExactDuplicateElimination",
    "FrontAscent",
    "FrontBounds",
    "FrontOutput",
    "FrontRecorder",
    "GradientSeedSampling",
    "HybridAlgorithm",
    "LevelSampling",
    "MUTATIONS",
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
