"""Refinement of a waveform, so that its spectrogram approximates the target in decibels."""

import torch
from torch import Tensor

from .stft import istft, stft

STEPS = 24
"""Default number of Adam steps."""

_LEARNING_RATE = 0.03
_BETAS = (0.8, 0.99)
_WEIGHT_OF_SOUND = 0.01
"""Weight of the distance from the sound, large enough that the refined waveform does not lose the sound."""


@torch.enable_grad()
def refine_waveform(
    waveform: Tensor,
    magnitude: Tensor,
    sound: Tensor,
    log_floor: float,
    n_fft: int,
    hop_length: int,
    steps: int = STEPS,
) -> Tensor:
    """Refine a waveform, so that its log magnitudes approximate target magnitudes better than by Griffin-Lim.

    Griffin-Lim minimises the distance of magnitudes, to which the loudest bins contribute most. Perception is
    logarithmic, and much of the picture is in quiet bins. Adam therefore minimises the mean squared distance
    of log magnitudes, over the magnitudes and phases from which the waveform is synthesised; all magnitudes
    below the floor count as equal.

    Args:
        waveform: ``(n, samples)`` with the initial phases, preferably from a few iterations of Griffin-Lim.
        magnitude: ``(n, F, T)`` target magnitudes, above 0.
        sound: ``(F, T)`` magnitudes of the original sound; the distance from them has a small weight.
        log_floor: natural logarithm of the floor, the magnitude that is shown as black.
        n_fft: length of the transform in samples.
        hop_length: hop length in samples.
        steps: number of Adam steps; 0 returns the waveform unchanged.

    Returns:
        Waveforms ``(n, samples)``.
    """
    if steps == 0:
        return waveform
    length = waveform.shape[-1]
    target, original = magnitude.log().clamp_min(log_floor), sound.log().clamp_min(log_floor)
    log_magnitude, angle = magnitude.log(), stft(waveform, n_fft, hop_length).angle()
    gains, turns = torch.zeros_like(log_magnitude), torch.zeros_like(angle)
    parameters = [gains.requires_grad_(), turns.requires_grad_()]
    optimizer = torch.optim.Adam(parameters, lr=_LEARNING_RATE, betas=_BETAS)

    def synthesised() -> Tensor:
        return istft(torch.polar((log_magnitude + gains).exp(), angle + turns), n_fft, hop_length, length)

    smallest = torch.finfo(magnitude.dtype).tiny
    for _ in range(steps):
        power = torch.view_as_real(stft(synthesised(), n_fft, hop_length)).square().sum(dim=-1)
        heard = (0.5 * power.clamp_min(smallest).log()).clamp_min(log_floor)
        distance = (heard - target).square() + _WEIGHT_OF_SOUND * (heard - original).abs()
        # A sum over waveforms, so that each one's gradient does not depend on the others.
        loss = distance.mean(dim=(-2, -1)).sum()
        gains.grad, turns.grad = torch.autograd.grad(loss, parameters)
        optimizer.step()
    return synthesised().detach()
