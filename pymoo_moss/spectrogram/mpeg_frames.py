"""Whether a file is one whole stream of MPEG audio: frame after frame, and nothing else but tags."""

from .file_window import FileWindow
from .mpeg_header import SAMPLE_RATES, after_id3, declared_frames

_HEAD = 4
_SLOTS = {3: 4, 2: 1, 1: 1}
"""Bytes by which a frame may be longer, by the two bits of the layer: 3 is layer I, 1 is layer III."""
_KBITS = {
    (3, 3): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (3, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (3, 1): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 3): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 1): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Rates in kbit/s by version, 2 for all but MPEG 1, and layer."""
_LONGEST_FRAME = 1 << 13
_TAGS = (b"TAG", b"APETAGEX", b"LYRICSBEGIN")
_MOST_TAGS = 0.005
"""Share of the file that tags at its end may have."""


def is_whole_stream(file: FileWindow) -> bool:
    """Tell whether frames of one version, layer, rate and number of channels fill a file, as it says."""
    place = after_id3(file)
    kind, free, frames = None, 0, 0
    while place < file.length:
        file.seek(place)
        head = file.read(_HEAD)
        if kind is None:
            kind = _kind(head)
            free = _free_length(file, head) if kind and head[2] >> 4 == 0 else 0
        if kind is None or _kind(head) != kind:
            break
        length = _length(head, free)
        if length == 0:
            break
        place += length
        frames += 1
    if kind is None or place > file.length or declared_frames(file) not in (None, frames - 1, frames):
        return False
    file.seek(place)
    rest = file.read(len(_TAGS[-1]))
    return not rest or (rest.startswith(_TAGS) and file.length - place < _MOST_TAGS * file.length)


def begins_with_frame(file: FileWindow) -> bool:
    """Tell whether a file looks like MPEG audio at its beginning."""
    file.seek(after_id3(file))
    return _kind(file.read(_HEAD)) is not None


def has_free_rate(file: FileWindow) -> bool:
    """Tell whether the first frame does not say its bit rate, which FFmpeg does not decode."""
    file.seek(after_id3(file))
    head = file.read(_HEAD)
    return _kind(head) is not None and head[2] >> 4 == 0


def _kind(head: bytes) -> tuple[int, int, bool] | None:
    """Return what all frames of a stream have in common; None where there is none."""
    if len(head) < _HEAD or head[0] != 0xFF or head[1] < 0xE0:
        return None
    version, layer, rate = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 2 & 3
    if version not in SAMPLE_RATES or layer == 0 or rate == 3 or head[2] >> 4 == 15:
        return None
    return head[1] & 0xFE, rate, head[3] >> 6 == 3


def _length(head: bytes, free: int) -> int:
    """Return the bytes of a frame; of one that does not say it, ``free`` and what is added to it."""
    version, layer, index = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4
    padding = (head[2] >> 1 & 1) * _SLOTS[layer]
    if index == 0:
        return free + padding if free else 0
    bits = 1000 * _KBITS[3 if version == 3 else 2, layer][index - 1]
    rate = SAMPLE_RATES[version][head[2] >> 2 & 3]
    if layer == 3:
        return 12 * bits // rate * 4 + padding
    return (72 if layer == 1 and version != 3 else 144) * bits // rate + padding


def _free_length(file: FileWindow, head: bytes) -> int:
    """Return the bytes of the first frame, without what is added to it, by where the next one is."""
    rest = file.read(_LONGEST_FRAME)
    for place in range(len(rest) - _HEAD):
        following = rest[place : place + _HEAD]
        if _kind(following) == _kind(head) and following[2] >> 4 == 0:
            return place + _HEAD - (head[2] >> 1 & 1) * _SLOTS[head[1] >> 1 & 3]
    return 0
