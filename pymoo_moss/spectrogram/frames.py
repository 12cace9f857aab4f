"""The frames of a waveform, their spectra, and waveforms of spectra, for some frames at a time.

Taken for some frames at a time, transforms and the arithmetic between them stay in the processor's cache, and
the complex plane of an hour of sound, gigabytes, need not exist.
"""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn.functional import pad

_CELLS_AT_ONCE, _CELLS_AT_ONCE_ON_GPU = 1 << 16, 1 << 22
"""Bins times frames that are worked on together."""


class Frames:
    """The frames of waveforms of one length, as `stft` has them; here frames come first.

    Args:
        like: a tensor of the waveforms' precision and device.
        n_fft: length of the transform in samples, even.
        hop_length: hop length in samples, at most half of ``n_fft``.
        length: length of the waveforms in samples, at least ``n_fft``.
        at_once: frames to work on together; by default as many as suit the device.

    Attributes:
        count: number of frames.
        bins: number of frequency bins ``F`` of a frame's spectrum.
    """

    def __init__(
        self, like: Tensor, n_fft: int, hop_length: int, length: int, at_once: int | None = None
    ) -> None:
        self.count, self.bins = 1 + length // hop_length, n_fft // 2 + 1
        self._n_fft, self._hop, self._length = n_fft, hop_length, length
        self._window = torch.hann_window(n_fft, dtype=like.dtype, device=like.device)
        cells = _CELLS_AT_ONCE if like.device.type == "cpu" else _CELLS_AT_ONCE_ON_GPU
        self._at_once = max(1, cells // self.bins) if at_once is None else at_once
        weight = self.silence()
        self._overlap(weight, slice(0, self.count), self._window.square().expand(self.count, n_fft))
        self._weight = self._inner(weight)

    def pieces(self) -> Iterator[slice]:
        """Yield some frames at a time, in order."""
        for start in range(0, self.count, self._at_once):
            yield slice(start, min(start + self._at_once, self.count))

    def silence(self) -> Tensor:
        """Return zeros ``(length + n_fft,)``, a padded waveform to which frames are added."""
        return self._window.new_zeros(self._length + self._n_fft)

    def padded(self, waveform: Tensor) -> Tensor:
        """Mirror a waveform ``(length,)`` at both ends, for frames that are centred."""
        half = self._n_fft // 2
        return pad(waveform[None], (half, half), mode="reflect")[0]

    def spectra(self, padded: Tensor, frames: slice) -> Tensor:
        """Return the complex spectra ``(frames, F)`` of some frames of a padded waveform."""
        spectra: Tensor = torch.fft.rfft(padded.unfold(0, self._n_fft, self._hop)[frames] * self._window)
        return spectra

    def add(self, total: Tensor, frames: slice, spectra: Tensor) -> None:
        """Add the windowed waveforms of some frames' spectra to a padded sum."""
        self._overlap(total, frames, torch.fft.irfft(spectra, self._n_fft).mul_(self._window))

    def waveform(self, total: Tensor) -> Tensor:
        """Return the waveform ``(length,)`` whose spectra are nearest to those added, in least squares."""
        return self._inner(total) / self._weight

    def add_slopes(self, total: Tensor, frames: slice, slopes: Tensor) -> None:
        """Add what slopes of a loss by `spectra` contribute to its slopes by the padded waveform.

        Args:
            total: ``(length + n_fft,)`` sum of all frames' contributions.
            frames: some frames.
            slopes: ``(frames, F)``, slopes by real parts plus i times those by imaginary parts; written over.
        """
        # A transform of real samples leaves out the mirror images of all bins but the first and the last. A
        # factor of all bins is left out here and in `added_slopes`.
        slopes[:, 0] *= 2.0
        slopes[:, -1] *= 2.0
        self.add(total, frames, slopes)

    def padded_slopes(self, total: Tensor) -> Tensor:
        """Turn a loss's slopes by the `padded` waveform into those by the sum that `waveform` divides.

        Both lack a factor of ``n_fft / 2``, of which `added_slopes` lacks the reciprocal.

        Args:
            total: ``(length + n_fft,)`` slopes, as `add_slopes` adds them up; written over.
        """
        half, slopes = self._n_fft // 2, self._inner(total)
        slopes[1 : half + 1] += total[:half].flip(0)
        slopes[-half - 1 : -1] += total[-half:].flip(0)
        slopes /= self._weight
        total[:half] = total[-half:] = 0.0
        return total

    def added_slopes(self, padded_slopes: Tensor, frames: slice) -> Tensor:
        """Return a loss's slopes ``(frames, F)`` by the spectra that `add` added, from `padded_slopes`."""
        slopes = self.spectra(padded_slopes, frames)
        slopes[:, 0] *= 0.5
        slopes[:, -1] *= 0.5
        return slopes

    def _inner(self, total: Tensor) -> Tensor:
        half = self._n_fft // 2
        return total[half : half + self._length]

    def _overlap(self, total: Tensor, frames: slice, samples: Tensor) -> None:
        # At once for all frames those parts that do not overlap.
        for start in range(0, self._n_fft, self._hop):
            part = samples[:, start : start + self._hop]
            total[start:].unfold(0, part.shape[1], self._hop)[frames].add_(part)


def power_of(spectra: Tensor) -> Tensor:
    """Return the squares of complex spectra's moduli, at least the smallest normal number."""
    real, imaginary = torch.view_as_real(spectra).unbind(-1)
    power = (real * real).addcmul_(imaginary, imaginary)
    return power.clamp_min_(torch.finfo(power.dtype).tiny)


def with_modulus(spectra: Tensor, modulus: Tensor) -> Tensor:
    """Give complex spectra other moduli, in place; the phase of silence is 0."""
    power = power_of(spectra)
    smallest = torch.finfo(power.dtype).tiny
    silent = power <= smallest if power.min() <= smallest else None
    spectra *= power.rsqrt_().mul_(modulus)
    if silent is not None:
        spectra[silent] = modulus[silent].to(spectra)
    return spectra
