"""What is minimised: one small class per objective, and the fast kernels behind them.

Torch and numba, no pymoo. A user's own objective subclasses `Objective`.
"""

from .audio_log_l1 import AudioLogL1, LogParts
from .audio_mel import AudioMel
from .base import AutogradKernel, Kernel, Objective, PreparedLoss
from .engine import Engine
from .evaluation import Evaluation
from .mask_roughness import MaskRoughness
from .registry import OBJECTIVES, PRESETS, NamedLoss, Preset, find_preset, resolve_objectives
from .relaxation import Relaxation
from .rounding import Allowance
from .structure import Structure, find_structure
from .visual_display import VisualDisplay
from .visual_l1 import VisualL1
from .visual_ssim import VisualSSIM

__all__ = [
    "OBJECTIVES",
    "PRESETS",
    "Allowance",
    "AudioLogL1",
    "AudioMel",
    "AutogradKernel",
    "Engine",
    "Evaluation",
    "Kernel",
    "LogParts",
    "MaskRoughness",
    "NamedLoss",
    "Objective",
    "PreparedLoss",
    "Preset",
    "Relaxation",
    "Structure",
    "VisualDisplay",
    "VisualL1",
    "VisualSSIM",
    "find_preset",
    "find_structure",
    "resolve_objectives",
]
