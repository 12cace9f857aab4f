"""A solution as a sound, and how much of the picture survives in it."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..objectives import PreparedLoss, VisualDisplay, find_preset
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


class ViewSimilarity:
    """SSIM of the picture with what a viewer shows of magnitudes.

    Args:
        encoder: of the picture.
    """

    def __init__(self, encoder: MaskEncoder) -> None:
        self._loss = PreparedLoss(VisualDisplay(), encoder)

    def __call__(self, magnitude: Tensor) -> list[float]:
        """SSIM of each of the magnitudes ``(n, F, T)``, in [-1, 1]."""
        with torch.no_grad():
            similarity: list[float] = (1.0 - self._loss(magnitude)).tolist()
        return similarity


class SoundExporter:
    """Makes the sounds of a problem's masks, with the preset's phase.

    Args:
        problem: the problem.

    Attributes:
        problem: the problem.
        view_ssim: the similarity with the picture that is reported for every sound.
    """

    def __init__(self, problem: MOSSProblem) -> None:
        self.problem, self.view_ssim = problem, ViewSimilarity(problem.encoder)

    def __reduce__(self) -> tuple[type["SoundExporter"], tuple[MOSSProblem]]:
        # What objectives prepare need not be something that can be pickled.
        return SoundExporter, (self.problem,)

    def of_mask(self, x: np.ndarray) -> ExportedSound:
        """The sound of a mask ``x (n_var,)``."""
        return self.of_magnitude(self.problem.encoder.mix(x)[0])

    def of_magnitude(self, magnitude: Tensor) -> ExportedSound:
        """The sound of magnitudes ``(F, T)``."""
        encoder = self.problem.encoder
        waveform = encoder.synthesise(magnitude[None], find_preset(self.problem.preset).phase)[0]
        gain = export_gain(waveform, encoder.sample_rate)
        heard = encoder.analyse(waveform)
        asked_for, survived = self.view_ssim(torch.stack([magnitude, heard]))
        F = self.problem.evaluate_spectrogram(heard[None])[0]
        return ExportedSound(waveform * gain, gain, heard, F, asked_for, survived)


def export_sound(problem: MOSSProblem, x: np.ndarray) -> ExportedSound:
    """The sound of one mask ``x (n_var,)``; `SoundExporter` makes many."""
    return SoundExporter(problem).of_mask(x)
