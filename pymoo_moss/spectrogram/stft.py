"""Short-time Fourier transform and the way back, with phases that fit the magnitudes.

All transforms use a periodic Hann window of ``n_fft`` samples and centred frames.
"""

import torch
from torch import Tensor

MOMENTUM = 0.99


def stft(waveform: Tensor, n_fft: int, hop_length: int) -> Tensor:
    """Complex spectrogram ``(..., n_fft / 2 + 1, frames)`` of waveforms ``(..., samples)``."""
    return torch.stft(
        waveform,
        n_fft,
        hop_length,
        window=torch.hann_window(n_fft, dtype=waveform.dtype, device=waveform.device),
        return_complex=True,
    )


def istft(spectrogram: Tensor, n_fft: int, hop_length: int, length: int) -> Tensor:
    """The waveforms ``(..., length)`` whose spectrograms are nearest in least squares."""
    window = torch.hann_window(n_fft, dtype=spectrogram.real.dtype, device=spectrogram.device)
    return torch.istft(spectrogram, n_fft, hop_length, window=window, length=length)


def griffin_lim(
    magnitude: Tensor, phase: Tensor, n_fft: int, hop_length: int, length: int, iterations: int
) -> Tensor:
    """Waveforms whose magnitudes come near the given ones, by the fast Griffin-Lim algorithm.

    Started from a phase that is known to be good, such as that of the sound that the magnitudes came
    from, a few iterations suffice; torchaudio's own starts from random or constant phases only.

    Args:
        magnitude: ``(n, F, T)``, not negative.
        phase: ``(F, T)`` or ``(n, F, T)`` complex numbers of modulus one, the phases to start from.
        n_fft: length of the transform in samples.
        hop_length: step between frames in samples.
        length: samples of the result.
        iterations: number of projections; 0 keeps the phases as they are.

    Returns:
        ``(n, length)``.

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
    """The phase of a complex spectrogram as numbers of modulus one (1 where the magnitude is 0)."""
    direction = torch.sgn(spectrogram)
    return torch.where(direction == 0, torch.ones_like(direction), direction)
