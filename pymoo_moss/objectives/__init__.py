"""Objectives: one small class for each, and the fast kernels behind them.

Torch and numba, no pymoo. A user's own objective subclasses `Objective`.
"""

import warnings
from importlib import import_module
from typing import Any

from .audio_audibility import AudioAudibility
from .audio_log_l1 import AudioLogL1
from .audio_mel import AudioMel
from .base import AutogradKernel, Kernel, Objective, PreparedLoss
from .evaluation import Evaluation
from .evaluator import Engine, Evaluator, LogParts, Unsuitable
from .linear_log_pair import Structure, find_structure
from .mask_roughness import MaskRoughness
from .registry import OBJECTIVES, PRESETS, NamedLoss, Preset, find_preset, resolve_objectives
from .sides import Side, find_sides, picture_and_sound
from .visual_display import VisualDisplay, shown_levels
from .visual_l1 import VisualL1
from .visual_multiscale import VisualMultiscale
from .visual_ssim import VisualSSIM

__all__ = [
    "OBJECTIVES",
    "PRESETS",
    "AudioAudibility",
    "AudioLogL1",
    "AudioMel",
    "AutogradKernel",
    "Engine",
    "Evaluation",
    "Evaluator",
    "Kernel",
    "LogParts",
    "MaskRoughness",
    "NamedLoss",
    "Objective",
    "PreparedLoss",
    "Preset",
    "Side",
    "Structure",
    "Unsuitable",
    "VisualDisplay",
    "VisualL1",
    "VisualMultiscale",
    "VisualSSIM",
    "find_preset",
    "find_sides",
    "find_structure",
    "picture_and_sound",
    "resolve_objectives",
    "shown_levels",
]

_MOVED = {"Relaxation", "Allowance"}
"""Names of version 0.1 that are in `pymoo_moss.bounds` now."""


def __getattr__(name: str) -> Any:
    if name in _MOVED:
        warnings.warn(
            f"pymoo_moss.objectives.{name} is now pymoo_moss.bounds.{name}", DeprecationWarning, stacklevel=2
        )
        return getattr(import_module("pymoo_moss.bounds"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
