"""Whether a file of sound ends before what its structure says, as after a download that was broken off."""

from .chunks import chunks_of, layout_of
from .file_window import FileWindow

_OGG_PAGE = b"OggS"
_LONGEST_PAGE = 65_307
_LAST_PAGE = 4

_EBML, _SEGMENT = b"\x1aE\xdf\xa3", b"\x18S\x80g"
_BEGINNING = 4096


def is_broken_off(file: FileWindow) -> bool:
    """Tell whether a file of chunks, of pages (Ogg) or of a segment (Matroska) ends within them.

    Returns:
        False for files of any other structure, and where a file does not say how long it is.
    """
    file.seek(0)
    head = file.read(_BEGINNING)
    if head.startswith(_OGG_PAGE):
        return not _has_last_page(file)
    if head.startswith(_EBML):
        return _segment_end(head) > file.length
    layout = layout_of(file)
    if layout is None:
        return False
    sounds = (chunk for chunk in chunks_of(file, layout) if chunk.name in layout.sounds)
    return any(chunk.end is not None and chunk.end > file.length for chunk in sounds)


def _has_last_page(file: FileWindow) -> bool:
    """Tell whether the file ends with the end of a stream's last page."""
    file.seek(max(file.length - 2 * _LONGEST_PAGE, 0))
    end = file.read()
    start = end.rfind(_OGG_PAGE)
    page = end[start:]
    if start < 0 or len(page) < 27:
        return False
    segments = page[27 : 27 + page[26]]
    complete = len(segments) == page[26] and len(page) >= 27 + len(segments) + sum(segments)
    return complete and bool(page[5] & _LAST_PAGE)


def _segment_end(head: bytes) -> int:
    """Return where Matroska's segment ends; 0 where it does not say."""
    start = head.find(_SEGMENT)
    if start < 0:
        return 0
    # The leading zeros of the first byte count the bytes that follow it; all ones say that it is not known.
    size = head[start + len(_SEGMENT) :][:8]
    width = 9 - size[0].bit_length() if size and size[0] else 9
    value = int.from_bytes(size[:width], "big") & ((1 << 7 * width) - 1)
    known = width <= len(size) and value != (1 << 7 * width) - 1
    return start + len(_SEGMENT) + width + value if known else 0
