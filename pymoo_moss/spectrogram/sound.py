"""`Sound`: a sound that is decoded piece by piece, and its mix to one channel."""

import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..errors import AudioError
from .sample_rates import check_rate, resample
from .tags import Tags

PIECE = 1 << 20
"""Samples, of all channels together, that are decoded, mixed or encoded at a time."""

_LONGEST_SECONDS = 3600
_MOST_KEPT = 1 << 26
"""Samples that are kept in memory, 256 MiB: twelve minutes of stereo at 44.1 kHz."""

_SILENCE = 1e-6
"""Peak amplitude below which a sound counts as silent: -120 dB of full scale."""

_LARGEST = 1e12
"""Peak amplitude above which the squares of a spectrogram lose their meaning."""

_LEAST_SHARE = 0.4
"""Power of the sum of all channels, as a share of the loudest one's, below which they cancel each other.

For two channels: their mean is 10 dB quieter than the louder one.
"""

_MOST_CANCELLED = 0.1
"""Share of the power that may lie in seconds in which they do, before one channel is taken instead."""


class TooLongError(AudioError):
    """A sound is longer than it may be."""


class Piece(NamedTuple):
    """Consecutive samples ``(n, channels)``, float32 with full scale at 1, at a sample rate in Hz."""

    samples: np.ndarray
    sample_rate: int


@dataclass(frozen=True)
class Sound:
    """A sound that can be decoded as often as it is needed.

    Attributes:
        label: what messages call it.
        pieces: decodes it from its beginning.
        tags: what its file says about its song.
    """

    label: str
    pieces: Callable[[], Iterator[Piece]]
    tags: Tags = Tags()


def kept_in_memory(sound: Sound, most: int = _MOST_KEPT) -> Sound:
    """Return a sound that is decoded once, if it has at most so many samples of all channels; else itself.

    Raises:
        AudioError: the sound cannot be decoded.
    """
    pieces, samples = [], 0
    for piece in sound.pieces():
        samples += piece.samples.size
        if samples > most:
            return sound
        # A copy, because a decoder may write its next piece where this one is.
        pieces.append(Piece(piece.samples.copy(), piece.sample_rate))
    return Sound(sound.label, lambda: iter(pieces), sound.tags)


def check_length(seconds: float, label: str) -> None:
    """Make sure that a sound is at most an hour long.

    Raises:
        TooLongError: it is longer.
    """
    if seconds > _LONGEST_SECONDS:
        raise TooLongError(
            f"expected at most {_LONGEST_SECONDS} s of sound, {label} has {seconds:.0f} or more: "
            "cut a piece out"
        )


def mix_to_mono(sound: Sound) -> tuple[Tensor, int]:
    """Decode a sound and average its channels.

    Where the channels cancel each other, because one of them is inverted or nearly so, all the time or for a
    part of it, the loudest one is taken instead.

    Returns:
        Float32 waveform ``(samples,)`` and its sample rate in Hz: the rate at which the sound begins.

    Raises:
        AudioError: the sound cannot be decoded, is empty, silent, not finite, longer than an hour, or its
            sample rate is outside 1 to 768 kHz.

    Warns:
        UserWarning: the channels cancel each other.
    """
    cancellation = _Cancellation()
    waveform, rate = _mixed(sound, lambda samples: samples.mean(axis=1, dtype=np.float32), cancellation.add)
    if cancellation:
        loudest = cancellation.loudest
        warnings.warn(f"the channels of {sound.label} {cancellation}", stacklevel=2)
        # A copy, because a decoder may write its next piece where this one is.
        waveform, rate = _mixed(sound, lambda samples: samples[:, loudest].copy())
    _check(waveform, sound.label)
    return torch.from_numpy(waveform), rate


def _mixed(
    sound: Sound,
    mix: Callable[[np.ndarray], np.ndarray],
    observe: Callable[[np.ndarray, int], None] = lambda samples, rate: None,
) -> tuple[np.ndarray, int]:
    """Decode a sound, mix each piece to one channel, and bring all pieces to the first one's sample rate."""
    mixed: list[np.ndarray] = []
    first_rate, length = None, 0
    # Samples that are not finite are refused when all are there.
    with np.errstate(all="ignore"):
        for samples, rate in sound.pieces():
            if first_rate is None:
                check_rate(rate, sound.label)
                first_rate = rate
            observe(samples, rate)
            one = mix(samples)
            if rate != first_rate:
                check_rate(rate, sound.label)
                one = resample(torch.from_numpy(np.ascontiguousarray(one)), rate, first_rate).numpy()
            mixed.append(one)
            length += len(one)
            check_length(length / first_rate, sound.label)
    if first_rate is None or length == 0:
        raise AudioError(f"{sound.label} holds no samples: choose a longer sound")
    return _joined(mixed, length), first_rate


def _joined(pieces: list[np.ndarray], length: int) -> np.ndarray:
    """Concatenate pieces, and release each as it is copied: an hour of sound takes its memory once."""
    whole, end = np.empty(length, np.float32), length
    while pieces:
        piece = pieces.pop()
        whole[end - len(piece) : end] = piece
        end -= len(piece)
    return whole


class _Cancellation:
    """How far the channels of a sound cancel each other, second by second and without constant offsets."""

    def __init__(self) -> None:
        self._energies = self._cancelled = np.zeros(0)
        self._all, self._seconds, self._cancelled_seconds = 0.0, 0.0, 0.0
        self._has_one_layout = True

    def add(self, samples: np.ndarray, rate: int) -> None:
        """Add samples ``(n, channels)``."""
        channels = samples.shape[1]
        self._has_one_layout &= len(self._energies) in (0, channels + 1)
        # Joined files may have several layouts; their channels are averaged as they are.
        if channels == 1 or len(samples) == 0 or not self._has_one_layout:
            return
        with_sum = np.column_stack([samples, samples.sum(axis=1)]).astype(np.float64)
        starts = np.arange(0, len(samples), rate)
        lengths = np.diff(starts, append=len(samples))
        sums = np.add.reduceat(with_sum, starts)
        energies = np.add.reduceat(with_sum**2, starts) - sums**2 / lengths[:, None]
        loudest = energies[:, :-1].max(axis=1)
        cancels = (energies[:, -1] < _LEAST_SHARE * loudest) & (loudest > _SILENCE**2 * lengths)
        if len(self._energies) == 0:
            self._energies = self._cancelled = np.zeros(channels + 1)
        self._energies = self._energies + energies.sum(axis=0)
        self._cancelled = self._cancelled + energies[cancels].sum(axis=0)
        self._all += loudest.sum()
        self._seconds += len(samples) / rate
        self._cancelled_seconds += lengths[cancels].sum() / rate

    @property
    def loudest(self) -> int:
        """Index of the channel with the greatest power."""
        return int(self._energies[:-1].argmax())

    def __bool__(self) -> bool:
        """Return whether they do, in seconds that have a good part of the power."""
        return bool(
            self._has_one_layout
            and len(self._energies) > 0
            and self._cancelled[:-1].max() > _MOST_CANCELLED * self._all
        )

    def __str__(self) -> str:
        """Return the sentence's end that says where and how far."""
        alone = self._cancelled[self.loudest]
        mean = self._cancelled[-1] / (len(self._cancelled) - 1) ** 2
        loss = 10 * math.log10(alone / max(mean, alone * 1e-12))
        where = ""
        if self._cancelled_seconds < 0.95 * self._seconds:
            where = f" for {self._cancelled_seconds:.1f} of {self._seconds:.1f} s"
        return (
            f"cancel each other{where}: mixed to one they are {loss:.0f} dB quieter than channel "
            f"{self.loudest + 1} alone, which is used instead"
        )


def _check(waveform: np.ndarray, label: str) -> None:
    low, high = float(waveform.min()), float(waveform.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise AudioError(f"{label} holds NaN or infinite samples: repair or re-export the sound")
    if max(-low, high) > _LARGEST:
        raise AudioError(
            f"expected samples with full scale at 1, {label} has a peak of {max(-low, high):.0e}: "
            "divide them, or re-export the sound"
        )
    # Half of the range, so that a constant offset counts as silence too.
    if (high - low) / 2 < _SILENCE:
        raise AudioError(
            f"{label} is silent once its channels are mixed to mono (peak under {_SILENCE:g}): "
            "there is no sound to keep, choose another"
        )
