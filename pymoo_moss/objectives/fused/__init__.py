"""Compiled evaluators, which visit each bin once for up to sixteen masks and store no plane of mixtures."""

from .audio import FusedAudioLogL1
from .display import FusedDisplay
from .lanes import WIDTH
from .linear import LinearEvaluator
from .similarity import FusedSimilarity

__all__ = ["WIDTH", "FusedAudioLogL1", "FusedDisplay", "FusedSimilarity", "LinearEvaluator"]
