"""Short-time Fourier transform, its inverse, and phases that fit given magnitudes.

All transforms use a periodic Hann window of ``n_fft`` samples and centred frames.
"""

import torch
from torch import Tensor

MOMENTUM = 0.99
"""Momentum of the fast Griffin-Lim algorithm."""


_FRAMES_AT_ONCE = 1024


def stft(waveform: Tensor, n_fft: int, hop_length: int) -> Tensor:
    """Return complex spectrograms ``(..., n_fft / 2 + 1, frames)`` of waveforms ``(..., samples)``."""
    return torch.stft(
        waveform,
        n_fft,
        hop_length,
        window=torch.hann_window(n_fft, dtype=waveform.dtype, device=waveform.device),
        return_complex=True,
    )


def magnitudes(waveform: Tensor, n_fft: int, hop_length: int) -> Tensor:
    """Return magnitudes ``(n_fft / 2 + 1, frames)`` of a waveform ``(samples,)``, the modulus of `stft`.

    The complex spectrogram exists for some frames at a time: for an hour of sound it would take gigabytes.
    """
    window = torch.hann_window(n_fft, dtype=waveform.dtype, device=waveform.device)
    padded = torch.nn.functional.pad(waveform[None], (n_fft // 2, n_fft // 2), mode="reflect")[0]
    frames = 1 + len(waveform) // hop_length
    # Frame by frame in memory, as `stft` leaves it: sums along the plane round by their order.
    found = torch.empty(frames, n_fft // 2 + 1, dtype=waveform.dtype, device=waveform.device).T
    for start in range(0, frames, _FRAMES_AT_ONCE):
        count = min(_FRAMES_AT_ONCE, frames - start)
        piece = padded[start * hop_length :][: (count - 1) * hop_length + n_fft]
        torch.abs(
            torch.stft(piece, n_fft, hop_length, window=window, center=False, return_complex=True),
            out=found[:, start : start + count],
        )
    return found


def istft(spectrogram: Tensor, n_fft: int, hop_length: int, length: int) -> Tensor:
    """Return the waveforms ``(..., length)`` whose spectrograms are nearest in least squares."""
    window = torch.hann_window(n_fft, dtype=spectrogram.real.dtype, device=spectrogram.device)
    return torch.istft(spectrogram, n_fft, hop_length, window=window, length=length)


def griffin_lim(
    magnitude: Tensor, phase: Tensor, n_fft: int, hop_length: int, length: int, iterations: int
) -> Tensor:
    """Compute waveforms whose magnitudes approximate the given ones, by the fast Griffin-Lim algorithm.

    From good initial phases, such as those of the sound from which the magnitudes were made, a few iterations
    suffice; torchaudio's implementation starts from random or constant phases only.

    Args:
        magnitude: ``(n, F, T)``, not negative.
        phase: ``(F, T)`` or ``(n, F, T)`` complex numbers of modulus 1, the initial phases.
        n_fft: length of the transform in samples.
        hop_length: hop length in samples.
        length: length of the waveforms in samples.
        iterations: number of projections; 0 keeps the initial phases.

    Returns:
        Waveforms ``(n, length)``.

    Source: Perraudin, Balazs and Sondergaard, "A fast Griffin-Lim algorithm", WASPAA 2013.
    """
    previous = torch.zeros_like(phase)
    for _ in range(iterations):
        consistent = stft(istft(magnitude * phase, n_fft, hop_length, length), n_fft, hop_length)
        accelerated = consistent - previous * (MOMENTUM / (1 + MOMENTUM))
        phase = unit_phase(accelerated)
        previous = consistent
    return istft(magnitude * phase, n_fft, hop_length, length)


def unit_phase(spectrogram: Tensor) -> Tensor:
    """Return the phase of a complex spectrogram as numbers of modulus 1 (1 where the magnitude is 0)."""
    direction = torch.sgn(spectrogram)
    return torch.where(direction == 0, torch.ones_like(direction), direction)
