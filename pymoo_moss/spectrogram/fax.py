"""Scans in the coding of fax machines (CCITT group 4), of which a part may be missing."""

import struct

import av
from PIL import TiffImagePlugin

_COMPRESSION, _STRIPS = 259, 273
_GROUP_4 = 4
_NEEDED = frozenset((256, 257, 258, _COMPRESSION, 262, 266, _STRIPS, 277, 278, 279, 293))
"""Tags that say how a page is coded."""
_CLASSIC = {b"II*\0": "<", b"MM\0*": ">"}
"""Byte order by a TIFF's first bytes."""


def lacks_rows(image: TiffImagePlugin.TiffImageFile) -> bool:
    """Tell whether a page of group 4 ends before its last row, or is damaged.

    libtiff, by which Pillow decodes it, then says nothing and leaves rows in which other memory shows. FFmpeg
    decodes the page as well and stops where it is damaged. It knows no tiles and no BigTIFF: these are taken
    as they are.

    Args:
        image: any TIFF, at the page in question, before it is loaded.
    """
    if image.tag_v2.get(_COMPRESSION) != _GROUP_4 or _STRIPS not in image.tag_v2 or image.fp is None:
        return False
    image.fp.seek(0)
    content = _with_page_first(image.fp.read(), image.tell())
    if content is None:
        return False
    decoder = av.CodecContext.create("tiff", "r")
    decoder.options = {"err_detect": "explode"}
    decoder.thread_count = 1
    try:
        return not decoder.decode(av.Packet(content))
    except (av.FFmpegError, ValueError):
        return True


def _with_page_first(content: bytes, number: int) -> bytes | None:
    """Return a TIFF whose first page is its page ``number``, from 0 on; None where it has none."""
    order = _CLASSIC.get(content[:4])
    if order is None:
        return None
    place = 4
    for _ in range(number + 1):
        try:
            (directory,) = struct.unpack_from(order + "I", content, place)
            (entries,) = struct.unpack_from(order + "H", content, directory)
        except struct.error:
            return None
        place = directory + 2 + 12 * entries
    fields = [content[start : start + 12] for start in range(directory + 2, place, 12)]
    # FFmpeg takes tags that it does not know for damage.
    fields = [
        field for field in fields if len(field) == 12 and struct.unpack_from(order + "H", field)[0] in _NEEDED
    ]
    of_page = struct.pack(order + "H", len(fields)) + b"".join(fields) + bytes(4)
    return content[:4] + struct.pack(order + "I", len(content)) + content[8:] + of_page
