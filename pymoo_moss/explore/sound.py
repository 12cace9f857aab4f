"""A solution as a sound, and how much of the picture survives in it."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..objectives import VisualDisplay, find_preset
from ..problem import MOSSProblem
from ..spectrogram import export_gain


@dataclass(frozen=True)
class ExportedSound:
    """One solution as a sound.

    Attributes:
        waveform: ``(samples,)`` as written, at the loudness that all exported sounds have.
        gain: factor that brought it there.
        magnitude: ``(F, T)`` of the sound before the gain.
        view_ssim: SSIM of the picture with what a viewer shows of the blended magnitudes.
        exported_view_ssim: the same of the sound itself; less, because no sound has exactly those
            magnitudes.
    """

    waveform: Tensor
    gain: float
    magnitude: Tensor
    view_ssim: float
    exported_view_ssim: float


def export_sound(problem: MOSSProblem, x: np.ndarray) -> ExportedSound:
    """The sound of a mask ``x (n_var,)``, with the preset's phase."""
    return export_magnitude(problem, problem.encoder.mix(x)[0])


def export_magnitude(problem: MOSSProblem, magnitude: Tensor) -> ExportedSound:
    """The sound of magnitudes ``(F, T)``, with the preset's phase."""
    encoder = problem.encoder
    waveform = encoder.synthesise(magnitude[None], find_preset(problem.preset).phase)[0]
    gain = export_gain(waveform, encoder.sample_rate)
    heard = encoder.analyse(waveform)
    with torch.no_grad():
        losses = VisualDisplay()(torch.stack([magnitude, heard]), encoder)
    asked_for, survived = (1.0 - losses).tolist()
    return ExportedSound(waveform * gain, gain, heard, asked_for, survived)
