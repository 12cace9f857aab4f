"""Export a solution as a sound, and measure how much of the picture is left in it."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .._arithmetic import computing, plain_arithmetic
from ..objectives import PreparedLoss, VisualDisplay
from ..problem import MOSSProblem
from ..spectrogram import MaskEncoder, export_gain


@dataclass(frozen=True)
class ExportedSound:
    """One solution as a sound.

    Attributes:
        waveform: ``(samples,)`` the samples, at the loudness that all exported sounds have.
        gain: factor that was applied to reach that loudness.
        magnitude: ``(F, T)`` magnitudes of the sound before the gain.
        F: ``(n_obj,)`` objective values of the sound itself; NaN for objectives of the mask alone.
        view_ssim: SSIM of the picture and the target magnitudes as a viewer shows them.
        exported_view_ssim: the same for the sound itself; lower, because no sound has exactly the target
            magnitudes.
    """

    waveform: Tensor
    gain: float
    magnitude: Tensor
    F: np.ndarray
    view_ssim: float
    exported_view_ssim: float


class ViewSimilarity:
    """SSIM of the picture and magnitudes as a viewer shows them.

    Args:
        encoder: the encoder of the picture.
    """

    def __init__(self, encoder: MaskEncoder) -> None:
        self._loss = PreparedLoss(VisualDisplay(), encoder)

    def __call__(self, magnitude: Tensor) -> list[float]:
        """Compute the SSIM of each of the magnitudes ``(n, F, T)``, in [-1, 1]."""
        with computing(threads=1), torch.no_grad():
            similarity: list[float] = (1.0 - self._loss(magnitude)).tolist()
        return similarity


def blended(encoder: MaskEncoder, x: np.ndarray) -> Tensor:
    """Blend the magnitudes ``(n, F, T)`` of masks, without a graph even if the encoder has parameters."""
    with plain_arithmetic(), torch.no_grad():
        return encoder.mix(x)


class SoundExporter:
    """Makes the sounds of a problem's masks, with the preset's phase.

    Whatever the problem's number of threads, torch works with one: where it spreads complex numbers over
    several, their last digits depend on the number, and on a busy machine the threads wait for each other at
    every operation.

    Args:
        problem: the problem.

    Attributes:
        problem: the problem.
        view_ssim: computes the similarity with the picture that is reported for every sound.
    """

    def __init__(self, problem: MOSSProblem) -> None:
        self.problem, self.view_ssim = problem, ViewSimilarity(problem.encoder)

    def __reduce__(self) -> tuple[type["SoundExporter"], tuple[MOSSProblem]]:
        # Prepared losses cannot always be pickled; they are prepared again.
        return SoundExporter, (self.problem,)

    def of_mask(self, x: np.ndarray) -> ExportedSound:
        """Make the sound of a mask ``x (n_var,)``."""
        with computing(threads=1):
            return self.of_magnitude(blended(self.problem.encoder, x)[0])

    def of_magnitude(self, magnitude: Tensor) -> ExportedSound:
        """Make the sound of target magnitudes ``(F, T)``."""
        with computing(threads=1):
            return self._of_magnitude(magnitude)

    def _of_magnitude(self, magnitude: Tensor) -> ExportedSound:
        encoder = self.problem.encoder
        waveform = encoder.synthesise(magnitude[None], self.problem.phase)[0]
        # A constant offset cannot be heard. It would take room from the sound, and click at both ends.
        waveform = waveform - waveform.mean(dtype=torch.float64).to(waveform)
        gain = export_gain(waveform, encoder.sample_rate)
        exported = encoder.analyse(waveform)
        target_ssim, exported_ssim = self.view_ssim(torch.stack([magnitude, exported]))
        F = self.problem.evaluate_spectrogram(exported[None])[0]
        return ExportedSound(waveform * gain, gain, exported, F, target_ssim, exported_ssim)


def export_sound(problem: MOSSProblem, x: np.ndarray) -> ExportedSound:
    """Make the sound of one mask ``x (n_var,)``; use `SoundExporter` for several."""
    return SoundExporter(problem).of_mask(x)
