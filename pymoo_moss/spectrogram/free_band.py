"""The band that most songs leave free and that codecs keep."""

from typing import Literal

KEPT = 16_000.0
"""Frequency in Hz up to which MP3 of 192 kbit/s, AAC and Opus keep a song."""
_OF_NYQUIST = 0.9
_LOWER_EDGE = 0.5
"""Of the upper one: most music is below."""

Edge = float | Literal["auto"] | None
"""Edge of a band in Hz; ``"auto"`` for that of the free band, None for that of the plane."""


def free_band(sample_rate: int) -> tuple[float, float]:
    """Return the band in Hz above most music and under the cut of codecs; lower where the sample rate is."""
    high = min(KEPT, _OF_NYQUIST * sample_rate / 2)
    return _LOWER_EDGE * high, high


def chosen_edges(fmin: Edge, fmax: Edge, sample_rate: int) -> tuple[float | None, float | None]:
    """Choose the edges of a band that are ``"auto"``; beside one that is given, the other one fits it."""
    low, high = free_band(sample_rate)
    if fmax == "auto":
        fmax = None if isinstance(fmin, int | float) and fmin >= high else high
    if fmin == "auto":
        fmin = low if fmax is None else min(low, _LOWER_EDGE * fmax)
    return fmin, fmax
