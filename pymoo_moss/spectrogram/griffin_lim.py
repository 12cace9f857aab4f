"""Waveforms whose spectrograms have given magnitudes as nearly as possible."""

import torch
from torch import Tensor

from .frames import Frames, with_modulus

MOMENTUM = 0.99
"""Momentum of the fast Griffin-Lim algorithm."""


def griffin_lim(frames: Frames, magnitude: Tensor, waveform: Tensor, iterations: int) -> Tensor:
    """Compute a waveform whose magnitudes approximate the given ones, by the fast Griffin-Lim algorithm.

    From good initial phases, such as those of the sound from which the magnitudes were made, a few iterations
    suffice; torchaudio's implementation starts from random or constant phases only.

    Args:
        frames: the frames.
        magnitude: ``(frames, F)``, not negative.
        waveform: ``(samples,)``, whose phases are the initial ones.
        iterations: number of projections; 0 keeps the initial phases.

    Returns:
        The waveform ``(samples,)``.

    Source: Perraudin, Balazs and Sondergaard, "A fast Griffin-Lim algorithm", WASPAA 2013.
    """
    waveform = _with_magnitude(frames, magnitude, waveform, None)
    previous = torch.zeros_like(magnitude, dtype=magnitude.dtype.to_complex())
    for _ in range(iterations):
        waveform = _with_magnitude(frames, magnitude, waveform, previous)
    return waveform


def _with_magnitude(frames: Frames, magnitude: Tensor, waveform: Tensor, previous: Tensor | None) -> Tensor:
    """Replace the magnitudes of a waveform, whose phases are moved on from those of ``previous`` spectra.

    The ``previous`` spectra ``(frames, F)`` become those of the waveform.
    """
    padded, total = frames.padded(waveform), frames.silence()
    for piece in frames.pieces():
        spectra = frames.spectra(padded, piece)
        if previous is not None:
            moved = spectra.sub(previous[piece], alpha=MOMENTUM / (1 + MOMENTUM))
            previous[piece], spectra = spectra, moved
        frames.add(total, piece, with_modulus(spectra, magnitude[piece]))
    return frames.waveform(total)
