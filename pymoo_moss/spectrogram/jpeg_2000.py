"""JPEG 2000 pictures that Pillow misreads."""

_SIZES = b"\xff\x4f\xff\x51"
"""Beginning of the codestream: its sizes come first."""
_COMPONENTS, _DEPTHS, _STEP = slice(40, 42), 42, 3


def has_deep_colours(head: bytes) -> bool:
    """Tell whether a picture has several components of more than 8 bits, of which Pillow makes white black.

    Args:
        head: the beginning of the file.
    """
    start = head.find(_SIZES)
    if start < 0:
        return False
    codestream = head[start:]
    components = int.from_bytes(codestream[_COMPONENTS], "big")
    depths = codestream[_DEPTHS : _DEPTHS + _STEP * components : _STEP]
    return components > 1 and any((depth & 0x7F) + 1 > 8 for depth in depths)
