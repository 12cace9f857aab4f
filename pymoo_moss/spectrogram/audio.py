"""Reading of sounds from files and arrays as mono waveforms, and writing of WAV and Ogg Vorbis."""

import io
import os
import warnings
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import soundfile
import torch
from torch import Tensor

from ..errors import AudioError
from ._torchaudio import torchaudio_functional

AudioSource = str | os.PathLike[str] | tuple[np.ndarray | Tensor, int]

_SAMPLE_RATES = (1_000, 768_000)
"""Least and greatest accepted sample rate in Hz."""

_BROWSERS_RATES = (8_000, 48_000)
"""Least and greatest sample rate in Hz that browsers play."""

_LONGEST_SECONDS = 3600
_PIECE = 1 << 20
"""Samples, of all channels together, that are decoded or encoded at a time."""

_SILENCE = 1e-6
"""Peak amplitude below which a sound counts as silent: -120 dB of full scale."""


def load_audio(source: AudioSource, sample_rate: int) -> Tensor:
    """Read a sound, mix its channels to one, and resample it.

    Args:
        source: path of a WAV, FLAC, OGG or MP3 file, or ``(waveform, sample_rate)`` where the
            waveform is an array ``(samples,)`` or ``(channels, samples)`` with full scale at 1.
        sample_rate: samples per second of the result.

    Returns:
        float32 waveform ``(samples,)`` on the CPU.

    Raises:
        AudioError: the file is missing or no audio, or the sound is empty, silent, not finite, longer
            than an hour, or its sample rate is outside 1 to 768 kHz.
    """
    waveform, source_rate, label = _from_array(source) if isinstance(source, tuple) else _from_file(source)
    _check(waveform, source_rate, label)
    return _resample(waveform.mean(dim=0), source_rate, sample_rate)


def save_wav(path: str | os.PathLike[str], waveform: Tensor, sample_rate: int) -> None:
    """Write a waveform ``(samples,)`` within [-1, 1] as a 16-bit WAV file.

    Raises:
        OSError: the file cannot be written.
    """
    # In memory first, because libsndfile's error for a full disk does not name the cause.
    file = io.BytesIO()
    soundfile.write(file, waveform.cpu().numpy(), sample_rate, format="WAV", subtype="PCM_16")
    Path(path).write_bytes(file.getbuffer())


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
    samples = _resample(waveform.detach().cpu().float(), sample_rate, rate).numpy()
    file = io.BytesIO()
    options = {"format": "OGG", "subtype": "VORBIS", "compression_level": compression}
    with soundfile.SoundFile(file, "w", rate, 1, **options) as ogg:
        # Piece by piece, because the encoder copies its input to the stack.
        for start in range(0, len(samples), _PIECE):
            ogg.write(samples[start : start + _PIECE])
    return file.getvalue()


def decode_ogg(content: bytes, sample_rate: int) -> Tensor:
    """Decode a file of `encode_ogg` to a waveform ``(samples,)`` at a sample rate in Hz."""
    samples, rate = soundfile.read(io.BytesIO(content), dtype="float32")
    return _resample(torch.from_numpy(samples)[None], rate, sample_rate)[0]


def _from_file(source: str | os.PathLike[str]) -> tuple[Tensor, int, str]:
    path = Path(source)
    if not path.is_file():
        raise AudioError(f"no audio file at '{path}': expected a WAV, FLAC, OGG or MP3 file")
    label = f"'{path}'"
    try:
        # Opened here, because soundfile refuses names that are not UTF-8. Samples that are not finite are
        # rejected later.
        with path.open("rb") as opened, soundfile.SoundFile(opened) as file, np.errstate(all="ignore"):
            _check_rate(file.samplerate, label)
            _check_length(file.frames, file.samplerate, label)
            waveform = np.concatenate([np.zeros(0, np.float32), *_decoded(file)])
            # A difference of less than a tenth of a second is a codec's padding.
            if len(waveform) < file.frames - file.samplerate / 10:
                warnings.warn(
                    f"{label} says that it holds {file.frames / file.samplerate:.1f} s of sound, and holds "
                    f"{len(waveform) / file.samplerate:.1f} s: only these are used",
                    stacklevel=2,
                )
            return torch.from_numpy(waveform)[None], file.samplerate, label
    # TypeError for headerless formats, for which soundfile expects the format as arguments.
    except (soundfile.SoundFileError, OSError, TypeError) as error:
        raise AudioError(
            f"cannot read audio from {label} ({error}): expected a WAV, FLAC, OGG or MP3 file"
        ) from error


def _decoded(file: soundfile.SoundFile) -> Iterator[np.ndarray]:
    """Yield a file's sound piece by piece, its channels averaged, ``(samples,)`` float32.

    `SoundFile.blocks` is not used: it returns as many samples as the header declares, and those that could
    not be decoded are uninitialised memory.
    """
    # Of a fixed size, because a damaged header may declare any length.
    piece = np.zeros((_PIECE // file.channels, file.channels), np.float32)
    while len(read := file.read(out=piece)):
        yield read.mean(axis=1, dtype=np.float32)


def _from_array(source: tuple[np.ndarray | Tensor, int]) -> tuple[Tensor, int, str]:
    if len(source) != 2:
        raise AudioError(f"expected (waveform, sample_rate), got a tuple of {len(source)}")
    array, rate = source
    try:
        # Copied, because torch warns about read-only arrays.
        waveform = array.detach().cpu() if isinstance(array, Tensor) else torch.from_numpy(np.array(array))
    except (TypeError, ValueError, RuntimeError) as error:
        raise AudioError(f"expected a waveform array, got {type(array).__name__}") from error
    if waveform.ndim not in (1, 2) or not waveform.is_floating_point():
        raise AudioError(
            "expected a floating-point waveform (samples,) or (channels, samples) with full scale at 1, "
            f"got {waveform.dtype} of shape {tuple(waveform.shape)}"
        )
    if waveform.ndim == 2 and waveform.shape[0] > waveform.shape[1]:
        raise AudioError(
            f"expected (channels, samples), got {tuple(waveform.shape)}: pass the transposed array"
        )
    return (waveform[None] if waveform.ndim == 1 else waveform).float(), rate, "the audio array"


def _check(waveform: Tensor, sample_rate: int, label: str) -> None:
    _check_rate(sample_rate, label)
    if waveform.numel() == 0:
        raise AudioError(f"{label} holds no samples: choose a longer sound")
    _check_length(waveform.shape[1], sample_rate, label)
    if not bool(torch.isfinite(waveform).all()):
        raise AudioError(f"{label} holds NaN or infinite samples: repair or re-export the sound")
    if float(waveform.mean(dim=0).abs().max()) < _SILENCE:
        raise AudioError(
            f"{label} is silent once its channels are mixed to mono (peak under {_SILENCE:g}): "
            "there is no sound to keep, choose another"
        )


def _check_rate(sample_rate: int, label: str) -> None:
    low, high = _SAMPLE_RATES
    if isinstance(sample_rate, bool) or not isinstance(sample_rate, int | np.integer):
        raise AudioError(f"expected a whole sample rate in Hz for {label}, got {sample_rate!r}")
    if not low <= sample_rate <= high:
        raise AudioError(f"expected a sample rate of {low} to {high} Hz in {label}, got {sample_rate}")


def _check_length(samples: int, sample_rate: int, label: str) -> None:
    seconds = samples / sample_rate
    if seconds > _LONGEST_SECONDS:
        raise AudioError(
            f"expected at most {_LONGEST_SECONDS} s of sound, {label} has {seconds:.0f}: cut a piece out"
        )


def _resample(waveform: Tensor, source_rate: int, sample_rate: int) -> Tensor:
    # Ratios with large terms would need a filter bank of gigabytes. The nearest ratio of small terms differs
    # by less than one part in a million, a five-hundredth of a cent.
    ratio = Fraction(int(source_rate), sample_rate).limit_denominator(1000)
    if ratio == 1:
        return waveform
    resampled: Tensor = torchaudio_functional().resample(waveform, ratio.numerator, ratio.denominator)
    return resampled
