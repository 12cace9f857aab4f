"""Sounds that go on after the end that their file declares, as recorders leave them that stopped at once."""

import re

from .chunks import PLAIN_SOUNDS, Chunk, Layout, chunks_of, layout_of
from .file_window import FileWindow, Patch

_AU, _AU_SIZE, _AU_NO_SIZE = b".snd", slice(8, 12), bytes(4)
_LEAST = 1 << 14
"""Bytes behind a sound that are no tag and no padding, and may be more of it."""
_LOOKED_AT = 1 << 16
_NAME = re.compile(rb"\0?[ -~]{4}")


def true_size(file: FileWindow) -> tuple[Patch, bool] | None:
    """Return the size with which decoders read a sound to its end; None where the declared one does it.

    What follows is more sound if it does not begin with a name, as chunks and tags do, and is no padding.

    Returns:
        The size and its place, and whether the file declares another one; else it declares none.
    """
    file.seek(0)
    head = file.read(_AU_SIZE.stop)
    if head.startswith(_AU):
        return (Patch(_AU_SIZE.start, b"\xff" * 4), False) if head[_AU_SIZE] == _AU_NO_SIZE else None
    layout = layout_of(file)
    if layout is None:
        return None
    sound = next((chunk for chunk in chunks_of(file, layout) if chunk.name in PLAIN_SOUNDS), None)
    if sound is None:
        return None
    declares = sound.end is not None and sound.end - sound.start > layout.head + layout.empty
    if declares and not _goes_on(file, sound):
        return None
    return Patch(sound.size.start, _size_to_the_end(file, sound, layout)), declares


def _goes_on(file: FileWindow, sound: Chunk) -> bool:
    end = sound.end or 0
    if file.length - end < _LEAST:
        return False
    file.seek(end)
    rest = file.read(_LOOKED_AT)
    return _NAME.match(rest) is None and rest.count(0) < len(rest)


def _size_to_the_end(file: FileWindow, sound: Chunk, layout: Layout) -> bytes:
    length: int = sound.size.stop - sound.size.start
    size = file.length - sound.start - (0 if layout.with_head else layout.head)
    size = min(size, (1 << 8 * length) - 1)
    return size.to_bytes(length, layout.order)
