"""Sound and picture become one time-frequency plane; a mask becomes a mixture, a waveform.

Pure torch, no pymoo: `MaskEncoder` is the room's face, the other modules are its parts.
"""

from .audio import AudioSource, save_wav
from .encoder import MAGNITUDE_FLOOR, MaskEncoder, Phase
from .frequency_axis import FrequencyAxis, make_frequency_axis, mel_filter_bank
from .mask import MASKS_AT_ONCE, MASKS_AT_ONCE_ON_GPU, Grids, SeparableMap, Tile
from .picture import PictureSource

__all__ = [
    "MAGNITUDE_FLOOR",
    "MASKS_AT_ONCE",
    "MASKS_AT_ONCE_ON_GPU",
    "AudioSource",
    "FrequencyAxis",
    "Grids",
    "MaskEncoder",
    "Phase",
    "PictureSource",
    "SeparableMap",
    "Tile",
    "make_frequency_axis",
    "mel_filter_bank",
    "save_wav",
]
