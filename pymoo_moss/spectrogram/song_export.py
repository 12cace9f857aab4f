"""Writing of songs with a change in them, in any format."""

import os
from pathlib import Path

from .lossless_export import save_lossless
from .lossy_export import CODECS, save_lossy
from .overlay import Overlay


def save_song(path: str | os.PathLike[str], overlay: Overlay) -> None:
    """Write a song with its change and its tags, at a gain at which nothing clips.

    The extension tells the format: one without loss, see `save_lossless`, or of `CODECS`, see `save_lossy`.

    Raises:
        OptionError: there is no such format.
        OutputError: the file cannot be written.
    """
    path = Path(path)
    save = save_lossy if path.suffix[1:].lower() in CODECS else save_lossless
    layout = overlay.sample_rate, overlay.channels
    save(path, overlay.pieces(), *layout, gain=overlay.gain, tags=overlay.tags)
