"""Length that an MP3 file declares in the header of its encoder."""

from .file_window import FileWindow

SAMPLE_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
"""Sample rates in Hz by the version of MPEG: 3 is MPEG 1, 2 is MPEG 2, 0 is MPEG 2.5."""
_LAYER_3 = 1
_HEADER = 4096
_HAS_COUNT = 1
_FIELDS = ((1, 4), (2, 4), (4, 100), (8, 4))
"""Bits of the flags, and bytes of the fields that they announce."""
_ID3_HEAD, _HAS_FOOTER = 10, 0x10
_ENCODER = 21
"""Bytes of the encoder's own part before its padding: three bytes, 12 bits each at beginning and end."""


def after_id3(file: FileWindow) -> int:
    """Return where a file begins after its ID3 tags."""
    place = 0
    while True:
        file.seek(place)
        head = file.read(_ID3_HEAD)
        if len(head) < _ID3_HEAD or not head.startswith(b"ID3"):
            return place
        size = sum((byte & 127) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        place += _ID3_HEAD + size + (_ID3_HEAD if head[5] & _HAS_FOOTER else 0)


def declared_seconds(file: FileWindow) -> float | None:
    """Read how long an MP3 says that it is; None where it does not say, or is no MP3."""
    declared = _declared(file)
    if declared is None:
        return None
    frames, padding, version, rate = declared
    return max(frames * (1152 if version == 3 else 576) - padding, 0) / SAMPLE_RATES[version][rate]


def declared_frames(file: FileWindow) -> int | None:
    """Read how many frames an MP3 says that it has after the first one, which says it."""
    declared = _declared(file)
    return None if declared is None else declared[0]


def _declared(file: FileWindow) -> tuple[int, int, int, int] | None:
    """Return numbers of frames and of samples that are padding, and the version and rate in the first header.

    Encoders write them into the first frame, after the tag ``Xing`` or ``Info``.
    """
    file.seek(after_id3(file))
    frame = file.read(_HEADER)
    sync = frame.find(b"\xff")
    if sync < 0 or len(frame) < sync + 4 or frame[sync + 1] < 0xE0:
        return None
    version, layer = frame[sync + 1] >> 3 & 3, frame[sync + 1] >> 1 & 3
    rate = frame[sync + 2] >> 2 & 3
    tags = [place for tag in (b"Xing", b"Info") if (place := frame.find(tag, sync, sync + 64)) >= 0]
    if layer != _LAYER_3 or version not in SAMPLE_RATES or rate == 3 or not tags:
        return None
    fields = frame[tags[0] + 4 :]
    if len(fields) < 8 or not fields[3] & _HAS_COUNT:
        return None
    frames = int.from_bytes(fields[4:8], "big")
    rest = fields[4 + sum(size for bit, size in _FIELDS if fields[3] & bit) :]
    padding = int.from_bytes(rest[_ENCODER : _ENCODER + 3], "big")
    return frames, (padding >> 12) + (padding & 0xFFF), version, rate
