"""Sample rates: which are accepted, and resampling from one to another."""

import math
from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

from .._arithmetic import plain_arithmetic
from ..errors import AudioError
from ._torchaudio import torchaudio_functional

_SAMPLE_RATES = (1_000, 768_000)
"""Least and greatest accepted sample rate in Hz."""

_AT_ONCE = 1 << 24
"""Samples that are resampled at a time; torchaudio takes several times their memory."""

_REACH = 8
"""Periods of the lower of two rates that torchaudio's filter reaches to either side, rounded up."""


def check_rate(sample_rate: int, label: str) -> None:
    """Make sure that a sample rate is accepted.

    Raises:
        AudioError: it is not a whole number of 1 to 768 kHz.
    """
    low, high = _SAMPLE_RATES
    if isinstance(sample_rate, bool) or not isinstance(sample_rate, int | np.integer):
        raise AudioError(f"expected a whole sample rate in Hz for {label}, got {sample_rate!r}")
    if not low <= sample_rate <= high:
        raise AudioError(f"expected a sample rate of {low} to {high} Hz in {label}, got {sample_rate}")


@plain_arithmetic()
def resample(waveform: Tensor, source_rate: int, sample_rate: int) -> Tensor:
    """Resample a waveform ``(samples,)`` from one rate in Hz to another, by torchaudio's filter."""
    # Ratios with large terms would need a filter bank of gigabytes. The nearest ratio of small terms differs
    # by less than one part in a million, a five-hundredth of a cent.
    ratio = Fraction(int(source_rate), sample_rate).limit_denominator(1000)
    if ratio == 1:
        return waveform
    down, up = ratio.numerator, ratio.denominator
    resample_at_once = torchaudio_functional().resample
    if len(waveform) <= _AT_ONCE:
        at_once: Tensor = resample_at_once(waveform, down, up)
        return at_once
    # Piece by piece, with margins in whole periods of the ratio, whose results are cut off again.
    step = down * (_AT_ONCE // down)
    margin = down * math.ceil(_REACH * max(down / up, 1) / down)
    resampled = torch.empty(math.ceil(len(waveform) * up / down), dtype=waveform.dtype)
    for start in range(0, len(waveform), step):
        before = min(margin, start)
        piece = resample_at_once(waveform[start - before : start + step + margin], down, up)
        kept = piece[before // down * up :][: step // down * up]
        first = start // down * up
        resampled[first : first + len(kept)] = kept[: len(resampled) - first]
    return resampled
