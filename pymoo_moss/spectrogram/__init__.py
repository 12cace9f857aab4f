"""Sound and picture on one time-frequency plane, mixed by a mask, and the waveform of the mixture.

Pure torch, no pymoo. `MaskEncoder` is the public class; the other modules are its parts.
"""

from .audio import AudioSource
from .audio_export import decode_ogg, encode_ogg, save_wav
from .drawing import PictureSampling
from .encoder import MAGNITUDE_FLOOR, WIDEST_RANGE_DB, MaskEncoder, Phase, check_precision
from .frequency_axis import FrequencyAxis, make_frequency_axis, mel_filter_bank
from .loudness import CEILING_DB, TARGET_LUFS, export_gain
from .mask import MASKS_AT_ONCE, MASKS_AT_ONCE_ON_GPU, Grids, SeparableMap, Tile
from .picture import PictureSource, inspect_picture
from .picture_file import MOST_PIXELS

__all__ = [
    "CEILING_DB",
    "MAGNITUDE_FLOOR",
    "MASKS_AT_ONCE",
    "MASKS_AT_ONCE_ON_GPU",
    "MOST_PIXELS",
    "AudioSource",
    "FrequencyAxis",
    "Grids",
    "MaskEncoder",
    "Phase",
    "PictureSampling",
    "PictureSource",
    "SeparableMap",
    "TARGET_LUFS",
    "WIDEST_RANGE_DB",
    "Tile",
    "check_precision",
    "decode_ogg",
    "encode_ogg",
    "export_gain",
    "inspect_picture",
    "make_frequency_axis",
    "mel_filter_bank",
    "save_wav",
]
