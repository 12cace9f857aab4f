"""Short-time Fourier transform, with a periodic Hann window of ``n_fft`` samples and centred frames."""

import torch
from torch import Tensor

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
