"""Title, artist and cover of a song: read from its file, and kept in the files made of it."""

import base64
import importlib
import io
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import MissingExtraError, missing_extra

_FRONT_COVER = 3
"""Kind of a picture in an ID3 tag."""
_UTF_8 = 3
_FRAMES = {"title": "TIT2", "artist": "TPE1", "album": "TALB"}
_ATOMS = {"title": "\xa9nam", "artist": "\xa9ART", "album": "\xa9alb"}


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
    file = io.BytesIO(wav)
    _tag(file, ".wav", tags)
    return file.getvalue()


def write_tags(path: Path, tags: Tags) -> None:
    """Write tags to a file of a song: WAV, FLAC, MP3, M4A, or Opus in Ogg.

    Raises:
        OSError: the file cannot be written.

    Warns:
        UserWarning: mutagen is not installed; the file stays as it is.
    """
    if tags:
        with path.open("r+b") as file:
            _tag(file, path.suffix.lower(), tags)


def _tag(file: BinaryIO, extension: str, tags: Tags) -> None:
    if not tags:
        return
    try:
        with missing_extra("tags"):
            for name in ("flac", "id3", "mp3", "mp4", "oggopus", "wave"):
                importlib.import_module(f"mutagen.{name}")
    except MissingExtraError as error:
        warnings.warn(f"title, artist and cover of the song are not kept: {error}", stacklevel=4)
        return
    mutagen: Any = sys.modules["mutagen"]
    kinds = {
        ".wav": mutagen.wave.WAVE,
        ".mp3": mutagen.mp3.MP3,
        ".flac": mutagen.flac.FLAC,
        ".m4a": mutagen.mp4.MP4,
        ".ogg": mutagen.oggopus.OggOpus,
    }
    tagged = kinds[extension](file)
    if tagged.tags is None:
        tagged.add_tags()
    texts = {"title": tags.title, "artist": tags.artist, "album": tags.album}
    texts = {name: text for name, text in texts.items() if text}
    if extension in (".wav", ".mp3"):
        _add_id3(tagged.tags, texts, tags, mutagen.id3)
    elif extension == ".m4a":
        tagged.tags.update({_ATOMS[name]: [text] for name, text in texts.items()})
        if tags.cover:
            kind = mutagen.mp4.MP4Cover
            imageformat = kind.FORMAT_PNG if tags.cover_type == "image/png" else kind.FORMAT_JPEG
            tagged.tags["covr"] = [kind(tags.cover, imageformat=imageformat)]
    else:
        tagged.tags.update({name: [text] for name, text in texts.items()})
        if tags.cover:
            picture = mutagen.flac.Picture()
            picture.type, picture.mime, picture.data = _FRONT_COVER, tags.cover_type, tags.cover
            if extension == ".flac":
                tagged.add_picture(picture)
            else:
                tagged.tags["metadata_block_picture"] = [base64.b64encode(picture.write()).decode()]
    file.seek(0)
    tagged.save(file)


def _add_id3(frames: Any, texts: Mapping[str, str], tags: Tags, id3: Any) -> None:
    for name, text in texts.items():
        frames.add(getattr(id3, _FRAMES[name])(encoding=_UTF_8, text=text))
    if tags.cover:
        of_file = {"type": _FRONT_COVER, "desc": "", "mime": tags.cover_type, "data": tags.cover}
        frames.add(id3.APIC(encoding=_UTF_8, **of_file))
