"""What a file is by its first bytes, for files that hold no sound."""

import codecs

HEAD = 4096
"""Number of bytes that `kind_without_sound` looks at."""

_TEXT_CONTROLS = frozenset(b"\t\n\v\f\r\x1b")
_LONG = 256
"""Number of bytes without a control character that are a text in some eight-bit encoding, and no sound."""

_BY_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "a JPEG picture"),
    (0, b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (0, b"GIF87a", "a GIF picture"),
    (0, b"GIF89a", "a GIF picture"),
    (8, b"WEBPVP8", "a WebP picture"),
    (0, b"II*\0", "a TIFF or camera picture"),
    (0, b"MM\0*", "a TIFF or camera picture"),
    (0, b"II+\0", "a TIFF picture"),
    (0, b"MM\0+", "a TIFF picture"),
    (0, b"8BPS", "a Photoshop picture"),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture"),
    (0, b"\xff\x0a", "a JPEG XL picture"),
    (4, b"ftypheic", "a HEIC picture"),
    (4, b"ftypheix", "a HEIC picture"),
    (4, b"ftyphevc", "a HEIC picture"),
    (4, b"ftypheim", "a HEIC picture"),
    (4, b"ftypheis", "a HEIC picture"),
    (4, b"ftypmif1", "a HEIF picture"),
    (4, b"ftypmsf1", "a HEIF picture"),
    (4, b"ftypavif", "an AVIF picture"),
    (4, b"ftypavis", "an AVIF picture"),
    (4, b"ftypcrx", "a camera picture"),
    (0, b"qoif", "a QOI picture"),
    (0, b"DDS ", "a DDS picture"),
    (0, b"%PDF", "a PDF document"),
    (0, b"%!PS", "a PostScript document"),
    (0, b"{\\rtf", "a text document"),
    (0, b"PK\3\4", "a ZIP archive or an office document"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an office document"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"BZh", "a bzip2 archive"),
    (0, b"\xfd7zXZ\0", "an xz archive"),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (0, b"\x7fELF", "a program"),
    (0, b"SQLite format 3\0", "a database"),
    (0, b"\x93NUMPY", "a NumPy array"),
    (0, b"MThd", "a MIDI file, which holds notes and no sound"),
    (8, b"RMIDdata", "a MIDI file, which holds notes and no sound"),
    (0, b"wOFF", "a font"),
    (0, b"wOF2", "a font"),
    (0, b"OTTO", "a font"),
)
"""Offset of bytes, the bytes, and what begins with them."""


def kind_without_sound(head: bytes) -> str | None:
    """Return what a file is that holds no sound, such as ``"a JPEG picture"``; None for any other file.

    Args:
        head: the first `HEAD` bytes of the file, or all of a shorter one.
    """
    for offset, magic, kind in _BY_MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return kind
    if _is_bitmap(head):
        return "a BMP picture"
    return _kind_of_text(head)


def _is_bitmap(head: bytes) -> bool:
    """Tell a BMP, whose two bytes of magic are too few, by its reserved zeros and its header's size."""
    return head[:2] == b"BM" and head[6:10] == bytes(4) and head[14:18] in _BITMAP_HEADERS


_BITMAP_HEADERS = {size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124)}


def _kind_of_text(head: bytes) -> str | None:
    text = _decoded(head)
    if text is None:
        return None
    start = text.lstrip("\ufeff \t\r\n").lower()
    if start.startswith("#extm3u") or start.startswith("[playlist]"):
        return "a playlist, which holds names and no sound"
    if "<svg" in start:
        return "an SVG drawing"
    if start.startswith("<!doctype html") or start.startswith("<html"):
        return "a web page"
    return "a text"


def _decoded(head: bytes) -> str | None:
    """Decode text in UTF-8 or, with a byte order mark, UTF-16; None where it is none."""
    if not head:
        return None
    encoding = "utf-16" if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8"
    try:
        # Incremental, because the last character may be cut off.
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        if len(head) < _LONG:
            return None
        text = head.decode("latin-1")
    return None if any(ord(c) < 32 and ord(c) not in _TEXT_CONTROLS for c in text) else text
