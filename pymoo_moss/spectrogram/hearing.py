"""What a sound masks: the energy that can be added to each critical band without being heard."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

DECIBELS = 10.0 / math.log(10.0)
"""Decibels of energy per neper of it."""

FULL_SCALE_DB = 92.0
"""Sound pressure level in dB of a sine at full scale: the default of ITU-R BS.1387."""

_BANDS_PER_BARK = 2
_FORWARD_SECONDS = (0.008, 0.030)
"""Time constants of forward masking, at high frequencies and at 100 Hz (ITU-R BS.1387, 2.1.7)."""


class Bands(NamedTuple):
    """Critical bands of a plane.

    Attributes:
        matrix: ``(B, F)`` which bins a band has, 0 or 1.
        centres: ``(B,)`` frequencies in Hz.
        barks: ``(B,)`` centres on the Bark scale.
    """

    matrix: Tensor
    centres: Tensor
    barks: Tensor

    def within(self, low: float, high: float) -> Tensor:
        """Tell which bands ``(B,)`` have their centres from ``low`` to ``high`` Hz; if none, the nearest."""
        inside = (self.centres >= low) & (self.centres <= high)
        if inside.any():
            return inside
        distance = (self.centres - (low + high) / 2).abs()
        return distance == distance.min()


def bark(frequency: Tensor) -> Tensor:
    """Return places on the Bark scale of frequencies in Hz, ``7 asinh(f / 650)`` (ITU-R BS.1387)."""
    return 7.0 * torch.asinh(frequency / 650.0)


def bands_of(frequencies: Tensor) -> Bands:
    """Divide bins at frequencies ``(F,)`` in Hz, rising, into bands of half a Bark, without empty ones."""
    numbers = (bark(frequencies) * _BANDS_PER_BARK).floor().long()
    places, of_bin = torch.unique(numbers, return_inverse=True)
    matrix = torch.nn.functional.one_hot(of_bin, len(places)).T.to(frequencies)
    barks = (places.to(frequencies) + 0.5) / _BANDS_PER_BARK
    return Bands(matrix, 650.0 * torch.sinh(barks / 7.0), barks)


def pressure(magnitude: Tensor, n_fft: int, full_scale_db: float = FULL_SCALE_DB) -> Tensor:
    """Return sound pressures squared, where 1 is 0 dB SPL, of an STFT's magnitudes with a Hann window.

    A sine at full scale has ``full_scale_db`` in all of its bins together: its peak bin has ``n_fft / 4``,
    and the window's main lobe 1.5 times the peak's energy.
    """
    unit: float = 10.0 ** (full_scale_db / 10.0) / (1.5 * (n_fft / 4.0) ** 2)
    return magnitude.square() * unit


def threshold_in_quiet(frequency: Tensor) -> Tensor:
    """Return the threshold of hearing as sound pressure squared, where 1 is 0 dB SPL (Terhardt 1979)."""
    kilohertz = frequency.clamp(min=20.0) / 1000.0
    dip = 6.5 * torch.exp(-0.6 * (kilohertz - 3.3) ** 2)
    decibels = 3.64 * kilohertz.pow(-0.8) - dip + 1e-3 * kilohertz.pow(4)
    return torch.pow(10.0, decibels.clamp(max=100.0) / 10.0)


def masking_threshold(
    magnitude: Tensor,
    frequencies: Tensor,
    n_fft: int,
    hop_seconds: float,
    full_scale_db: float = FULL_SCALE_DB,
) -> Tensor:
    """Return the energy that a sound masks in each band and frame.

    The sound's energies spread over bands (Schroeder, Atal and Hall 1979), are lowered by the offsets of
    ITU-R BS.1387, decay in time by its forward masking, and are no less than the threshold in quiet.

    Args:
        magnitude: ``(F, T)`` of the sound.
        frequencies: ``(F,)`` of the bins in Hz.
        n_fft: window of the transform in samples.
        hop_seconds: from one frame to the next.
        full_scale_db: playback level: sound pressure level in dB of a sine at full scale.

    Returns:
        ``(B, T)`` sound pressures squared, in the bands of `bands_of`.
    """
    bands = bands_of(frequencies.to(magnitude))
    energy = bands.matrix @ pressure(magnitude, n_fft, full_scale_db)
    masked = _spreading(bands.barks) @ energy
    offset = torch.where(bands.barks <= 12.0, 3.0, 0.25 * bands.barks)
    masked *= 10.0 ** (-offset / 10.0)[:, None]
    fast, slow = _FORWARD_SECONDS
    constants = fast + (100.0 / bands.centres.clamp(min=100.0)) * (slow - fast)
    decay = torch.exp(-hop_seconds / constants)
    for frame in range(1, masked.shape[1]):
        torch.maximum(masked[:, frame], decay * masked[:, frame - 1], out=masked[:, frame])
    return torch.maximum(masked, threshold_in_quiet(bands.centres)[:, None])


def _spreading(barks: Tensor) -> Tensor:
    """Return the share ``(B, B)`` of a band's energy, by column, that masks in another, by row."""
    apart = barks[:, None] - barks[None, :] + 0.474
    decibels = 15.81 + 7.5 * apart - 17.5 * torch.sqrt(1.0 + apart**2)
    spread: Tensor = 10.0 ** (decibels / 10.0)
    return spread
