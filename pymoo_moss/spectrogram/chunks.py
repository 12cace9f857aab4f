"""Chunks that files of sound are made of: whether their sound is whole, and where another file follows."""

from collections.abc import Iterator
from typing import NamedTuple

from .file_window import FileWindow

_HEAD = 40
_MOST_CHUNKS = 1 << 20
_MOST_FILES = 256
_PLACEHOLDERS = {0, 2**31 - 1, 2**32 - 1, 2**63 - 1, 2**64 - 1}
"""Sizes of sounds that programs write which do not know them yet."""
_EMPTY_SSND = (b"SSND", 8)
_NEARLY_4_GIB = 0xFFFF0000
_LONG_SIZE, _IN_LONG_SIZE = 8, 1
"""Bytes of a size that stands after a box's name, and the size before it that says so."""


class _Layout(NamedTuple):
    """How chunks follow each other in a format.

    Attributes:
        first: offset of the first chunk.
        name: place of a chunk's name in it.
        size: place of its size in it.
        order: byte order of the size.
        with_head: whether the size counts name and size too.
        alignment: chunks begin at multiples of it.
        sounds: names of chunks that hold the sound.
        magic: places of what is the same at the beginning of every file.
    """

    first: int
    name: slice
    size: slice
    order: str
    with_head: bool
    alignment: int
    sounds: frozenset[bytes]
    magic: tuple[slice, ...]


_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_DATA = bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")
_W64_DATA = b"data" + bytes.fromhex("f3acd3118cd100c04f8edb8a")
_NAME, _SIZE = slice(0, 4), slice(4, 8)
_GUID, _SIZE_AFTER_GUID = slice(0, 16), slice(16, 24)
_IN_RIFF = frozenset((b"data", b"LIST"))
_FORM = (slice(0, 4), slice(8, 12))
_RIFF = _Layout(12, _NAME, _SIZE, "little", False, 2, _IN_RIFF, _FORM)
_BOXES = _Layout(0, slice(4, 8), slice(0, 4), "big", True, 1, frozenset((b"mdat",)), (slice(4, 8),))
_INDICES = (b"moov", b"moof")
_LAYOUTS = {
    b"RIFF": _RIFF,
    b"RIFX": _RIFF._replace(order="big"),
    b"FORM": _RIFF._replace(order="big", sounds=frozenset((b"SSND", b"BODY", b"MDAT"))),
    b"caff": _Layout(8, _NAME, slice(4, 12), "big", False, 1, frozenset((b"data",)), (slice(0, 8),)),
    b"riff": _Layout(
        40, _GUID, _SIZE_AFTER_GUID, "little", True, 8, frozenset((_W64_DATA,)), (_GUID, slice(24, 40))
    ),
    _ASF[:4]: _Layout(0, _GUID, _SIZE_AFTER_GUID, "little", True, 1, frozenset((_ASF_DATA,)), (_GUID,)),
}


class _Chunk(NamedTuple):
    name: bytes
    start: int
    end: int


def is_sound_cut(file: FileWindow) -> bool:
    """Tell whether a file in chunks (WAV, AIFF, W64, CAF, MP4, ASF) ends within those of its sound.

    Returns:
        False for files of any other structure, and where a chunk does not say how long it is.
    """
    layout = _layout(file)
    return layout is not None and any(
        chunk.name in layout.sounds and chunk.end > file.length for chunk in _chunks(file, layout)
    )


def has_index(file: FileWindow) -> bool:
    """Tell whether a file has its index, which only those in boxes (MP4) need and may have at their end."""
    return _layout(file) is not _BOXES or any(chunk.name in _INDICES for chunk in _chunks(file, _BOXES))


def joined_files(file: FileWindow) -> list[tuple[int, int]]:
    """Return beginnings and ends of the files of which one in chunks is joined; others are one."""
    starts, rest = [0], file
    while len(starts) < _MOST_FILES and (following := _place_of_next_file(rest)):
        starts.append(starts[-1] + following)
        rest = FileWindow(file, starts[-1])
    return list(zip(starts, [*starts[1:], file.length], strict=True))


def _place_of_next_file(file: FileWindow) -> int | None:
    layout = _layout(file)
    if layout is None:
        return None
    magic = _magic(file, 0, layout)
    chunks = (chunk for chunk in _chunks(file, layout) if chunk.start)
    return next((chunk.start for chunk in chunks if _magic(file, chunk.start, layout) == magic), None)


def _layout(file: FileWindow) -> _Layout | None:
    file.seek(0)
    head = file.read(_HEAD)
    return _BOXES if head[4:8] == b"ftyp" else _LAYOUTS.get(head[:4])


def _magic(file: FileWindow, start: int, layout: _Layout) -> list[bytes]:
    file.seek(start)
    head = file.read(_HEAD)
    return [head[place] for place in layout.magic]


def _chunks(file: FileWindow, layout: _Layout) -> Iterator[_Chunk]:
    """Yield chunks up to the end, or to one that does not say how long it is."""
    start = layout.first
    head_size = max(layout.name.stop, layout.size.stop)
    for _ in range(_MOST_CHUNKS):
        file.seek(start)
        head = file.read(head_size + _LONG_SIZE)
        if len(head) < head_size:
            return
        name, field = head[layout.name], head[layout.size]
        if layout is _BOXES and int.from_bytes(field, "big") == _IN_LONG_SIZE:
            field = head[head_size:]
        size = int.from_bytes(field, layout.order)  # type: ignore[arg-type]
        if name in layout.sounds and (size in _PLACEHOLDERS or (name, size) == _EMPTY_SSND):
            return
        end = start + size + (0 if layout.with_head else head_size)
        if end <= start or (len(field) == 4 and size >= _NEARLY_4_GIB):
            return
        yield _Chunk(name, start, end)
        start = -(-end // layout.alignment) * layout.alignment
