"""Files that are joined: others that follow the first one, in chunks or as links of a chain (Ogg)."""

from collections.abc import Iterator
from itertools import islice

from .chunks import Layout, chunks_of, layout_of
from .file_window import FileWindow

_HEAD = 40
_MOST_FILES = 256
_PAGE, _PAGE_HEAD, _FLAGS, _SEGMENTS, _BEGINS = b"OggS", 27, 5, 26, 2
"""Of Ogg: first bytes of a page, length of its head, places of its flags and of a count there, and a flag."""


def joined_files(file: FileWindow) -> list[tuple[int, int]]:
    """Return beginnings and ends of the files of which one in chunks or of Ogg is joined; others are one."""
    file.seek(0)
    following = _links(file) if file.read(len(_PAGE)) == _PAGE else _files_in_chunks(file)
    starts = [0, *islice(following, _MOST_FILES)]
    return list(zip(starts, [*starts[1:], file.length], strict=True))


def _links(file: FileWindow) -> Iterator[int]:
    """Yield places of Ogg's links but the first: pages that begin streams, after others that do not."""
    place, in_link = 0, False
    while True:
        file.seek(place)
        head = file.read(_PAGE_HEAD)
        if len(head) < _PAGE_HEAD or not head.startswith(_PAGE):
            return
        begins = bool(head[_FLAGS] & _BEGINS)
        if begins and in_link:
            yield place
        in_link = not begins
        lengths = file.read(head[_SEGMENTS])
        place += _PAGE_HEAD + len(lengths) + sum(lengths)


def _files_in_chunks(file: FileWindow) -> Iterator[int]:
    start, rest = 0, file
    while following := _place_of_next_file(rest):
        start += following
        yield start
        rest = FileWindow(file, start)


def _place_of_next_file(file: FileWindow) -> int | None:
    layout = layout_of(file)
    if layout is None:
        return None
    magic = _magic(file, 0, layout)
    places = (chunk.start for chunk in chunks_of(file, layout) if chunk.start)
    return next((place for place in places if _magic(file, place, layout) == magic), None)


def _magic(file: FileWindow, start: int, layout: Layout) -> list[bytes]:
    file.seek(start)
    head = file.read(_HEAD)
    return [head[place] for place in layout.magic]
