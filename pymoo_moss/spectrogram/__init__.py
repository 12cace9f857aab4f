"""Sound and picture on one time-frequency plane, mixed by a mask, and the waveform of the mixture.

Pure torch, no pymoo. `MaskEncoder` is the public class; the other modules are its parts.
"""

from .audio import AudioSource, open_audio, waveform_of
from .audio_export import decode_ogg, encode_ogg, save_wav
from .drawing import PictureSampling
from .encoder import MAGNITUDE_FLOOR, WIDEST_RANGE_DB, MaskEncoder, Phase, check_precision
from .file_extensions import SOUND_EXTENSIONS, picture_extensions
from .free_band import free_band
from .frequency_axis import FrequencyAxis, make_frequency_axis, mel_filter_bank
from .hearing import DECIBELS, FULL_SCALE_DB, bands_of, masking_threshold, pressure
from .inversion import chosen_inversion
from .lettering import lettered, qr_code
from .lossless_export import LosslessFormat, save_lossless
from .lossy_export import CODECS, Codec, encode, is_available, save_lossy
from .loudness import CEILING_DB, TARGET_LUFS, export_gain
from .mask import MASKS_AT_ONCE, MASKS_AT_ONCE_ON_GPU, Grids, SeparableMap, Tile
from .overlay import Overlay
from .picture import Picture, PictureSource, inspect_picture, read_picture
from .picture_file import MOST_PIXELS
from .sample_rates import resample
from .segments import is_long
from .song_export import save_song
from .sound import Piece, Sound, TooLongError, kept_in_memory, mix_to_mono
from .stft import magnitudes
from .transform import Transform, chosen_transform

__all__ = [
    "CEILING_DB",
    "CODECS",
    "DECIBELS",
    "FULL_SCALE_DB",
    "MAGNITUDE_FLOOR",
    "MASKS_AT_ONCE",
    "MASKS_AT_ONCE_ON_GPU",
    "MOST_PIXELS",
    "SOUND_EXTENSIONS",
    "TARGET_LUFS",
    "WIDEST_RANGE_DB",
    "AudioSource",
    "Codec",
    "FrequencyAxis",
    "Grids",
    "LosslessFormat",
    "MaskEncoder",
    "Overlay",
    "Phase",
    "Picture",
    "PictureSampling",
    "PictureSource",
    "Piece",
    "SeparableMap",
    "Sound",
    "Tile",
    "TooLongError",
    "Transform",
    "bands_of",
    "check_precision",
    "chosen_inversion",
    "chosen_transform",
    "decode_ogg",
    "encode",
    "encode_ogg",
    "export_gain",
    "inspect_picture",
    "is_available",
    "is_long",
    "free_band",
    "kept_in_memory",
    "lettered",
    "magnitudes",
    "make_frequency_axis",
    "masking_threshold",
    "mel_filter_bank",
    "mix_to_mono",
    "open_audio",
    "picture_extensions",
    "pressure",
    "qr_code",
    "read_picture",
    "resample",
    "save_lossless",
    "save_lossy",
    "save_song",
    "save_wav",
    "waveform_of",
]
