"""Tags behind a sound: ID3v1 and APE."""

import io

from .file_window import FileWindow

_ID3, _ID3_SIZE = b"TAG", 128
_APE, _APE_FOOTER, _APE_SIZE, _APE_FLAGS, _HAS_HEADER = b"APETAGEX", 32, slice(12, 16), slice(20, 24), 1 << 31


def end_before_tags(file: FileWindow) -> int:
    """Return where a file ends without the tags behind it, which decoders may take for damage."""
    end = file.length
    if _read(file, end - _ID3_SIZE, len(_ID3)) == _ID3:
        end -= _ID3_SIZE
    footer = _read(file, end - _APE_FOOTER, _APE_FOOTER)
    if footer.startswith(_APE):
        has_header = int.from_bytes(footer[_APE_FLAGS], "little") & _HAS_HEADER
        size = int.from_bytes(footer[_APE_SIZE], "little") + (_APE_FOOTER if has_header else 0)
        end -= size if size < end else 0
    return end


def _read(file: FileWindow, place: int, size: int) -> bytes:
    if place < 0:
        return b""
    file.seek(place, io.SEEK_SET)
    return file.read(size)
