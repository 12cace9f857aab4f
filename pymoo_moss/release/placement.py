"""Where in a song a picture is hidden: a band that codecs keep, at the time when the song masks it best."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..spectrogram import Transform, bands_of, magnitudes, masking_threshold, pressure

_STEP_SECONDS = 0.5
_PIECE_SECONDS = 20.0
_CLEAR_BELOW_WHITE_DB = 20.0
"""Decibels under white from which on the song's own sound in the band makes the picture less clear."""
_LOUD = 0.999
_WEIGHT_OF_COVER, _WEIGHT_OF_QUIET = 2.0, 2.0
"""What a factor of 10 in the song's energy over the picture, and in its loudness, counts against one in what
is heard.
"""


class _Profile(NamedTuple):
    """What a song is like, in steps of half a second.

    Attributes:
        loud: ``(S,)`` magnitudes that 99.9 % of the bins do not reach.
        threshold: ``(S, B)`` mean logarithms of the energies that are masked in the bands of the rectangle.
        energy: ``(S, B)`` mean energies of the song there.
    """

    loud: np.ndarray
    threshold: np.ndarray
    energy: np.ndarray


def best_start(
    waveform: Tensor, transform: Transform, band: tuple[float, float], seconds: float, level_db: float
) -> float:
    """Find the time at which a picture would be heard least, be least covered by the song, and be loud.

    A picture is taken to be as bright as half of its white everywhere, and white to be as loud as in the
    song's louder half, so that a quiet passage is not preferred because the picture would be quiet too.

    Args:
        waveform: ``(samples,)`` of the song.
        transform: of the song.
        band: lower and upper edge of the picture in Hz.
        seconds: that it lasts.
        level_db: of white, in decibels relative to the loud bins of where it is.

    Returns:
        The start in seconds; 0 where the song is hardly longer than the picture.
    """
    profile = _profile(waveform, transform, band)
    if len(profile.loud) == 0:
        return 0.0
    loud = float(np.quantile(profile.loud, 0.75))
    white = loud * 10 ** (level_db / 20)
    per_bin = float(pressure(torch.tensor(white), transform.n_fft))
    bins = (band[1] - band[0]) * transform.n_fft / transform.sample_rate
    energy = 0.25 * per_bin * bins / profile.energy.shape[1]
    shown = energy * 10 ** (-_CLEAR_BELOW_WHITE_DB / 10)
    count = max(1, round(seconds / _STEP_SECONDS))
    starts = len(profile.loud) - count
    if starts < 1 or len(waveform) / transform.sample_rate <= seconds + _STEP_SECONDS:
        return 0.0
    costs = []
    for first in range(starts):
        part = slice(first, first + count)
        heard = np.log10(1 + energy / np.exp(profile.threshold[part])).mean()
        covered = np.log10(1 + profile.energy[part] / max(shown, 1e-30)).mean()
        quiet = np.log10(max(loud / max(float(np.quantile(profile.loud[part], 0.75)), 1e-9), 1.0))
        costs.append(heard + _WEIGHT_OF_COVER * covered + _WEIGHT_OF_QUIET * quiet)
    latest = len(waveform) / transform.sample_rate - seconds
    return min(float(np.argmin(costs)) * _STEP_SECONDS, latest)


def _profile(waveform: Tensor, transform: Transform, band: tuple[float, float]) -> _Profile:
    rate, n_fft, hop = transform
    frequencies = torch.arange(n_fft // 2 + 1, dtype=torch.float32) * rate / n_fft
    bands = bands_of(frequencies)
    inside = bands.within(*band)
    step = max(1, round(_STEP_SECONDS * rate / hop))
    samples = step * hop * max(1, round(_PIECE_SECONDS / _STEP_SECONDS))
    loud, threshold, energy = [], [], []
    for start in range(0, len(waveform), samples):
        piece = waveform[start : start + samples]
        if len(piece) < n_fft:
            break
        magnitude = magnitudes(piece, n_fft, hop)[:, : max(1, len(piece) // hop)]
        masked = masking_threshold(magnitude, frequencies, n_fft, hop / rate)[inside].log()
        own = (bands.matrix @ pressure(magnitude, n_fft))[inside]
        for first in range(0, magnitude.shape[1], step):
            part = slice(first, first + step)
            loud.append(float(np.quantile(magnitude[:, part].numpy(), _LOUD)))
            threshold.append(masked[:, part].mean(dim=1).numpy())
            energy.append(own[:, part].mean(dim=1).numpy())
    if not loud:
        return _Profile(np.zeros(0), np.zeros((0, 1)), np.zeros((0, 1)))
    return _Profile(np.array(loud), np.array(threshold), np.array(energy))
