"""What a file of text is."""

import codecs
import re

SVG = "a drawing (SVG)"

_CONTROLS = frozenset("\t\n\v\f\r\x1b")
_LONG = 256
"""Number of bytes without a control character that are text in some eight-bit encoding, and no sound."""


def kind_of_markup(head: bytes) -> str | None:
    """Return what a file that begins with a tag is; None for any other.

    Args:
        head: the file's beginning.
    """
    # UTF-16 has a zero byte beside every Latin letter.
    text = head.replace(b"\0", b"").lower()
    beginning = text.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if not beginning.startswith(b"<"):
        return None
    if re.search(rb"<(\w+:)?svg[\s>]", text):
        return SVG
    if beginning.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    return "a text file (XML)" if re.match(rb"<[\w!?]", beginning) else None


def kind_of_text(head: bytes) -> str | None:
    """Return what a file of text is; None where it is none.

    Args:
        head: the file's beginning.
    """
    text = _decoded(head)
    if text is None:
        return None
    is_playlist = text.lstrip("\ufeff \t\r\n").lower().startswith(("#extm3u", "[playlist]"))
    return "a playlist, which holds names and no sound" if is_playlist else "a text"


def _decoded(head: bytes) -> str | None:
    """Decode UTF-8, UTF-16 with a byte order mark, or letters of one byte; None for what is no text."""
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
    return None if any(letter < " " and letter not in _CONTROLS for letter in text) else text
