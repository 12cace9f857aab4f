"""Frequency axis of picture and mask: linear, logarithmic or mel, within a band."""

import math
import warnings
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from .._arithmetic import single_precision
from .._checks import real_number
from ..errors import OptionError, unknown_name
from ._torchaudio import torchaudio_functional

AxisScale = Literal["linear", "log", "mel"]

_LOWEST_LOG_FREQUENCY = 50.0
"""Default lower end of a logarithmic axis in Hz; octaves below it contain hardly a bin."""


@dataclass(frozen=True)
class FrequencyAxis:
    """Map from frequencies in Hz to positions on an axis, 0 at the bottom and 1 at the top.

    Attributes:
        scale: ``"linear"``, ``"log"`` or ``"mel"`` (2595 log10(1 + f / 700), O'Shaughnessy 1987).
        low: frequency in Hz at position 0.
        high: frequency in Hz at position 1.
    """

    scale: AxisScale
    low: float
    high: float

    def position(self, frequency: Tensor) -> Tensor:
        """Return the position of each frequency in Hz; outside [0, 1] for frequencies outside the band."""
        low, high = self._scaled(torch.tensor([self.low, self.high], dtype=torch.float64))
        position: Tensor = (self._scaled(frequency.double()) - low) / (high - low)
        return position

    def frequency(self, position: Tensor) -> Tensor:
        """Return the frequency in Hz at each position: the inverse of `position`."""
        low, high = self._scaled(torch.tensor([self.low, self.high], dtype=torch.float64))
        scaled: Tensor = low + position.double() * (high - low)
        if self.scale == "log":
            return torch.exp2(scaled)
        if self.scale == "mel":
            return (torch.exp2(scaled / 2595.0 * math.log2(10.0)) - 1.0) * 700.0
        return scaled

    def _scaled(self, frequency: Tensor) -> Tensor:
        if self.scale == "log":
            # Bins below the axis only need a position below 0; the logarithm of 0 Hz does not exist.
            return torch.log2(frequency.clamp(min=1e-3))
        if self.scale == "mel":
            return 2595.0 * torch.log10(1.0 + frequency.clamp(min=0.0) / 700.0)
        return frequency


def make_frequency_axis(
    scale: AxisScale, fmin: float | None, fmax: float | None, *, sample_rate: int, n_fft: int
) -> FrequencyAxis:
    """Make the axis between ``fmin`` and ``fmax`` Hz, by default over the whole plane.

    Bin ``k`` of the plane is the frequency ``k * sample_rate / n_fft`` and is taken to be one bin
    wide, so that the whole plane reaches from half a bin below zero to half a bin above Nyquist.
    A logarithmic axis begins at 50 Hz by default.

    Raises:
        OptionError: the scale is unknown, or the band is empty or outside the plane.
    """
    if scale not in get_args(AxisScale):
        raise unknown_name("frequency axis", str(scale), get_args(AxisScale))
    for name, value in (("fmin", fmin), ("fmax", fmax)):
        if value is not None:
            real_number(name, value)
    bin_width = sample_rate / n_fft
    nyquist = sample_rate / 2
    lowest = {"linear": -bin_width / 2, "log": _LOWEST_LOG_FREQUENCY, "mel": 0.0}[scale]
    low = lowest if fmin is None else float(fmin)
    high = nyquist + bin_width / 2 if fmax is None else float(fmax)
    if fmin is not None and fmin < 0:
        raise OptionError(f"expected fmin of 0 Hz or more, got {fmin:g} Hz")
    if fmin is not None and fmin >= nyquist:
        raise OptionError(
            f"expected fmin below {nyquist:g} Hz, half the sample rate, got {fmin:g} Hz: lower it, or set "
            f"sample_rate to more than {2 * fmin:g} Hz"
        )
    if fmax is not None and fmax <= 0:
        raise OptionError(f"expected fmax above 0 Hz, got {fmax:g} Hz")
    if fmax is not None and fmax > nyquist:
        raise OptionError(
            f"expected fmax of at most {nyquist:g} Hz, half the sample rate, got {fmax:g} Hz: lower it, or "
            f"set sample_rate to {2 * fmax:g} Hz or more"
        )
    if scale == "log" and low <= 0:
        raise OptionError(
            "expected fmin above 0 Hz on a logarithmic axis, which has no 0, got 0 Hz: 50 is the default"
        )
    if high - low < bin_width:
        raise OptionError(
            f"expected fmax above fmin by at least one bin, a band of {bin_width:g} Hz, got {low:g} to "
            f"{high:g} Hz: lower fmin or raise fmax"
        )
    return FrequencyAxis(scale, low, high)


def mel_filter_bank(bands: int, n_fft: int, sample_rate: int) -> Tensor:
    """Return triangular mel filters ``(bands, F)`` on the HTK scale, each with weights that sum to 1.

    Bands narrower than a bin, at the bottom of the axis, take the nearest bin.
    """
    bins = n_fft // 2 + 1
    with warnings.catch_warnings(), single_precision():
        # torchaudio warns about empty filters, which are filled below.
        warnings.simplefilter("ignore", UserWarning)
        filters: Tensor = (
            torchaudio_functional().melscale_fbanks(bins, 0.0, sample_rate / 2, bands, sample_rate).T
        )
    places = torch.arange(1, bands + 1, dtype=torch.float32) / (bands + 1)
    centre = FrequencyAxis("mel", 0.0, sample_rate / 2).frequency(places)
    nearest = (centre * n_fft / sample_rate).round().long()
    empty = filters.sum(dim=1) == 0
    filters[empty, nearest[empty]] = 1.0
    return filters / filters.sum(dim=1, keepdim=True)
