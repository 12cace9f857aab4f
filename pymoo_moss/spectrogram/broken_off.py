"""Whether a file of sound ends before what its structure says, as after a download that was broken off."""

import io
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_HEAD = 40
_PLACEHOLDERS = {2**31 - 1, 2**32 - 1, 2**63 - 1, 2**64 - 1}
"""Sizes that programs write which do not know the size yet."""
_NEARLY_4_GIB = 0xFFFF0000

_OGG_PAGE = b"OggS"
_LONGEST_PAGE = 65_307
_LAST_PAGE = 4


class _Layout(NamedTuple):
    """How chunks follow each other in a format.

    Attributes:
        first: offset of the first chunk.
        name: bytes of a chunk's name.
        size: bytes of its size, which follow.
        order: byte order of the size.
        with_head: whether the size counts name and size too.
        alignment: chunks begin at multiples of it.
    """

    first: int
    name: int
    size: int
    order: str
    with_head: bool
    alignment: int


_LAYOUTS = {
    b"RIFF": _Layout(12, 4, 4, "little", False, 2),
    b"RIFX": _Layout(12, 4, 4, "big", False, 2),
    b"FORM": _Layout(12, 4, 4, "big", False, 2),
    b"riff": _Layout(40, 16, 8, "little", True, 8),
    b"caff": _Layout(8, 4, 8, "big", False, 1),
}


def is_broken_off(file: BinaryIO) -> bool:
    """Tell whether a file in chunks (WAV, AIFF, W64, CAF) or in pages (Ogg) ends within one.

    Args:
        file: it can be sought in.

    Returns:
        False for files of any other structure, and where a chunk does not say how long it is.
    """
    file.seek(0)
    head = file.read(_HEAD)
    length = file.seek(0, io.SEEK_END)
    if head[:4] == _OGG_PAGE:
        return not _has_last_page(file, length)
    layout = _LAYOUTS.get(head[:4])
    return layout is not None and any(end > length for end in _ends_of_chunks(file, layout, length))


def _ends_of_chunks(file: BinaryIO, layout: _Layout, length: int) -> Iterator[int]:
    start = layout.first
    while start < length:
        file.seek(start + layout.name)
        field = file.read(layout.size)
        size = int.from_bytes(field, layout.order)  # type: ignore[arg-type]
        if len(field) < layout.size or size in _PLACEHOLDERS or (layout.size == 4 and size >= _NEARLY_4_GIB):
            return
        body = 0 if layout.with_head else layout.name + layout.size
        if body + size <= 0:
            return
        end = start + body + size
        yield end
        start = -(-end // layout.alignment) * layout.alignment


def _has_last_page(file: BinaryIO, length: int) -> bool:
    """Tell whether the file ends with the end of a stream's last page."""
    file.seek(max(length - 2 * _LONGEST_PAGE, 0))
    end = file.read()
    start = end.rfind(_OGG_PAGE)
    page = end[start:]
    if start < 0 or len(page) < 27:
        return False
    segments = page[27 : 27 + page[26]]
    complete = len(segments) == page[26] and len(page) >= 27 + len(segments) + sum(segments)
    return complete and bool(page[5] & _LAST_PAGE)
