"""Extensions of the files that are read, for dialogs; what a file is, its content tells."""

import functools

from PIL import Image

from .picture_file import NOT_READ, heif_is_read

_HEIF = (".heic", ".heif", ".hif")

SOUND_EXTENSIONS = (
    *(".wav", ".flac", ".mp3", ".m4a", ".ogg", ".opus", ".aac", ".aiff", ".aif", ".wma"),
    *(".mp4", ".mov", ".webm", ".mkv", ".avi", ".m4v", ".mpg", ".mpeg", ".ts", ".flv", ".wmv"),
    *(".oga", ".m4b", ".alac", ".mka", ".mp2", ".mpga", ".weba", ".3gp", ".3g2", ".amr", ".caf"),
    *(".ac3", ".eac3", ".aifc", ".au", ".snd", ".w64", ".rf64", ".bwf", ".wv", ".tta", ".voc"),
)
"""Extensions of sounds, and of videos, whose sound is taken."""


@functools.cache
def picture_extensions() -> tuple[str, ...]:
    """Return extensions of pictures: Pillow's, of the formats that are opened here, and those of HEIF."""
    Image.init()
    opened = {
        extension
        for extension, name in Image.registered_extensions().items()
        if name in Image.OPEN and name not in NOT_READ
    }
    return tuple(sorted(opened | set(_HEIF if heif_is_read() else ())))
