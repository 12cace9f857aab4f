"""Compiled evaluators, which visit each bin once for up to sixteen masks and store no plane of mixtures."""

from .audibility import FusedAudibility
from .audio import FusedAudioLogL1
from .display import FusedDisplay
from .lanes import WIDTH
from .linear import LinearEvaluator
from .multiscale import FusedMultiscale
from .similarity import FusedSimilarity

__all__ = [
    "WIDTH",
    "FusedAudibility",
    "FusedAudioLogL1",
    "FusedDisplay",
    "FusedMultiscale",
    "FusedSimilarity",
    "LinearEvaluator",
]
