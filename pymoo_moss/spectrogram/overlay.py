"""A change of a song that is added to all of its channels, and leaves every other sample as it is."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from ..errors import AudioError
from .sample_rates import check_rate, resample
from .sound import Piece, Sound, check_length

_FULL_SCALE = 1.0


class Overlay:
    """A song with a change in a part of it.

    The mix of the channels changes by what is added to each; what differs between channels stays.

    Args:
        sound: the song. The first piece tells its sample rate and its channels; pieces of joined files that
            differ are resampled, and take the mean of their channels where these are others.
        change: ``(samples,)`` what is added to every channel.
        start: sample of the song, at ``sample_rate``, at which the change begins.
        sample_rate: of the change in Hz; another one than the song's is resampled.

    Attributes:
        sample_rate: the song's in Hz.
        channels: number of the song's.
        length: samples of a channel.
        tags: the song's.
        peak: greatest absolute sample of the changed song, where 1 is full scale.

    Raises:
        AudioError: the song cannot be decoded, or is empty.
    """

    def __init__(self, sound: Sound, change: Tensor, start: int, sample_rate: int) -> None:
        self._sound, self.tags = sound, sound.tags
        self.sample_rate = self.channels = self.length = 0
        for samples, rate in sound.pieces():
            if self.sample_rate == 0:
                check_rate(rate, sound.label)
                self.sample_rate, self.channels = rate, samples.shape[1]
            self.length += math.ceil(len(samples) * self.sample_rate / rate)
            check_length(self.length / self.sample_rate, sound.label)
        if self.length == 0:
            raise AudioError(f"{sound.label} holds no samples: choose a longer sound")
        scale = self.sample_rate / sample_rate
        self._change = resample(change.detach().cpu().float(), sample_rate, self.sample_rate).numpy()
        self._start = round(start * scale)
        self.peak = max(float(np.abs(piece).max()) for piece in self.pieces() if piece.size)

    @property
    def gain(self) -> float:
        """Factor at which no sample is beyond full scale: 1 where none is."""
        return min(1.0, _FULL_SCALE / self.peak) if self.peak > 0 else 1.0

    def pieces(self) -> Iterator[np.ndarray]:
        """Yield the changed song ``(n, channels)``, float32, from its beginning.

        Copy what is to be kept: the next piece may be written where the last one was.
        """
        begin, end = self._start, self._start + len(self._change)
        done = 0
        for piece in self._sound.pieces():
            samples = self._in_layout(piece)
            first, last = max(begin, done), min(end, done + len(samples))
            if first < last:
                samples = samples.copy()
                samples[first - done : last - done] += self._change[first - begin : last - begin, None]
            done += len(samples)
            yield samples

    def excerpt(self, start: int, stop: int) -> np.ndarray:
        """Return samples ``(stop - start, channels)`` of the changed song."""
        found, done = [], 0
        for piece in self.pieces():
            found.append(piece[max(0, start - done) : max(0, stop - done)].copy())
            done += len(piece)
            if done >= stop:
                break
        return np.concatenate(found)

    def _in_layout(self, piece: Piece) -> np.ndarray:
        samples, rate = piece
        if samples.shape[1] != self.channels:
            samples = np.repeat(samples.mean(axis=1, dtype=np.float32)[:, None], self.channels, axis=1)
        if rate != self.sample_rate:
            columns = torch.from_numpy(np.ascontiguousarray(samples.T))
            samples = np.stack([resample(one, rate, self.sample_rate).numpy() for one in columns], axis=1)
        return samples
