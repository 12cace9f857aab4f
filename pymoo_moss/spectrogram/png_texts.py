"""Texts and colour profiles in PNG pictures, of which Pillow refuses long ones with the picture."""

import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from PIL import PngImagePlugin

PNG = b"\x89PNG\r\n\x1a\n"
_HEAD, _CHECKSUM = 8, 4
_TEXT = b"iTXt"
_COMPRESSED = (b"zTXt", b"iCCP", _TEXT)


def without_long_texts(stream: BinaryIO) -> BinaryIO:
    """Return a PNG without the chunks for which Pillow would refuse it; as it is where there are none."""
    long = list(_long_texts(stream))
    if not long:
        return stream
    stream.seek(0)
    content = stream.read()
    starts, ends = [0, *(end for _, end in long)], [*(start for start, _ in long), len(content)]
    return io.BytesIO(b"".join(content[start:end] for start, end in zip(starts, ends, strict=True)))


def _long_texts(stream: BinaryIO) -> Iterator[tuple[int, int]]:
    start = len(PNG)
    while True:
        stream.seek(start)
        head = stream.read(_HEAD)
        if len(head) < _HEAD:
            return
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        end = start + _HEAD + length + _CHECKSUM
        if kind in _COMPRESSED and _is_long(kind, stream.read(length)):
            yield start, end
        start = end


def _is_long(kind: bytes, data: bytes) -> bool:
    """Tell whether a chunk's text is longer than Pillow takes."""
    rest = data.partition(b"\0")[2][1:]
    if kind == _TEXT:
        # Whether it is compressed comes first, then how, its language and its translated key.
        if data[-len(rest) - 1 :][:1] != b"\1":
            return False
        rest = rest[1:].split(b"\0", 2)[-1]
    limit = PngImagePlugin.MAX_TEXT_CHUNK
    try:
        return len(zlib.decompressobj().decompress(rest, limit + 1)) > limit
    except zlib.error:
        return False
