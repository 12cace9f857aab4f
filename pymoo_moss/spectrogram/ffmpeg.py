"""Decoding by FFmpeg, which PyAV brings along, and tags of files."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import av
import numpy as np
from av.audio.plane import AudioPlane

from .file_window import FileWindow
from .sound import PIECE, Piece
from .tags import Tags

_CODEC_FRAMES = 4
"""Frames of a codec by which counts differ that mean the same: encoders' delay and padding."""

_DECLARING = frozenset(
    {"3gp", "aiff", "ape", "au", "caf", "flac", "flv", "ircam", "matroska", "mov", "mp4", "ogg", "sox"}
    | {"tta", "w64", "wav", "webm", "wv"}
)
"""Formats whose headers declare a length; for others FFmpeg estimates one, from the bit rate for instance."""

_LONGEST_PACKET = 60.0
"""Seconds beyond which a packet's duration is none."""

_NO_LENGTH = 1e9
"""Seconds from which on a length is none: programs write the greatest number for what they do not know."""

_MPEG = frozenset(f"mp{layer}{kind}" for layer in (1, 2, 3) for kind in ("", "float"))
_COVERS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
"""Media types by the first bytes, because what a tag says may be wrong."""
_FRONT = "Cover (front)"
_ATTACHED_PICTURE = av.stream.Disposition.attached_pic
_LARGEST_COVER = 16 << 20

_FORMATS = {
    "u8": ("u1", 2.0**7),
    "s16": ("i2", 2.0**15),
    "s32": ("i4", 2.0**31),
    "s64": ("i8", 2.0**63),
    "flt": ("f4", 1.0),
    "dbl": ("f8", 1.0),
}
"""Types of samples and their full scales, by FFmpeg's names."""


class NoSoundError(ValueError):
    """There is no sound in a file that FFmpeg can decode."""


class NotOpenedError(NoSoundError):
    """FFmpeg does not know a file, or it is damaged."""


class Survey(NamedTuple):
    """What a file holds by the packets in it, before anything is decoded.

    Attributes:
        counted: seconds of sound in its packets, as far as these tell how long they are.
        all_counted: whether all of them do.
        declared: seconds that its header declares, or that FFmpeg estimates; None if neither is known.
        tolerance: seconds by which two counts of the same sound may differ.
        declares: whether ``declared`` stands in the file.
        sounds: number of streams of sound; the first one is decoded.
        is_mpeg: whether the sound is MPEG audio, in whatever container.
    """

    counted: float
    all_counted: bool
    declared: float | None
    tolerance: float
    declares: bool
    sounds: int
    is_mpeg: bool

    @property
    def is_as_declared(self) -> bool:
        """Whether the file holds what its header declares, as far as both are known."""
        if self.declared is None:
            return True
        least = self.declared - self.tolerance if self.all_counted else 0.0
        return least <= self.counted <= self.declared + self.tolerance

    def is_at_most(self, seconds: float) -> bool:
        """Tell whether the file holds at most ``seconds`` of sound, as far as that is known."""
        return self.counted <= seconds + self.tolerance


def survey(file: FileWindow) -> Survey:
    """Count what a file holds.

    Raises:
        NoSoundError: FFmpeg does not know the file, or there is no sound in it that can be decoded.
    """
    with _opened(file) as container:
        stream = _first_sound(container)
        unit, longest, total, complete = stream.time_base or 0, 0, 0, bool(stream.time_base)
        for packet in _packets(container, stream):
            duration = packet.duration or 0
            if packet.size and 0 < duration * unit < _LONGEST_PACKET:
                longest, total = max(longest, duration), total + duration
            elif packet.size:
                complete = False
        declared = _declared_seconds(container, stream)
        formats = set(container.format.name.split(","))
        declares = declared is not None and bool(_DECLARING & formats)
        tolerance = max(_CODEC_FRAMES * float(longest * unit), 0.01)
        return Survey(
            float(total * unit),
            complete and total > 0,
            declared,
            tolerance,
            declares,
            len(container.streams.audio),
            stream.codec_context.name in _MPEG,
        )


def _declared_seconds(container: Any, stream: Any) -> float | None:
    """Return the length of a stream by the file's header; None where that does not say it, or says 0."""
    if stream.duration is not None:
        seconds = float(stream.duration * stream.time_base)
        return seconds if 0 < seconds < _NO_LENGTH else None
    # The file is as long as the longest of its streams.
    if container.duration is None or _has_more_than(stream, container):
        return None
    before = max(stream.start_time or 0, 0) * (stream.time_base or 0)
    return max(container.duration / av.time_base - float(before), 0.0) or None


def _has_more_than(stream: Any, container: Any) -> bool:
    return any(
        other.index != stream.index and not other.disposition & _ATTACHED_PICTURE
        for other in (*container.streams.audio, *container.streams.video)
    )


def decode(file: FileWindow) -> Iterator[Piece | None]:
    """Decode the first sound in a file to its end, and yield None for every packet that is damaged.

    Raises:
        NoSoundError: FFmpeg does not know the file, or there is no sound in it that can be decoded.
    """
    with _opened(file) as container:
        stream = _first_sound(container)
        # The same bits every time.
        stream.codec_context.thread_count = 1
        frames: list[np.ndarray] = []
        rate, size = 0, 0
        for frame in _frames(container, stream):
            if frame is None:
                yield None
                continue
            samples = _samples(frame)
            changes = frames and (frame.sample_rate != rate or samples.shape[1] != frames[0].shape[1])
            if frames and (changes or size >= PIECE):
                yield Piece(np.concatenate(frames), rate)
                frames, size = [], 0
            rate = frame.sample_rate
            frames.append(samples)
            size += samples.size
        if frames:
            yield Piece(np.concatenate(frames), rate)


def read_tags(file: FileWindow) -> Tags:
    """Read what a file says about its song.

    Raises:
        NoSoundError: FFmpeg does not know the file, or there is no sound in it.
    """
    with _opened(file) as container:
        said = {**container.metadata, **_first_sound(container).metadata}
        texts = {name.lower(): " ".join(text.split()) for name, text in said.items()}
        cover, cover_type = _cover(container)
        title, artist, album = (texts.get(name, "") for name in ("title", "artist", "album"))
        return Tags(title, artist, album, cover, cover_type)


def _cover(container: Any) -> tuple[bytes, str]:
    """Return content and media type of the picture that goes with a song, of several ones the front cover."""
    attached = [stream for stream in container.streams.video if stream.disposition & _ATTACHED_PICTURE]
    attached.sort(key=lambda stream: stream.metadata.get("comment") != _FRONT)
    for stream in attached:
        packet = next(_packets(container, stream), None)
        content = bytes(packet) if packet is not None and packet.size <= _LARGEST_COVER else b""
        media_type = next((media for magic, media in _COVERS.items() if content.startswith(magic)), None)
        if media_type is not None:
            return content, media_type
    return b"", ""


@contextmanager
def _opened(file: FileWindow) -> Iterator[Any]:
    # Nothing else is opened, whatever a playlist or a description of streams in the file may name.
    options = {"protocol_whitelist": ""}
    file.seek(0)
    try:
        container = av.open(file, metadata_errors="replace", container_options=options, io_open=_refuse)
    except av.FFmpegError as error:
        raise NotOpenedError from error
    with container:
        yield container


def _refuse(url: str, flags: int, options: dict[str, str]) -> Any:
    raise PermissionError(f"'{url}' is not opened")


def _first_sound(container: Any) -> Any:
    if not container.streams.audio:
        raise NoSoundError(
            "it is a video without sound" if container.streams.video else "there is none in it"
        )
    stream = container.streams.audio[0]
    if stream.codec_context is None:
        raise NoSoundError("its coding is not known")
    return stream


def _packets(container: Any, stream: Any) -> Iterator[Any]:
    """Yield packets up to the end of the file, or to where it is broken off."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.FFmpegError):
            return
        yield packet


def _frames(container: Any, stream: Any) -> Iterator[Any]:
    """Yield decoded frames, and None for every packet that cannot be decoded."""
    for packet in _packets(container, stream):
        # An empty one would end the decoding. Some formats have them anywhere, and the last one always is.
        if packet.size:
            try:
                yield from packet.decode()
            except av.FFmpegError:
                yield None
    try:
        yield from stream.codec_context.decode(None)
    except av.FFmpegError:
        yield None


def _samples(frame: Any) -> np.ndarray:
    """Return a frame's samples ``(n, channels)``, float32 with full scale at 1."""
    kind = frame.format.name.removesuffix("p")
    dtype, full_scale = _FORMATS[kind]
    channels = frame.layout.nb_channels
    planes, width = (channels, 1) if frame.format.is_planar else (1, channels)
    # Not `AudioFrame.planes`, which finds one too many where there are eight or more.
    stored = [
        np.frombuffer(memoryview(AudioPlane(frame, number)), dtype, frame.samples * width)
        for number in range(planes)
    ]
    samples = np.stack(stored, axis=1) if frame.format.is_planar else stored[0].reshape(-1, channels)
    if kind == "flt":
        return np.ascontiguousarray(samples, dtype=np.float32)
    centre = full_scale if kind == "u8" else 0.0
    return np.ascontiguousarray((samples.astype(np.float64) - centre) / full_scale, dtype=np.float32)
