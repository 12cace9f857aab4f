"""Sound and picture on one time-frequency plane, mixed by a mask, and the waveform of the mixture.

Pure torch, no pymoo. `MaskEncoder` is the public class; the other modules are its parts.
"""

from .audio import AudioSource, open_audio, waveform_of
from .audio_export import decode_ogg, encode_ogg, save_wav
from .drawing import PictureSampling
from .encoder import MAGNITUDE_FLOOR, WIDEST_RANGE_DB, MaskEncoder, Phase, check_precision
from .file_extensions import SOUND_EXTENSIONS, picture_extensions
from .frequency_axis import FrequencyAxis, make_frequency_axis, mel_filter_bank
from .inversion import chosen_inversion
from .loudness import CEILING_DB, TARGET_LUFS, export_gain
from .mask import MASKS_AT_ONCE, MASKS_AT_ONCE_ON_GPU, Grids, SeparableMap, Tile
from .picture import Picture, PictureSource, inspect_picture, read_picture
from .picture_file import MOST_PIXELS
from .segments import is_long
from .sound import Piece, Sound, TooLongError

__all__ = [
    "CEILING_DB",
    "MAGNITUDE_FLOOR",
    "MASKS_AT_ONCE",
    "MASKS_AT_ONCE_ON_GPU",
    "MOST_PIXELS",
    "SOUND_EXTENSIONS",
    "TARGET_LUFS",
    "WIDEST_RANGE_DB",
    "AudioSource",
    "FrequencyAxis",
    "Grids",
    "MaskEncoder",
    "Phase",
    "Picture",
    "PictureSampling",
    "PictureSource",
    "Piece",
    "SeparableMap",
    "Sound",
    "Tile",
    "TooLongError",
    "check_precision",
    "chosen_inversion",
    "decode_ogg",
    "encode_ogg",
    "export_gain",
    "inspect_picture",
    "is_long",
    "make_frequency_axis",
    "mel_filter_bank",
    "open_audio",
    "picture_extensions",
    "read_picture",
    "save_wav",
    "waveform_of",
]
