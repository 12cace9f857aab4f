"""`certify_audibility`: certified bounds for `VisualL1` and `AudioAudibility`, by a convex relaxation."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from scipy.optimize import minimize
from torch import Tensor

from .._arithmetic import computing
from .._checks import whole_number
from ..errors import ObjectiveError
from ..objectives import AudioAudibility, VisualL1
from ..problem import MOSSProblem
from ..spectrogram import DECIBELS
from .front_bounds import FrontBounds
from .non_dominated import non_dominated
from .structure import check_linear

_STEPS = 60
"""Most steps of L-BFGS-B for one weight."""
_BISECTIONS = 60
_ROUNDING = 1e-6
"""Relative reduction of bounds: more than values of float32 loops differ from float64's."""
_LEAST_WEIGHT = 0.02
_BETWEEN = 8
"""Masks that are evaluated from one solution to the next."""


def certify_audibility(problem: MOSSProblem, *, n_weights: int = 25) -> FrontBounds:
    """Compute certified lower bounds of weighted sums of ``visual_l1`` and ``audio_audibility``.

    A term of the audibility is ``log(1 + s^2)``, where ``s``, the square root of a ratio of energies, is a
    norm of the mask and thus convex. Its largest value is known, that of mask 1: in its place the convex
    envelope of ``log(1 + s^2)`` up to there is minimised. A convex function is nowhere below its tangent
    plane, whose least value over all masks is found exactly, so that the bound holds however well the problem
    was solved. `docs/front.md` has the derivation.

    Args:
        problem: problem with these two objectives; normalised or not.
        n_weights: number of weights, 2 or more.

    Returns:
        The bounds, and the points found on the way.

    Raises:
        ObjectiveError: the problem has other objectives or another mixture.
        OptionError: there are too few weights.
    """
    whole_number("n_weights", n_weights, least=2)
    picture, sound = _columns(problem)
    with computing(problem.threads):
        relaxed = _Relaxed(problem, picture, sound)
        weights, lower, X = [], [], [np.full(problem.n_var, 0.5)]
        for share in np.linspace(_LEAST_WEIGHT, 1 - _LEAST_WEIGHT, n_weights):
            x, bound = relaxed.solved(share, X[-1])
            X.append(x)
            lower.append(bound)
            weights.append(relaxed.weights(share))
        of_losses, scale = np.zeros((n_weights, 2)), problem.scale
        of_losses[:, [picture, sound]] = weights
    sound_alone, picture_alone = problem.ends
    masks = [sound_alone, *X[1:], picture_alone]
    between = np.linspace(0.0, 1.0, _BETWEEN, endpoint=False)[:, None]
    points = problem.evaluate(
        np.vstack([*(one + between * (other - one) for one, other in pairwise(masks)), picture_alone])
    )
    points = points[non_dominated(points)]
    return FrontBounds(of_losses * scale, np.array(lower), problem.hypervolume_box, points)


def _columns(problem: MOSSProblem) -> tuple[int, int]:
    check_linear(problem)
    kinds = [type(objective) for objective in problem.objectives]
    if sorted(kinds, key=str) != sorted([VisualL1, AudioAudibility], key=str):
        names = ", ".join(objective.name for objective in problem.objectives)
        raise ObjectiveError(f"expected objectives visual_l1 and audio_audibility, got {names}")
    return kinds.index(VisualL1), kinds.index(AudioAudibility)


class _Envelope(NamedTuple):
    """Convex envelope of ``log(1 + s^2)`` on ``[0, most]``: itself up to ``touch``, and then a line.

    Attributes:
        most: ``(B, T)`` greatest s.
        touch: ``(B, T)`` where the line through the end touches the function; ``most`` where that is below 1.
        slope: ``(B, T)`` of the line.
    """

    most: Tensor
    touch: Tensor
    slope: Tensor

    @classmethod
    def up_to(cls, most: Tensor) -> "_Envelope":
        """Make the envelope up to ``most (B, T)``."""
        low, high = torch.zeros_like(most), most.clamp(max=1.0)
        for _ in range(_BISECTIONS):
            # At the lower end of the interval the tangent is below the function at `most`: a valid envelope.
            middle = (low + high) / 2
            above = _log(middle) + _slope(middle) * (most - middle) > _log(most)
            low, high = torch.where(above, low, middle), torch.where(above, middle, high)
        curved = most > 1.0
        touch = torch.where(curved, low, most)
        return cls(most, touch, torch.where(curved, _slope(touch), 0.0))

    def value_and_slope(self, s: Tensor) -> tuple[Tensor, Tensor]:
        """Return the envelope at ``s`` and its derivative divided by s, both ``(B, T)``."""
        line = s > self.touch
        value = torch.where(line, _log(self.touch) + self.slope * (s - self.touch), _log(s))
        return value, torch.where(line, self.slope / s.clamp(min=1e-300), 2.0 / (1.0 + s.square()))


def _log(s: Tensor) -> Tensor:
    return torch.log1p(s.square())


def _slope(s: Tensor) -> Tensor:
    return 2.0 * s / (1.0 + s.square())


class _Relaxed:
    """The relaxed weighted sums of a problem, in float64."""

    def __init__(self, problem: MOSSProblem, picture: int, sound: int) -> None:
        encoder, objective = problem.encoder, problem.objectives[sound]
        assert isinstance(objective, AudioAudibility)
        energies = objective.weights(encoder)
        self._grid, self._of_bins, self._band = encoder.grid, energies.of_bins, energies.band
        self._left, self._right = encoder.mask_map.left.double(), encoder.mask_map.right.double()
        self._linear = VisualL1().weights(encoder).cpu().numpy().ravel()
        losses = problem.losses_at_ends * problem.scale
        self._most = losses[0, picture], losses[1, sound]
        self._bands = int(self._band[-1]) + 1
        everything = self._ratio(torch.ones(encoder.grid, dtype=torch.float64, device=self._left.device))[1]
        self._envelope = _Envelope.up_to(everything.sqrt())
        self._share = DECIBELS / everything.numel()

    def weights(self, share: float) -> tuple[float, float]:
        """Return the weights of the two losses where the picture's, as a share of its range, has a share."""
        return share / self._most[0], (1.0 - share) / self._most[1]

    def solved(self, share: float, start: np.ndarray) -> tuple[np.ndarray, float]:
        """Return a mask that nearly minimises a weighted sum, and a lower bound of the sum."""
        weights = self.weights(share)

        def value(x: np.ndarray) -> tuple[float, np.ndarray]:
            heard, gradient = self._heard(x)
            seen = float(self._linear @ (1.0 - x))
            return weights[0] * seen + weights[1] * heard, weights[1] * gradient - weights[0] * self._linear

        bounds = [(0.0, 1.0)] * len(start)
        found = minimize(
            value, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": _STEPS}
        )
        at, gradient = value(found.x)
        # The least value over the box of the tangent plane at the solution.
        bound = at + float(np.minimum(-gradient * found.x, gradient * (1.0 - found.x)).sum())
        return found.x, bound - _ROUNDING * abs(at)

    def _heard(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the relaxed audibility and its gradient ``(n_var,)``."""
        mask, ratio = self._ratio(torch.from_numpy(x).to(self._left.device).reshape(self._grid))
        value, slope = self._envelope.value_and_slope(ratio.sqrt())
        by_mask = slope[self._band] * mask * self._of_bins
        gradient = self._left.T @ by_mask @ self._right
        return float(value.sum()) * self._share, gradient.cpu().numpy().ravel() * self._share

    def _ratio(self, grid: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mask ``(F, T)`` and the ratios ``(B, T)`` of energy to threshold."""
        mask = self._left @ grid @ self._right.T
        ratio = mask.new_zeros(self._bands, mask.shape[1])
        return mask, ratio.index_add_(0, self._band, mask.square() * self._of_bins)
