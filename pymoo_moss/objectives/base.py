"""Define objectives, and the kernels that evaluate them on batches of variables.

To add an objective, subclass `Objective`, give it a ``name`` and write the loss of a blended spectrogram
in ``__call__``; gradients then come from autograd. Where a closed form is known, override
`Objective.kernel` to return a kernel of your own.
"""

import warnings
from collections.abc import Callable
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor

from ..errors import ObjectiveError
from ..spectrogram import Grids, MaskEncoder
from .evaluator import Evaluator
from .sides import Side

_PLANES_HELD_BY_AUTOGRAD = 24
"""Planes that a typical loss on the whole plane keeps for its backward pass, generously counted."""
_DETACHED = "requires grad"
"""Part of what torch says where a tensor with a graph is taken to numpy."""


class Kernel(Protocol):
    """Evaluates one objective for one encoder.

    Kernels with a closed form hold for encoders whose `MaskEncoder.linear_mixture` is true, and are used with
    these alone. The gradient of a kernel without one is NaN.
    """

    bytes_per_mask: int
    """Memory that one mask of a batch takes while it is evaluated."""

    def value(self, grids: Grids) -> Tensor:
        """Return losses ``(n,)`` of variables as `MaskEncoder.grids` has them."""
        ...

    def value_and_gradient(self, grids: Grids) -> tuple[Tensor, Tensor]:
        """Return losses ``(n,)`` and their gradients in the levels, of the levels' shape."""
        ...


class Objective:
    """A loss of a blended spectrogram, to be minimised.

    Attributes:
        name: what the objective is called in tables and options.
        side: ``"picture"`` or ``"sound"``, which of the two the loss measures the distance from; None where
            it is neither, or where that can be seen from the losses of pure picture and pure sound.
        least_at: 0.0 or 1.0 if the constant mask of that level, and no other mask, has the least loss; None
            where that is not known. It makes the ideal point and, with two objectives, the nadir point exact.
        monotone: whether the loss moves one way in every variable, so that its greatest value
            is at the constant mask farthest from `least_at`.
        lower_bound: a loss that no mask goes below, used where `least_at` is None.
        of_mix: whether the loss is one of the blended spectrogram, rather than of the mask alone.
        unnoticed: a loss up to which nobody notices the difference from the sound; None if it is not known.
        recognised: share of the loss's range, from its best value on a front on, up to which the picture is
            clear.
    """

    name: ClassVar[str]
    side: ClassVar[Side | None] = None
    least_at: ClassVar[float | None] = None
    monotone: ClassVar[bool] = False
    lower_bound: ClassVar[float | None] = None
    of_mix: ClassVar[bool] = True
    unnoticed: ClassVar[float | None] = None
    recognised: ClassVar[float] = 0.15

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # Whichever of the two comes first among the class and its parents defines the other. Each is bound to
        # the function that it was derived from and not to `self`, so that `super` works in subclasses.
        formula, preparation = cls.__call__, cls.prepare
        if _place(cls, "__call__") < _place(cls, "prepare"):
            cls.prepare = lambda self, encoder: lambda mix: formula(self, mix, encoder)  # type: ignore[method-assign]
            cls.prepare.__doc__ = Objective.prepare.__doc__
        elif _place(cls, "prepare") < _place(cls, "__call__"):
            cls.__call__ = lambda self, mix, encoder: preparation(self, encoder)(mix)  # type: ignore[method-assign]

    def __call__(self, mix: Tensor, encoder: MaskEncoder) -> Tensor:
        """Compute losses ``(n,)`` of magnitudes ``mix (n, F, T)``; differentiable where that is possible.

        Raises:
            ObjectiveError: the class defines neither this nor `prepare`.
        """
        raise ObjectiveError(
            f"expected a loss from {type(self).__name__}: define __call__(mix, encoder) or prepare(encoder)"
        )

    def prepare(self, encoder: MaskEncoder) -> Callable[[Tensor], Tensor]:
        """Return the loss for one encoder, to be called many times: ``(n,)`` from magnitudes ``(n, F, T)``.

        The same function as ``__call__``; a subclass that overrides one of the two gets the other from it.
        Override this one where something that depends on the encoder alone is worth computing once.
        """
        return lambda mix: self(mix, encoder)

    def upper_bound(self, encoder: MaskEncoder) -> float | None:
        """Return a loss that no mask exceeds, where one is known; used where the nadir is not."""
        return None

    def kernel(self, encoder: MaskEncoder) -> Kernel:
        """Return the kernel of this objective for one encoder; autograd on the whole plane by default."""
        return AutogradKernel(self, encoder)

    def compiled_evaluator(self, encoder: MaskEncoder) -> Evaluator | None:
        """Return an evaluator of this objective alone in compiled loops, where there is one.

        It is used for float32 planes on the CPU and the linear mixture, unless the engine is ``"torch"``.

        Raises:
            Unsuitable: the loops do not support this encoder.
        """
        return None


def kernel_of(objective: Objective, encoder: MaskEncoder) -> Kernel:
    """Return the objective's own kernel where it holds, else autograd.

    A closed form holds for the linear mixture, and for the formula that it was written with: a subclass that
    replaces the formula alone means another loss. A loss of the mask alone has no formula.
    """
    if has_own(objective, "kernel") and (encoder.linear_mixture or not objective.of_mix):
        return objective.kernel(encoder)
    return AutogradKernel(objective, encoder)


def has_own(objective: Objective, method: str) -> bool:
    """Tell whether a method belongs to the objective's own formula, not to one that it replaced."""
    cls = type(objective)
    return _place(cls, method) <= min(_place(cls, "__call__"), _place(cls, "prepare"))


def _place(cls: type, method: str) -> int:
    """Return the number of the first class in the method resolution order that defines a method."""
    return next(number for number, one in enumerate(cls.__mro__) if method in vars(one))


class PreparedLoss:
    """An objective's loss for an encoder, prepared at its first use and again where the encoder was moved.

    Args:
        objective: whose loss.
        encoder: may be moved to another device or converted to another precision between two calls.
    """

    def __init__(self, objective: Objective, encoder: MaskEncoder) -> None:
        self._objective, self._encoder = objective, encoder
        self._prepared: tuple[tuple[torch.dtype, torch.device], Callable[[Tensor], Tensor]] | None = None

    def __call__(self, mix: Tensor) -> Tensor:
        """Compute losses ``(n,)`` of magnitudes ``mix (n, F, T)``."""
        place = self._encoder.picture.dtype, self._encoder.picture.device
        if self._prepared is None or self._prepared[0] != place:
            self._prepared = place, self._objective.prepare(self._encoder)
        return self._prepared[1](mix)


class AutogradKernel:
    """Evaluates any objective with any mixture on the whole plane, gradients by autograd.

    Gradients are NaN for an objective that cannot be differentiated; a warning says so once.
    """

    def __init__(self, objective: Objective, encoder: MaskEncoder) -> None:
        self._name = objective.name
        self._losses = PreparedLoss(objective, encoder)
        self._encoder = encoder
        self._linear_mixture = encoder.linear_mixture
        self._warned = False
        bins, frames = encoder.plane
        self.bytes_per_mask = _PLANES_HELD_BY_AUTOGRAD * bins * frames * encoder.picture.element_size()

    def value(self, grids: Grids) -> Tensor:
        """Return losses ``(n,)``."""
        with torch.no_grad():
            return self._loss(grids)

    def value_and_gradient(self, grids: Grids) -> tuple[Tensor, Tensor]:
        """Return losses ``(n,)`` and their gradients, of the levels' shape."""
        with torch.enable_grad():
            levels = grids.levels.detach().clone().requires_grad_()
            # The complement follows the levels with slope -1; written so that its value keeps its digits.
            complements = grids.complements + (levels.detach() - levels)
            try:
                loss = self._loss(Grids(levels, complements))
            except RuntimeError as error:
                if _DETACHED not in str(error):
                    raise
                return self._without_gradient(self.value(grids), grids)
            if loss.requires_grad:
                (gradient,) = torch.autograd.grad(loss.sum(), levels, allow_unused=True)
                if gradient is not None:
                    return loss.detach(), gradient
        return self._without_gradient(loss.detach(), grids)

    def _without_gradient(self, loss: Tensor, grids: Grids) -> tuple[Tensor, Tensor]:
        if not self._warned:
            self._warned = True
            mixture = "" if self._linear_mixture else f" with the mixture of {type(self._encoder).__name__}"
            warnings.warn(
                f"objective '{self._name}' has no gradient{mixture}, dF is NaN for it: gradient seeds and "
                "refinement use the other objectives; torch operations all the way from the variables to the "
                "loss would give it one",
                stacklevel=6,
            )
        return loss, torch.full_like(grids.levels, torch.nan)

    def _loss(self, grids: Grids) -> Tensor:
        encoder = self._encoder
        mix = encoder.blend(grids) if self._linear_mixture else encoder.mix(grids.levels.flatten(1))
        loss = self._losses(mix.to(encoder.picture))
        expected = (len(grids.levels),)
        if not isinstance(loss, Tensor) or tuple(loss.shape) != expected:
            got = tuple(loss.shape) if isinstance(loss, Tensor) else type(loss).__name__
            raise ObjectiveError(
                f"expected a tensor of shape (n,) = {expected} from objective "
                f"'{self._name}', got {got}: return one loss for each mask"
            )
        return loss
