"""Title, artist and cover of a song: read from its file, and kept in the files made of it."""

import importlib
import io
import warnings
from dataclasses import dataclass
from typing import Any

from ..errors import MissingExtraError, missing_extra

_FRONT_COVER = 3
"""Kind of a picture in an ID3 tag."""
_UTF_8 = 3


@dataclass(frozen=True)
class Tags:
    """What a file of sound says about its song.

    Attributes:
        title: of the song; empty if it is not known, as the others.
        artist: who made it.
        album: that it is from.
        cover: content of a picture file; empty if there is none.
        cover_type: media type of the cover, ``"image/jpeg"`` or ``"image/png"``.
    """

    title: str = ""
    artist: str = ""
    album: str = ""
    cover: bytes = b""
    cover_type: str = ""

    def __bool__(self) -> bool:
        """Return whether anything is known."""
        return bool(self.title or self.artist or self.album or self.cover)


def with_tags(wav: bytes, tags: Tags) -> bytes:
    """Return the content of a WAV file with an ID3 tag, which players read.

    Warns:
        UserWarning: mutagen is not installed; the file is returned as it is.
    """
    if not tags:
        return wav
    try:
        with missing_extra("tags"):
            id3: Any = importlib.import_module("mutagen.id3")
            wave: Any = importlib.import_module("mutagen.wave")
    except MissingExtraError as error:
        warnings.warn(f"title, artist and cover of the song are not kept: {error}", stacklevel=3)
        return wav
    file = io.BytesIO(wav)
    tagged = wave.WAVE(file)
    tagged.add_tags()
    for frame, text in ((id3.TIT2, tags.title), (id3.TPE1, tags.artist), (id3.TALB, tags.album)):
        if text:
            tagged.tags.add(frame(encoding=_UTF_8, text=text))
    if tags.cover:
        of_file = {"type": _FRONT_COVER, "desc": "", "mime": tags.cover_type, "data": tags.cover}
        tagged.tags.add(id3.APIC(encoding=_UTF_8, **of_file))
    file.seek(0)
    tagged.save(file)
    return file.getvalue()
