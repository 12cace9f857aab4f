"""Loudness of exported sounds: the same for all of them, and without clipping."""

import math

import numpy as np
import pyloudnorm
from scipy.signal import resample_poly
from torch import Tensor

from .sound import PIECE

TARGET_LUFS = -18.0
"""Integrated loudness of exported sounds, the reference level of ReplayGain 2.0."""

CEILING_DB = -1.0
"""Highest true peak of an exported sound, in decibels of full scale."""

_OVERSAMPLING = 4
_FILTER_REACH = 16
"""Samples on either side, more than scipy's resampling by a whole factor takes into account."""
_SHORTEST_SECONDS = 0.4
"""Length of a gating block of the loudness measure; shorter sounds are repeated."""

_LOWEST_RATE = 8000
"""Least sample rate in Hz at which the measure's weighting filters exist."""


def export_gain(waveform: Tensor, sample_rate: int) -> float:
    """Return the factor that scales a sound ``(samples,)`` to `TARGET_LUFS`, limited by `CEILING_DB`.

    Loudness by ITU-R BS.1770-4 (pyloudnorm), true peak by fourfold oversampling.
    """
    samples = waveform.detach().cpu().double().numpy()
    peak = _true_peak(samples)
    if peak == 0.0:
        return 1.0
    # Measured at full scale: the measure's absolute gate would call a quiet sound silence.
    loudness = _loudness(samples / peak, sample_rate)
    decibels = min(TARGET_LUFS - loudness, CEILING_DB) if math.isfinite(loudness) else CEILING_DB
    return float(10.0 ** (decibels / 20.0) / peak)


def _true_peak(samples: np.ndarray) -> float:
    # Some samples at a time, because all of a song take a gigabyte an hour; beside them those that the
    # resampling's filter reaches.
    peak = 0.0
    for start in range(0, len(samples), PIECE):
        beside = min(start, _FILTER_REACH)
        piece = samples[start - beside : start + PIECE + _FILTER_REACH]
        between = resample_poly(piece, _OVERSAMPLING, 1)[_OVERSAMPLING * beside :]
        peak = max(peak, float(np.abs(between[: _OVERSAMPLING * PIECE]).max()))
    return peak


def _loudness(samples: np.ndarray, sample_rate: int) -> float:
    if sample_rate < _LOWEST_RATE:
        factor = math.ceil(_LOWEST_RATE / sample_rate)
        samples, sample_rate = resample_poly(samples, factor, 1), sample_rate * factor
    shortest = math.ceil(_SHORTEST_SECONDS * sample_rate) + 1
    if len(samples) < shortest:
        samples = np.tile(samples, math.ceil(shortest / len(samples)))
    return float(pyloudnorm.Meter(sample_rate).integrated_loudness(samples))
