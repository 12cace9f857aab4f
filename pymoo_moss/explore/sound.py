"""A solution as a sound, and how much of the picture survives in it."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..objectives import VisualDisplay, find_preset
from ..problem import MOSSProblem
from ..spectrogram import MaskEncoder, export_gain


@dataclass(frozen=True)
class ExportedSound:
    """One solution as a sound.

    Attributes:
        waveform: ``(samples,)`` as written, at the loudness that all exported sounds have.
        gain: factor that brought it there.
        magnitude: ``(F, T)`` of the sound before the gain.
        F: ``(n_obj,)`` objective values of the sound itself; NaN for objectives of the mask alone.
        view_ssim: SSIM of the picture with what a viewer shows of the blended magnitudes.
        exported_view_ssim: the same of the sound itself; less, because no sound has exactly those
            magnitudes.
    """

    waveform: Tensor
    gain: float
    magnitude: Tensor
    F: np.ndarray
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
    asked_for, survived = view_ssim(encoder, torch.stack([magnitude, heard]))
    F = problem.evaluate_spectrogram(heard[None])[0]
    return ExportedSound(waveform * gain, gain, heard, F, asked_for, survived)


def view_ssim(encoder: MaskEncoder, magnitude: Tensor) -> list[float]:
    """SSIM of the picture with what a viewer shows of magnitudes ``(n, F, T)``."""
    with torch.no_grad():
        similarity: list[float] = (1.0 - VisualDisplay()(magnitude, encoder)).tolist()
    return similarity
