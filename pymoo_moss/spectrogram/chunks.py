"""Chunks that files of sound are made of."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from .file_window import FileWindow

_HEAD = 40
_MOST_CHUNKS = 1 << 20
_UNKNOWN_SIZES = {0, 2**31 - 1, 2**32 - 1, 2**63 - 1, 2**64 - 1}
"""Sizes of sounds that programs write which do not know them yet."""
_NEARLY_4_GIB = 0xFFFF0000
_SHORT = 4
"""Bytes of a size that cannot be greater."""
_LONG_BOX = 1
"""Size that says that another one follows the name."""
_IN_DS64, _DS64 = b"\xff" * 4, slice(28, 36)
"""Size that says that another one stands in an RF64's first chunk, and its place."""


class Layout(NamedTuple):
    """How chunks follow each other in a format.

    Attributes:
        first: offset of the first chunk.
        name: place of a chunk's name in it.
        size: place of its size in it.
        order: byte order of the size.
        with_head: whether the size counts name and size too.
        alignment: chunks begin at multiples of it.
        sounds: names of chunks that hold the sound.
        empty: bytes that a chunk of sound has before its sound, beside name and size.
        magic: places of what is the same at the beginning of every file.
    """

    first: int
    name: slice
    size: slice
    order: Literal["little", "big"]
    with_head: bool
    alignment: int
    sounds: frozenset[bytes]
    empty: int
    magic: tuple[slice, ...]

    @property
    def head(self) -> int:
        """Bytes of name and size together."""
        return int(max(self.name.stop, self.size.stop))


class Chunk(NamedTuple):
    """A chunk's name, and where it and its size begin and end; None for an end that is not known."""

    name: bytes
    start: int
    size: slice
    end: int | None


_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_DATA = bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")
_W64_DATA = b"data" + bytes.fromhex("f3acd3118cd100c04f8edb8a")
PLAIN_SOUNDS = frozenset((b"data", b"SSND", _W64_DATA))
"""Names of chunks that hold nothing else than sound."""
_NAME, _GUID, _AFTER_GUID = slice(0, 4), slice(0, 16), slice(16, 24)
_RIFF = Layout(
    12, _NAME, slice(4, 8), "little", False, 2, frozenset((b"data", b"LIST")), 0, (_NAME, slice(8, 12))
)
_RF64 = _RIFF._replace(sounds=frozenset((b"data",)))
_FORM = _RIFF._replace(order="big", sounds=frozenset((b"SSND",)), empty=8)
_CAF = Layout(8, _NAME, slice(4, 12), "big", False, 1, frozenset((b"data",)), 4, (slice(0, 8),))
_W64 = Layout(40, _GUID, _AFTER_GUID, "little", True, 8, frozenset((_W64_DATA,)), 0, (_GUID, slice(24, 40)))
_ASF_OBJECTS = Layout(0, _GUID, _AFTER_GUID, "little", True, 1, frozenset((_ASF_DATA,)), 0, (_GUID,))
BOXES = Layout(0, slice(4, 8), slice(0, 4), "big", True, 1, frozenset((b"mdat",)), 0, (slice(4, 8),))
"""Those of MP4 and QuickTime."""
_LAYOUTS = {
    b"RIFF": _RIFF,
    b"RIFX": _RIFF._replace(order="big"),
    b"RF64": _RF64,
    b"BW64": _RF64,
    b"FORM": _FORM,
    b"caff": _CAF,
    b"riff": _W64,
    _ASF[:4]: _ASF_OBJECTS,
}


def layout_of(file: FileWindow) -> Layout | None:
    """Return how a file is made of chunks; None for one of any other structure."""
    file.seek(0)
    head = file.read(_HEAD)
    return BOXES if head[4:8] == b"ftyp" else _LAYOUTS.get(head[:4])


def chunks_of(file: FileWindow, layout: Layout) -> Iterator[Chunk]:
    """Yield chunks up to the end, or to one whose end is not known."""
    start = layout.first
    for _ in range(_MOST_CHUNKS):
        file.seek(start)
        head = file.read(layout.head)
        if len(head) < layout.head:
            return
        name, place = head[layout.name], _place_of_size(head, start, layout)
        file.seek(place.start)
        size = int.from_bytes(file.read(place.stop - place.start), layout.order)
        end = start + size + (0 if layout.with_head else layout.head)
        is_short = place.stop - place.start == _SHORT
        if (
            end <= start
            or (name in layout.sounds and size in _UNKNOWN_SIZES)
            or (is_short and size >= _NEARLY_4_GIB)
        ):
            yield Chunk(name, start, place, None)
            return
        yield Chunk(name, start, place, end)
        start = -(-end // layout.alignment) * layout.alignment


def _place_of_size(head: bytes, start: int, layout: Layout) -> slice:
    field = head[layout.size]
    if layout is BOXES and int.from_bytes(field, "big") == _LONG_BOX:
        return slice(start + len(head), start + len(head) + 8)
    if layout is _RF64 and head[layout.name] == b"data" and field == _IN_DS64:
        return _DS64
    return slice(start + layout.size.start, start + layout.size.stop)
