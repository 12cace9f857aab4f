"""The part of a song in which a picture is: an excerpt in time, and the bins of a band."""

import math

import torch
from torch import Tensor

from .._checks import real_number
from ..errors import OptionError
from .stft import stft
from .transform import Transform

_LEAST_CELLS = 16
"""Bins and frames of which a rectangle has at least so many, or nothing could be seen in it."""


def check_times(start: float | None, duration: float | None) -> None:
    """Make sure that start and duration in seconds, where they are given, are ones that a song could have.

    Raises:
        OptionError: they are not.
    """
    if start is not None and real_number("start", start) < 0:
        raise OptionError(f"expected start of 0 s or more, got {start:g}")
    if duration is not None and not real_number("duration", duration) > 0:
        raise OptionError(f"expected duration above 0 s, got {duration:g}")


def excerpt_of(length: int, start: float, duration: float, transform: Transform) -> slice:
    """Return the samples of an excerpt: whole hops from ``start`` on, for ``duration`` seconds or a hop more.

    Args:
        length: of the song in samples.
        start: in seconds.
        duration: in seconds.
        transform: of the song.

    Raises:
        OptionError: the excerpt is not within the song, or shorter than a window.
    """
    rate, n_fft, hop = transform
    seconds = length / rate
    if start >= seconds:
        raise OptionError(
            f"expected start within the song, below {seconds:.4g} s, got {start:g} s: begin earlier"
        )
    if start + duration > seconds + hop / rate:
        raise OptionError(
            f"expected the rectangle to end within the song, {seconds:.4g} s long, got one from {start:g} to "
            f"{start + duration:.4g} s: let it last {seconds - start:.4g} s, or begin earlier"
        )
    first = int(start * rate) // hop * hop
    last = min(first + math.ceil(duration * rate / hop) * hop, length)
    least = max(n_fft, _LEAST_CELLS * hop)
    if last - first < least:
        raise OptionError(
            f"expected a rectangle of {least / rate:.3g} s or more, got {(last - first) / rate:.3g} s: make "
            "it longer, or begin earlier"
        )
    return slice(first, last)


def duration_of_shape(width: int, height: int, bins: int, transform: Transform) -> float:
    """Return the seconds in which a picture has its own shape where a bin is as high as a frame is wide.

    Args:
        width: of the picture in pixels.
        height: likewise.
        bins: that the picture's height covers.
        transform: of the song.
    """
    return bins * width / height * transform.hop_length / transform.sample_rate


def bins_of(positions: Tensor) -> slice:
    """Return the bins whose positions ``(F,)`` on the frequency axis are in [0, 1].

    Raises:
        OptionError: they are too few for a picture.
    """
    inside = ((positions >= 0) & (positions <= 1)).nonzero()[:, 0]
    if len(inside) < _LEAST_CELLS:
        raise OptionError(
            f"expected a band of {_LEAST_CELLS} frequency bins or more from fmin to fmax, got {len(inside)}: "
            "widen the band, or raise n_fft"
        )
    return slice(int(inside[0]), int(inside[-1]) + 1)


def confined(change: Tensor, bins: slice, transform: Transform, layer_mask: Tensor | None = None) -> Tensor:
    """Confine a change ``(samples,)`` of an excerpt to a band, and fade it in and out.

    Args:
        change: what is added to the excerpt.
        bins: the band; the window's own width is added on either side.
        transform: of the excerpt.
        layer_mask: ``(F, T)`` of the band; where it is 0 nothing may change, to the window's own width.

    Returns:
        ``(samples,)``, 0 at both ends, between which and the full change half a window passes.
    """
    _, n_fft, hop = transform
    spectra = stft(change, n_fft, hop)
    spectra[: bins.start] = 0.0
    spectra[bins.stop :] = 0.0
    if layer_mask is not None:
        spectra[bins][layer_mask == 0] = 0.0
    window = torch.hann_window(n_fft, dtype=change.dtype, device=change.device)
    inside: Tensor = torch.istft(spectra, n_fft, hop, window=window, length=len(change))
    half = min(n_fft // 2, len(change) // 2)
    rise = (torch.arange(half, dtype=change.dtype, device=change.device) / half * (math.pi / 2)).sin() ** 2
    inside[:half] *= rise
    inside[-half:] *= rise.flip(0)
    return inside
