"""What codecs leave of a picture in a song: encoded and decoded here, and compared with the picture."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import torch
from scipy.signal import correlate
from torch import Tensor

from .._arithmetic import computing
from ..objectives import shown_levels
from ..runs import ViewSimilarity
from ..spectrogram import (
    CODECS,
    Codec,
    MaskEncoder,
    Overlay,
    encode,
    is_available,
    mix_to_mono,
    open_audio,
    resample,
)

TESTED: Mapping[str, Codec] = MappingProxyType(
    {
        name: replace(CODECS[kind], kilobits=kilobits)
        for name, kind, kilobits in (
            ("MP3 192", "mp3", 192),
            ("AAC 256", "m4a", 256),
            ("Opus 160", "ogg", 160),
        )
    }
)
"""Codecs that songs are expected to pass through, by their names for people."""
_BESIDE_SECONDS = 1.0
_MOST_DELAY_SECONDS = 0.25


@dataclass(frozen=True)
class Survival:
    """What is left of a picture.

    Attributes:
        name: of the codec and its kilobits a second.
        ssim: SSIM of picture and sound, as a viewer shows them, in [-1, 1].
        correlation: of their levels, in [-1, 1].
    """

    name: str
    ssim: float
    correlation: float


def survivals(overlay: Overlay, encoder: MaskEncoder) -> list[Survival]:
    """Measure a picture in a file without loss, and after each codec that this installation can encode.

    The rectangle and a second on either side are encoded.

    Args:
        overlay: the song with the picture.
        encoder: of the rectangle.
    """
    rate = overlay.sample_rate
    scale = rate / encoder.sample_rate
    first = round(encoder.excerpt.start * scale)
    last = min(round(encoder.excerpt.stop * scale), overlay.length)
    before = min(first, int(_BESIDE_SECONDS * rate))
    samples = overlay.excerpt(first - before, last + int(_BESIDE_SECONDS * rate)) * overlay.gain
    measure = _Measure(encoder, rate, before)
    found = [measure("the file", samples)]
    for name, codec in TESTED.items():
        if is_available(codec):
            found.append(measure(name, coded(samples, rate, codec)))
    return found


def kept_by_mp3(encoder: MaskEncoder, waveform: Tensor) -> float:
    """Return the correlation with the picture of a rectangle's sound ``(samples,)`` after MP3 of 192 kbit/s.

    Of the codecs of `survivals` it removes most of what listeners would not hear. Without an encoder of it
    the result is 1.
    """
    codec = TESTED["MP3 192"]
    if not is_available(codec):
        return 1.0
    samples = waveform.cpu().float().numpy()[:, None]
    decoded = coded(samples, encoder.sample_rate, codec)
    return _Measure(encoder, encoder.sample_rate, 0)("MP3 192", decoded).correlation


def coded(samples: np.ndarray, rate: int, codec: Codec) -> np.ndarray:
    """Encode samples ``(n, channels)`` and decode them.

    Returns:
        Their mix ``(n,)`` at the same rate, without the codec's delay.
    """
    content = encode(iter([samples]), rate, samples.shape[1], codec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of another length than declared, which is the codec's padding
        decoded, decoded_rate = mix_to_mono(open_audio(content))
    again = resample(decoded, decoded_rate, rate).numpy()
    reference = samples.mean(axis=1, dtype=np.float32)
    coded: np.ndarray = again[_delay(again, reference, int(_MOST_DELAY_SECONDS * rate)) :]
    return coded


class _Measure:
    """Measures how much of a picture is in samples.

    Args:
        encoder: of the rectangle.
        rate: of the samples in Hz.
        before: samples before the rectangle.
    """

    def __init__(self, encoder: MaskEncoder, rate: int, before: int) -> None:
        self._encoder, self._rate, self._before = encoder, rate, before
        self._similarity = ViewSimilarity(encoder)

    def __call__(self, name: str, samples: np.ndarray) -> Survival:
        """Measure samples ``(n,)`` or ``(n, channels)``, which are mixed."""
        encoder, length = self._encoder, len(self._encoder.audio_waveform)
        mono = samples.mean(axis=1, dtype=np.float32) if samples.ndim == 2 else samples
        waveform = torch.from_numpy(mono[self._before :].copy())
        waveform = resample(waveform, self._rate, encoder.sample_rate)[:length]
        waveform = torch.nn.functional.pad(waveform, (0, length - len(waveform)))
        with computing(threads=1):
            magnitude = encoder.analyse(waveform.to(encoder.audio_waveform))
            (ssim,) = self._similarity(magnitude[None])
            shown, drawn = (
                shown_levels(plane, encoder).flatten().double()
                for plane in (magnitude, encoder.image_magnitude)
            )
            correlation = float(torch.corrcoef(torch.stack([shown, drawn]))[0, 1])
        return Survival(name, ssim, correlation)


def _delay(samples: np.ndarray, reference: np.ndarray, most: int) -> int:
    """Return the samples, 0 to ``most``, by which a sound lags behind a reference."""
    product = correlate(samples, reference, mode="full", method="fft")
    start = len(reference) - 1
    return int(product[start : start + most + 1].argmax())
