"""Transforms of some frames at a time, against torch's of all of them and against autograd."""

import pytest
import torch

from pymoo_moss.spectrogram.frames import Frames, with_modulus
from pymoo_moss.spectrogram.griffin_lim import griffin_lim

N_FFT, HOP, LENGTH = 64, 24, 701
SIZES = [(64, 16, 1000), (64, 24, 701), (32, 16, 333), (64, 7, 500), (64, 16, 64)]


def noise(seed, length=LENGTH):
    return torch.randn(length, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def stft(waveform, n_fft=N_FFT, hop=HOP):
    window = torch.hann_window(n_fft, dtype=torch.float64)
    return torch.stft(waveform, n_fft, hop, window=window, return_complex=True)


def istft(spectra, n_fft=N_FFT, hop=HOP, length=LENGTH):
    window = torch.hann_window(n_fft, dtype=torch.float64)
    return torch.istft(spectra, n_fft, hop, window=window, length=length)


def gathered(frames, of_piece):
    """Gather what is known of pieces to a plane ``(F, frames)``."""
    return torch.cat([of_piece(piece) for piece in frames.pieces()]).T


@pytest.mark.parametrize(("n_fft", "hop", "length"), SIZES)
def test_spectra_and_waveforms_are_torchs(n_fft, hop, length):
    waveform, frames = noise(0, length), Frames(noise(0), n_fft, hop, length, at_once=3)
    spectra = stft(waveform, n_fft, hop)
    padded, total = frames.padded(waveform), frames.silence()
    torch.testing.assert_close(gathered(frames, lambda piece: frames.spectra(padded, piece)), spectra)
    # Of any spectra, which need not be those of a waveform.
    spectra = spectra * (1.0 + torch.arange(spectra.shape[1]))
    for piece in frames.pieces():
        frames.add(total, piece, spectra.T[piece])
    torch.testing.assert_close(frames.waveform(total), istft(spectra, n_fft, hop, length))


@pytest.mark.parametrize(("n_fft", "hop", "length"), SIZES)
def test_slopes_are_those_of_autograd(n_fft, hop, length):
    frames = Frames(noise(0), n_fft, hop, length, at_once=3)
    start = stft(noise(1, length), n_fft, hop).requires_grad_()
    weights = stft(noise(2, length), n_fft, hop)
    reached = stft(istft(start, n_fft, hop, length), n_fft, hop)
    # A loss whose slopes by the spectra that are reached are the weights.
    loss = (torch.view_as_real(reached) * torch.view_as_real(weights)).sum()
    (expected,) = torch.autograd.grad(loss, start)
    total = frames.silence()
    for piece in frames.pieces():
        frames.add_slopes(total, piece, weights.T[piece].clone())
    padded = frames.padded_slopes(total)
    torch.testing.assert_close(gathered(frames, lambda piece: frames.added_slopes(padded, piece)), expected)


def test_another_modulus_keeps_the_phase_and_silence_has_none():
    spectra = torch.tensor([3 + 4j, -2j, 0, 1e-30])
    changed = with_modulus(spectra.clone(), torch.tensor([10.0, 1.0, 2.0, 3.0]))
    torch.testing.assert_close(changed, torch.tensor([6 + 8j, -1j, 2, 3]))


@pytest.mark.parametrize("iterations", [0, 1, 5])
def test_griffin_lim_is_that_of_whole_planes(iterations):
    source, magnitude = noise(0), stft(noise(1)).abs()
    phase = torch.sgn(stft(source))
    previous = torch.zeros_like(phase)
    for _ in range(iterations):
        consistent = stft(istft(magnitude * phase))
        phase, previous = torch.sgn(consistent - previous * (0.99 / 1.99)), consistent
    found = griffin_lim(
        Frames(source, N_FFT, HOP, LENGTH, at_once=7), magnitude.T.contiguous(), source, iterations
    )
    torch.testing.assert_close(found, istft(magnitude * phase))
