"""Refinement of a waveform, so that its spectrogram approximates the target in decibels."""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.linalg import vector_norm as norm

from .frames import Frames, power_of, with_modulus

STEPS = 16
"""Default number of Adam steps."""

_RATE = 0.2
"""Adam's rate as a share of the root mean square distance: what is nearly right is hardly moved."""
_BETAS = (0.6, 0.95)
_WEIGHT_OF_SOUND = 0.01
"""Weight of the distance from the sound, large enough that the refined waveform does not lose the sound."""


class Wanted(NamedTuple):
    """What a waveform's magnitudes are compared with, by logarithm; all below the floor count as equal.

    Attributes:
        target: ``(frames, F)`` natural logarithms of the target magnitudes, at least the floor.
        sound: likewise of the original sound, the distance from which has a small weight.
        floor: natural logarithm of the magnitude that is shown as black.
    """

    target: Tensor
    sound: Tensor
    floor: float


def refine_waveform(
    frames: Frames, waveform: Tensor, magnitude: Tensor, sound: Tensor, log_floor: float, steps: int = STEPS
) -> Tensor:
    """Refine a waveform, so that its log magnitudes approximate target magnitudes better than by Griffin-Lim.

    Griffin-Lim minimises the distance of magnitudes, to which the loudest bins contribute most. Perception is
    logarithmic, and much of the picture is in quiet bins. Adam therefore minimises `log_distance`, over the
    log magnitudes and phases of the spectra from which the waveform is synthesised.

    Args:
        frames: the frames of the waveform.
        waveform: ``(samples,)`` with the initial phases, preferably from some iterations of Griffin-Lim.
        magnitude: ``(frames, F)`` target magnitudes, above 0.
        sound: ``(frames, F)`` magnitudes of the original sound.
        log_floor: natural logarithm of the magnitude that is shown as black.
        steps: number of Adam steps.

    Returns:
        The waveform ``(samples,)``: with the target magnitudes and the initial phases if the steps lead no
        nearer.
    """
    target, original = (plane.log().clamp_min_(log_floor) for plane in (magnitude, sound))
    wanted = Wanted(target, original, log_floor)
    spectra = torch.empty_like(magnitude, dtype=magnitude.dtype.to_complex())
    padded, total = frames.padded(waveform), frames.silence()
    for piece in frames.pieces():
        spectra[piece] = with_modulus(frames.spectra(padded, piece), magnitude[piece])
        frames.add(total, piece, spectra[piece])
    start = refined = frames.waveform(total)
    first, adam = math.inf, _Adam(spectra)
    for _ in range(steps):
        distance, slopes = log_distance(frames, refined, wanted)
        first = min(first, distance)
        adam.begin(_RATE * math.sqrt(distance / magnitude.numel()))
        total = frames.silence()
        for piece in frames.pieces():
            adam.move(piece, frames.added_slopes(slopes, piece))
            frames.add(total, piece, spectra[piece])
        refined = frames.waveform(total)
    return refined if log_distance(frames, refined, wanted)[0] < first else start


def log_distance(frames: Frames, waveform: Tensor, wanted: Wanted) -> tuple[float, Tensor]:
    """Compute the distance of a waveform's log magnitudes from those wanted, and its slopes.

    Args:
        frames: the frames of the waveform.
        waveform: ``(samples,)``.
        wanted: target, sound and floor.

    Returns:
        The sum over the plane of squared distances from the target and, with a small weight, of distances
        from the sound; and its slopes as `Frames.padded_slopes` returns them.
    """
    padded, slopes, distance = frames.padded(waveform), frames.silence(), 0.0
    for piece in frames.pieces():
        spectra = frames.spectra(padded, piece)
        power = power_of(spectra)
        heard = power.log().mul_(0.5)
        audible = heard >= wanted.floor
        heard.clamp_min_(wanted.floor)
        from_sound = heard - wanted.sound[piece]
        from_target = heard.sub_(wanted.target[piece])
        distance += float(norm(from_target) ** 2 + _WEIGHT_OF_SOUND * norm(from_sound, ord=1))
        # By the log modulus; a spectrum's part changes that by its share of the power.
        slope = from_target.mul_(2.0).add_(from_sound.sgn_(), alpha=_WEIGHT_OF_SOUND).mul_(audible)
        frames.add_slopes(slopes, piece, spectra.mul_(slope.div_(power)))
    return distance, frames.padded_slopes(slopes)


class _Adam:
    """Adam over log moduli and phases of spectra, which it moves in place.

    Both of a bin are scaled alike, by the size of their slopes together.

    Args:
        spectra: ``(frames, F)`` complex.

    Source: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.
    """

    def __init__(self, spectra: Tensor) -> None:
        self._spectra, self._mean = spectra, torch.zeros_like(spectra)
        self._square = torch.zeros(spectra.shape, dtype=spectra.dtype.to_real(), device=spectra.device)
        self._smallest = torch.finfo(self._square.dtype).tiny
        self._steps, self._factor = 0, 0.0

    def begin(self, rate: float) -> None:
        """Begin a step that moves by about ``rate`` nepers and radians."""
        self._steps += 1
        mean, square = (1 - beta**self._steps for beta in _BETAS)
        self._factor = -rate * math.sqrt(square) / mean

    def move(self, frames: slice, slopes: Tensor) -> None:
        """Move some frames' spectra.

        Args:
            frames: the frames.
            slopes: ``(frames, F)`` of the loss, by real parts plus i times those by imaginary parts; written
                over.
        """
        spectra, mean, square = self._spectra[frames], self._mean[frames], self._square[frames]
        # By log moduli, plus i times those by phases.
        slopes.mul_(spectra.conj())
        square.lerp_(power_of(slopes), 1 - _BETAS[1])
        change, average = torch.view_as_real(slopes), torch.view_as_real(mean)
        average.lerp_(change, 1 - _BETAS[0])
        torch.mul(
            average, square.clamp_min(self._smallest).rsqrt_().mul_(self._factor)[..., None], out=change
        )
        # The exponential of the change, up to its second order: changes are small.
        spectra.addcmul_(spectra, slopes.addcmul(slopes, slopes, value=0.5))
