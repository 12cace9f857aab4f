"""Compiled evaluators: each bin visited once for sixteen masks, nothing of the plane written."""

from .audio import FusedAudioLogL1
from .display import FusedDisplay
from .lanes import WIDTH
from .linear import LinearEvaluator
from .similarity import FusedSimilarity

__all__ = ["WIDTH", "FusedAudioLogL1", "FusedDisplay", "FusedSimilarity", "LinearEvaluator"]
