"""Files that are joined: others in chunks that follow the first one."""

from .chunks import Layout, chunks_of, layout_of
from .file_window import FileWindow

_HEAD = 40
_MOST_FILES = 256


def joined_files(file: FileWindow) -> list[tuple[int, int]]:
    """Return beginnings and ends of the files of which one in chunks is joined; others are one."""
    starts, rest = [0], file
    while len(starts) < _MOST_FILES and (following := _place_of_next_file(rest)):
        starts.append(starts[-1] + following)
        rest = FileWindow(file, starts[-1])
    return list(zip(starts, [*starts[1:], file.length], strict=True))


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
