"""Export a solution as a sound, and measure how much of the picture is left in it."""

from collections.abc import Generator
from dataclasses import dataclass
from threading import Lock

import numpy as np
import torch
from torch import Tensor

from .._arithmetic import computing, plain_arithmetic
from .._threads import side_by_side, torch_threads
from ..objectives import PreparedLoss, VisualDisplay
from ..problem import MOSSProblem
from ..spectrogram import MaskEncoder, export_gain, is_long


@dataclass(frozen=True)
class ExportedSound:
    """One solution as a sound.

    Attributes:
        encoder: the encoder of its picture and its song.
        waveform: ``(samples,)`` the samples, at the loudness that all exported sounds have.
        gain: factor that was applied to reach that loudness.
        F: ``(n_obj,)`` objective values of the sound itself; NaN for objectives of the mask alone.
        view_ssim: SSIM of the picture and the target magnitudes as a viewer shows them.
        exported_view_ssim: the same for the sound itself; lower, because no sound has exactly the target
            magnitudes.
    """

    encoder: MaskEncoder
    waveform: Tensor
    gain: float
    F: np.ndarray
    view_ssim: float
    exported_view_ssim: float

    @property
    def change(self) -> Tensor:
        """``(samples,)`` what was added to the song, before the gain."""
        return self.waveform / self.gain - self.encoder.audio_waveform

    @property
    def magnitude(self) -> Tensor:
        """``(F, T)`` magnitudes of the sound before the gain; computed anew, because they take memory."""
        with computing(threads=1):
            return self.encoder.analyse(self.waveform / self.gain)


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
        if not encoder.linear_mixture:
            return encoder.mix(x)
        # Tile by tile, because the shares of picture and sound on the whole plane take several times as much.
        grids = encoder.grids(x)
        mix = encoder.picture.new_empty(len(grids.levels), *encoder.plane)
        for tile in encoder.mask_map.tiles(grids):
            where = tile.bins, tile.frames
            picture = tile.mask.mul_(encoder.image_magnitude[where])
            mix[:, tile.bins, tile.frames] = picture.addcmul_(tile.complement, encoder.audio_magnitude[where])
        return mix


class SoundExporter:
    """Makes the sounds of a problem's masks, with the preset's phase.

    Whatever the problem's number of threads, torch works with one: where it spreads complex numbers over
    several, their last digits depend on the number, and on a busy machine the threads wait for each other at
    every operation. Several threads may make sounds with it, each another one.

    Args:
        problem: the problem.

    Attributes:
        problem: the problem.
        view_ssim: computes the similarity with the picture that is reported for every sound.
    """

    def __init__(self, problem: MOSSProblem) -> None:
        self.problem, self.view_ssim = problem, ViewSimilarity(problem.encoder)
        # Encoders and objectives of a user's own need not bear several threads.
        self._alone = Lock()

    def __reduce__(self) -> tuple[type["SoundExporter"], tuple[MOSSProblem]]:
        # Prepared losses cannot always be pickled; they are prepared again.
        return SoundExporter, (self.problem,)

    def of_mask(self, x: np.ndarray) -> ExportedSound:
        """Make the sound of a mask ``x (n_var,)``."""
        return self.of_magnitude(self.blend(x))

    def of_masks(self, X: np.ndarray) -> Generator[ExportedSound, None, None]:
        """Make the sounds of masks ``X (n, n_var)``, several at a time by the problem's threads.

        Those of a long song are made one after another, each by all threads, because they take much memory.
        Close the iterator where it may not be exhausted.
        """
        with torch_threads(self.problem.threads):
            if self.is_long:
                yield from map(self.of_mask, X)
            else:
                with side_by_side(len(X)) as each:
                    yield from each(self.of_mask, X)

    @property
    def is_long(self) -> bool:
        """Whether the song is so long that its planes should be worked on one at a time."""
        encoder = self.problem.encoder
        return is_long(encoder.n_fft, encoder.hop_length, len(encoder.audio_waveform))

    def blend(self, x: np.ndarray) -> Tensor:
        """Blend the magnitudes ``(F, T)`` of a mask ``x (n_var,)``."""
        with self._alone, computing(threads=1):
            return blended(self.problem.encoder, x)[0]

    def of_magnitude(self, magnitude: Tensor) -> ExportedSound:
        """Make the sound of target magnitudes ``(F, T)``."""
        waveform = self.problem.encoder.synthesise(magnitude[None], self.problem.phase)[0]
        return self.of_waveform(waveform, magnitude)

    def of_waveform(self, waveform: Tensor, magnitude: Tensor) -> ExportedSound:
        """Make the sound of a waveform ``(samples,)`` synthesised for target magnitudes ``(F, T)``."""
        encoder = self.problem.encoder
        with computing(threads=1):
            if not encoder.is_rectangle:
                # A constant offset cannot be heard. It would take room, and click at both ends.
                waveform = waveform - waveform.mean(dtype=torch.float64).to(waveform)
            gain = export_gain(waveform, encoder.sample_rate)
            (target_ssim,) = self.view_ssim(magnitude[None])
            del magnitude  # which takes as much memory as the next plane
            exported = encoder.analyse(waveform)
            (exported_ssim,) = self.view_ssim(exported[None])
            with self._alone:
                F = self.problem.evaluate_spectrogram(exported[None])[0]
        return ExportedSound(encoder, waveform * gain, gain, F, target_ssim, exported_ssim)


def export_sound(problem: MOSSProblem, x: np.ndarray) -> ExportedSound:
    """Make the sound of one mask ``x (n_var,)``; use `SoundExporter` for several."""
    return SoundExporter(problem).of_mask(x)
