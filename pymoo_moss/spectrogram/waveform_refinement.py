"""Makes a sound's own spectrogram look like the one that was asked for, in decibels."""

import torch
from torch import Tensor

from .stft import istft, stft

STEPS = 24
_LEARNING_RATE = 0.03
_BETAS = (0.8, 0.99)
_WEIGHT_OF_SOUND = 0.01
"""Of the distance to the sound. Enough that the search for the picture does not take from the sound."""


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
    """A sound whose log magnitudes come nearer to the wanted ones than projections bring it.

    Griffin-Lim fits magnitudes, so that the loudest bins count; eyes and ears judge decibels, and the
    picture lives in quiet bins. Here the magnitudes and phases that the sound is synthesised from descend by
    Adam on the mean squared distance of the log magnitudes of the sound that comes of them, with
    everything below black counted as equal.

    Args:
        waveform: ``(n, samples)`` to start from, best the outcome of a few iterations of Griffin-Lim.
        magnitude: ``(n, F, T)`` asked for, above 0.
        sound: ``(F, T)`` magnitudes of the original sound, which a little weight keeps to.
        log_floor: natural logarithm of black.
        n_fft: length of the transform in samples.
        hop_length: step between frames in samples.
        steps: of Adam; 0 leaves the waveform as it is.

    Returns:
        ``(n, samples)``.
    """
    if steps == 0:
        return waveform
    length = waveform.shape[-1]
    wanted, original = magnitude.log().clamp_min(log_floor), sound.log().clamp_min(log_floor)
    log_magnitude, angle = magnitude.log(), stft(waveform, n_fft, hop_length).angle()
    gains, turns = torch.zeros_like(log_magnitude), torch.zeros_like(angle)
    parameters = [gains.requires_grad_(), turns.requires_grad_()]
    descent = torch.optim.Adam(parameters, lr=_LEARNING_RATE, betas=_BETAS)

    def synthesised() -> Tensor:
        return istft(torch.polar((log_magnitude + gains).exp(), angle + turns), n_fft, hop_length, length)

    smallest = torch.finfo(magnitude.dtype).tiny
    for _ in range(steps):
        power = torch.view_as_real(stft(synthesised(), n_fft, hop_length)).square().sum(dim=-1)
        heard = (0.5 * power.clamp_min(smallest).log()).clamp_min(log_floor)
        distance = (heard - wanted).square() + _WEIGHT_OF_SOUND * (heard - original).abs()
        # The sum over masks of each one's mean: what one becomes does not depend on the others.
        loss = distance.mean(dim=(-2, -1)).sum()
        gains.grad, turns.grad = torch.autograd.grad(loss, parameters)
        descent.step()
    return synthesised().detach()
