"""Writing of songs as MP3, AAC and Opus, by FFmpeg, which PyAV brings along."""

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

from ..errors import OutputError, unknown_name
from .tags import Tags, write_tags

_AT_ONCE = 1 << 16


@dataclass(frozen=True)
class Codec:
    """How a format is encoded.

    Attributes:
        encoder: FFmpeg's name of it.
        container: FFmpeg's name of the file's format.
        kilobits: a second, for two channels.
        rates: sample rates in Hz that it encodes, rising.
        extension: of its files.
    """

    encoder: str
    container: str
    kilobits: int
    rates: tuple[int, ...]
    extension: str


_MPEG_RATES = (8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)

CODECS = {
    "mp3": Codec("libmp3lame", "mp3", 320, _MPEG_RATES, ".mp3"),
    "m4a": Codec("aac", "mp4", 256, (*_MPEG_RATES, 64_000, 88_200, 96_000), ".m4a"),
    "ogg": Codec("libopus", "ogg", 192, (8000, 12_000, 16_000, 24_000, 48_000), ".ogg"),
}
"""How songs are written, by the names that users type."""


def is_available(codec: Codec) -> bool:
    """Tell whether this installation's FFmpeg has the encoder."""
    return codec.encoder in av.codecs_available


def save_lossy(
    path: str | os.PathLike[str],
    pieces: Iterator[np.ndarray],
    sample_rate: int,
    channels: int,
    *,
    gain: float = 1.0,
    tags: Tags = Tags(),
) -> None:
    """Write a song in one of the formats of `CODECS`, which the extension tells.

    Args:
        path: of the file.
        pieces: ``(n, channels)`` float32, where 1 is full scale.
        sample_rate: in Hz; where the format has no such rate, the next higher one is taken.
        channels: number of channels; more than two are mixed to one.
        gain: factor of all samples.
        tags: of the song.

    Raises:
        OptionError: there is no such format.
        OutputError: FFmpeg has no encoder for it, or the file cannot be written.
    """
    path = Path(path)
    name = path.suffix[1:].lower()
    if name not in CODECS:
        raise unknown_name("format", name, tuple(CODECS))
    scaled = (piece if gain == 1.0 else piece * np.float32(gain) for piece in pieces)
    content = encode(scaled, sample_rate, channels, CODECS[name])
    try:
        path.write_bytes(content)
    except OSError as error:
        raise OutputError(
            f"cannot write '{path}' ({error.strerror}): free space, or choose another folder"
        ) from error
    write_tags(path, tags)


def encode(pieces: Iterator[np.ndarray], sample_rate: int, channels: int, codec: Codec) -> bytes:
    """Encode a song; see `save_lossy`.

    Returns:
        The content of the file.

    Raises:
        OutputError: FFmpeg has no encoder for it.
    """
    if not is_available(codec):
        raise OutputError(f"this installation cannot encode {codec.extension[1:]}: choose wav or flac")
    rate = next((one for one in codec.rates if one >= sample_rate), codec.rates[-1])
    file = io.BytesIO()
    # Which of more channels stands where is not known.
    layout = "stereo" if channels == 2 else "mono"
    with av.open(file, "w", format=codec.container) as container:
        stream: Any = container.add_stream(codec.encoder, rate=rate)
        stream.codec_context.layout = layout
        stream.codec_context.bit_rate = 500 * codec.kilobits * (2 if channels == 2 else 1)
        resampler = av.AudioResampler(stream.codec_context.format, layout, rate)
        for frame in _frames(pieces, sample_rate, layout):
            for part in resampler.resample(frame):
                container.mux(stream.encode(part))
        for part in resampler.resample(None):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return file.getvalue()


def _frames(pieces: Iterator[np.ndarray], sample_rate: int, layout: str) -> Iterator[av.AudioFrame]:
    done = 0
    for piece in pieces:
        samples = piece if layout == "stereo" else piece.mean(axis=1, keepdims=True)
        for start in range(0, len(samples), _AT_ONCE):
            part = np.ascontiguousarray(samples[start : start + _AT_ONCE], dtype=np.float32)
            frame = av.AudioFrame.from_ndarray(part.reshape(1, -1), "flt", layout)
            frame.sample_rate, frame.pts = sample_rate, done
            done += len(part)
            yield frame
