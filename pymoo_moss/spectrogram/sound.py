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

_SILENCE = 1e-6
"""Peak amplitude below which a sound counts as silent: -120 dB of full scale."""

_LEAST_SHARE = 0.4
"""Power of the sum of all channels, as a share of the loudest one's, below which they cancel each other.

For two channels: their mean is 10 dB quieter than the louder one.
"""


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

    Where the channels cancel each other, because one of them is inverted or nearly so, the loudest one is
    taken instead.

    Returns:
        Float32 waveform ``(samples,)`` and its sample rate in Hz: the rate at which the sound begins.

    Raises:
        AudioError: the sound cannot be decoded, is empty, silent, not finite, longer than an hour, or its
            sample rate is outside 1 to 768 kHz.

    Warns:
        UserWarning: the channels cancel each other.
    """
    powers = _ChannelPowers()
    waveform, rate = _mixed(sound, lambda samples: samples.mean(axis=1, dtype=np.float32), powers.add)
    if powers.cancel:
        loudest = powers.loudest
        warnings.warn(
            f"the channels of {sound.label} cancel each other: mixed to one they are {powers.loss_db:.0f} dB "
            f"quieter than channel {loudest + 1} alone, which is used instead",
            stacklevel=2,
        )
        # A copy, because a decoder may write its next piece where this one is.
        waveform, rate = _mixed(sound, lambda samples: samples[:, loudest].copy())
    _check(waveform, sound.label)
    return torch.from_numpy(waveform), rate


def _mixed(
    sound: Sound,
    mix: Callable[[np.ndarray], np.ndarray],
    observe: Callable[[np.ndarray], None] = lambda samples: None,
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
            observe(samples)
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


class _ChannelPowers:
    """Power of every channel and of their sum, without constant offsets."""

    def __init__(self) -> None:
        self._count = 0
        self._sums = self._squares = np.zeros(0)

    def add(self, samples: np.ndarray) -> None:
        """Add samples ``(n, channels)``."""
        channels = samples.shape[1]
        if channels == 1 or self._count < 0:
            return
        if len(self._sums) not in (0, channels + 1):
            # Another layout from here on: joined files. Their channels are averaged as they are.
            self._count, self._sums = -1, np.zeros(0)
            return
        with_sum = np.column_stack([samples, samples.sum(axis=1)]).astype(np.float64)
        self._sums = self._sums + with_sum.sum(axis=0) if len(self._sums) else with_sum.sum(axis=0)
        squares = np.einsum("ij,ij->j", with_sum, with_sum)
        self._squares = self._squares + squares if len(self._squares) else squares
        self._count += len(samples)

    @property
    def _powers(self) -> np.ndarray:
        powers: np.ndarray = self._squares / self._count - (self._sums / self._count) ** 2
        return powers

    @property
    def loudest(self) -> int:
        """Index of the channel with the greatest power."""
        return int(self._powers[:-1].argmax())

    @property
    def cancel(self) -> bool:
        """Whether the channels cancel each other."""
        if len(self._sums) == 0:
            return False
        *channels, mixed = self._powers
        return bool(max(channels) > _SILENCE**2 and mixed < _LEAST_SHARE * max(channels))

    @property
    def loss_db(self) -> float:
        """Decibels by which the mean of the channels is quieter than the loudest one, at most 120."""
        *channels, mixed = self._powers
        mean = mixed / len(channels) ** 2
        return 10 * math.log10(max(channels) / max(mean, max(channels) * 1e-12))


def _check(waveform: np.ndarray, label: str) -> None:
    low, high = float(waveform.min()), float(waveform.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise AudioError(f"{label} holds NaN or infinite samples: repair or re-export the sound")
    # Half of the range, so that a constant offset counts as silence too.
    if (high - low) / 2 < _SILENCE:
        raise AudioError(
            f"{label} is silent once its channels are mixed to mono (peak under {_SILENCE:g}): "
            "there is no sound to keep, choose another"
        )
