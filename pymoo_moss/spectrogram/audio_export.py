"""Writing of sounds: WAV files, and Ogg Vorbis for pages."""

import io
import os
from pathlib import Path

import soundfile
import torch
from torch import Tensor

from .sample_rates import resample
from .sound import PIECE
from .tags import Tags, with_tags

_FULL_SCALE = 32_768
"""Full scale of 16 bits."""
_BROWSERS_RATES = (8_000, 48_000)
"""Least and greatest sample rate in Hz that browsers play."""


def save_wav(path: str | os.PathLike[str], waveform: Tensor, sample_rate: int, tags: Tags = Tags()) -> None:
    """Write a waveform ``(samples,)`` within [-1, 1] as a 16-bit WAV file with a song's tags.

    Raises:
        OSError: the file cannot be written.
    """
    # Rounded here, because libsndfile rounds down, which is a constant offset.
    scaled = (waveform.detach().cpu().double() * _FULL_SCALE).round()
    samples = scaled.clamp(-_FULL_SCALE, _FULL_SCALE - 1).to(torch.int16).numpy()
    # In memory first, because libsndfile's error for a full disk does not name the cause.
    file = io.BytesIO()
    soundfile.write(file, samples, sample_rate, format="WAV", subtype="PCM_16")
    Path(path).write_bytes(with_tags(file.getvalue(), tags))


def encode_ogg(waveform: Tensor, sample_rate: int, compression: float) -> bytes:
    """Encode a waveform ``(samples,)`` within [-1, 1] as Ogg Vorbis, at a sample rate that browsers play.

    Args:
        waveform: the sound.
        sample_rate: in Hz; sounds outside 8 to 48 kHz are resampled to the nearest of these.
        compression: from 0, best quality, to 1, smallest file.

    Returns:
        The content of the file.
    """
    rate = min(max(sample_rate, _BROWSERS_RATES[0]), _BROWSERS_RATES[1])
    samples = resample(waveform.detach().cpu().float(), sample_rate, rate).numpy()
    file = io.BytesIO()
    options = {"format": "OGG", "subtype": "VORBIS", "compression_level": compression}
    with soundfile.SoundFile(file, "w", rate, 1, **options) as ogg:
        # Piece by piece, because the encoder copies its input to the stack.
        for start in range(0, len(samples), PIECE):
            ogg.write(samples[start : start + PIECE])
    return file.getvalue()


def decode_ogg(content: bytes, sample_rate: int) -> Tensor:
    """Decode a file of `encode_ogg` to a waveform ``(samples,)`` at a sample rate in Hz."""
    samples, rate = soundfile.read(io.BytesIO(content), dtype="float32")
    return resample(torch.from_numpy(samples)[None], rate, sample_rate)[0]
