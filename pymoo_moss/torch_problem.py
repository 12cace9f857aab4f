"""`TorchProblem`: a problem as a torch module whose losses can be differentiated."""

from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.forward_ad import unpack_dual

from ._arithmetic import computing, plain_arithmetic
from .errors import ObjectiveError, OptionError

_PRECISIONS = (torch.float32, torch.float64)
_BOUND_TOLERANCE = 1e-6
"""How far rounding in single precision may take masks beyond their bounds; they are clipped."""


class Evaluable(Protocol):
    """A pymoo `Problem` that gives gradients ``dF``, as far as it is used here."""

    n_var: int
    n_obj: int
    xl: np.ndarray
    xu: np.ndarray

    def evaluate(self, X: np.ndarray, *, return_values_of: list[str]) -> Any:
        """Return what ``return_values_of`` names."""
        ...


class TorchProblem(nn.Module):
    """Losses ``(..., n_obj)`` of masks ``(..., n_var)``, differentiable once, on the masks' device.

    Values and gradients are those of the problem's own kernels, normalised where the problem is: a gradient
    costs what ``problem.evaluate(X, return_values_of=["F", "dF"])`` costs, and holds no planes. The module
    has no parameters; moving it moves its buffers, while the problem stays on its device.

    Args:
        problem: a `MOSSProblem`, or any pymoo problem that gives ``dF``.
        negate: return the negative losses, for libraries that maximise, and their reference point.

    Attributes:
        problem: the problem.
        negate: as given.
        dim: number of variables.
        num_objectives: number of objectives.
        bounds: buffer ``(2, n_var)`` float64, least and greatest values of the variables.
        ref_point: buffer ``(n_obj,)`` float64, reference point of the hypervolume; NaN where unknown.

    Example:
        >>> import torch
        >>> from pymoo_moss import get_problem
        >>> losses = get_problem("owl-drums-16x32", normalize=True).as_torch()
        >>> x = torch.full((3, losses.dim), 0.5, requires_grad=True)
        >>> losses(x).sum().backward()
        >>> losses(x).shape, x.grad.shape
        (torch.Size([3, 2]), torch.Size([3, 512]))
    """

    bounds: Tensor
    ref_point: Tensor

    def __init__(self, problem: Evaluable, *, negate: bool = False) -> None:
        super().__init__()
        if not (isinstance(problem.xl, np.ndarray) and isinstance(problem.xu, np.ndarray)):
            raise OptionError(
                f"expected a problem with bounds xl and xu, got {type(problem).__name__} without"
            )
        self.problem, self.negate = problem, negate
        self.dim, self.num_objectives = problem.n_var, problem.n_obj
        ref_point = getattr(problem, "ref_point", np.full(problem.n_obj, np.nan))
        # Buffers made in inference mode could not be moved or loaded outside of it.
        with plain_arithmetic():
            self.register_buffer("bounds", torch.from_numpy(np.stack([problem.xl, problem.xu])))
            self.register_buffer("ref_point", torch.from_numpy(np.array(ref_point)) * (-1 if negate else 1))

    def forward(self, x: Tensor) -> Tensor:
        """Compute losses.

        Args:
            x: ``(..., n_var)`` within `bounds`, float32 or float64, on any device.

        Returns:
            ``(..., n_obj)`` in the precision and on the device of ``x``. The gradient is NaN where it depends
            on an objective that has none.

        Raises:
            OptionError: ``x`` is no such tensor.
            ObjectiveError: a gradient is needed, and the problem has none at all.
        """
        rows = self._rows(x)
        if (x.requires_grad and torch.is_grad_enabled()) or _is_dual(x):
            losses, _ = _Losses.apply(x, rows, self.problem)  # type: ignore[no-untyped-call]
        else:
            losses, _ = _losses(x, rows, self.problem, gradients=False)
        shaped: Tensor = losses.reshape(*x.shape[:-1], self.num_objectives)
        # Not a view, so that it may be changed in place.
        return -shaped if self.negate else shaped.clone()

    evaluate = forward

    def _rows(self, x: Tensor) -> Tensor:
        """Return masks ``(n, n_var)`` in float64 within the bounds."""
        usable = isinstance(x, Tensor) and x.dtype in _PRECISIONS and x.layout == torch.strided
        if not usable or x.is_meta:
            got = f"a tensor of {x.dtype} on {x.device}" if isinstance(x, Tensor) else type(x).__name__
            raise OptionError(
                f"expected masks as a dense float32 or float64 tensor, got {got}: other types have too few "
                "digits or too small a range for losses and gradients; convert it with x.float()"
            )
        if x.shape[-1:] != (self.dim,):
            raise OptionError(f"expected masks of shape (..., {self.dim}), got {tuple(x.shape)}")
        # The problem's own, because buffers may be converted, or loaded from elsewhere.
        low, high = (torch.from_numpy(bound).to(x.device) for bound in (self.problem.xl, self.problem.xu))
        # One thread, because torch's others would keep waiting busily while the loops run.
        with computing(threads=1):
            rows = x.detach().reshape(-1, self.dim).double()
            if not len(rows):
                return rows
            least, greatest = rows.aminmax(dim=0)
            beyond = max(float((low - least).max()), float((greatest - high).max()))
            # Written so that NaN fails it too.
            if not beyond <= _BOUND_TOLERANCE:
                raise OptionError(
                    f"expected masks within the problem's bounds, {float(low.min()):g} to "
                    f"{float(high.max()):g}, got values from {float(least.min())} to "
                    f"{float(greatest.max())}: clamp them, or optimise their logits"
                )
            return rows.clamp(low, high) if beyond > 0 else rows


def _is_dual(x: Tensor) -> bool:
    """Tell whether forward-mode differentiation is under way, which `_Losses` refuses."""
    return unpack_dual(x).tangent is not None  # type: ignore[no-untyped-call]


class _Losses(torch.autograd.Function):
    """Losses ``(n, n_obj)`` of masks; their gradients, which the kernels compute beside them, are kept."""

    @staticmethod
    def forward(x: Tensor, rows: Tensor, problem: Evaluable) -> tuple[Tensor, Tensor | None]:
        return _losses(x, rows, problem, gradients=True)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        ctx.mark_non_differentiable(output[1])
        ctx.save_for_backward(inputs[0], output[1])
        # The sum is NaN if a single value is.
        ctx.has_all = bool(output[1].sum().isfinite())

    @staticmethod
    def backward(ctx: Any, weights: Tensor, _: Tensor) -> tuple[Tensor, None, None]:
        x, slopes = ctx.saved_tensors
        with computing(threads=1):
            if ctx.has_all:
                gradient = (weights.unsqueeze(-2) @ slopes).squeeze(-2)
            else:
                # Objectives without a gradient take no part where they have no weight.
                weighted = torch.where(weights.unsqueeze(-1) == 0, 0.0, weights.unsqueeze(-1) * slopes)
                gradient = weighted.sum(dim=-2)
        gradient = gradient.reshape(x.shape)
        if torch.is_grad_enabled():
            gradient = _DifferentiatedOnce.apply(gradient, x)  # type: ignore[no-untyped-call]
        return gradient, None, None


class _DifferentiatedOnce(torch.autograd.Function):
    """A gradient whose own derivative is unknown, and not zero."""

    generate_vmap_rule = True

    @staticmethod
    def forward(gradient: Tensor, x: Tensor) -> Tensor:
        return gradient.clone()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        pass

    @staticmethod
    def backward(ctx: Any, weights: Tensor) -> tuple[Tensor, None]:
        raise RuntimeError(
            "the losses of a TorchProblem can be differentiated once: second derivatives are unavailable"
        )


def _losses(x: Tensor, rows: Tensor, problem: Any, *, gradients: bool) -> tuple[Tensor, Tensor | None]:
    """Compute losses ``(n, n_obj)`` and, if they are wanted, gradients ``(n, n_obj, n_var)``.

    Args:
        x: for precision and device.
        rows: masks ``(n, n_var)`` within the bounds, in float64.
        problem: evaluates on tensors where it can and F is its own, else as any pymoo problem.
        gradients: whether gradients are wanted.
    """
    if getattr(problem, "evaluates_objectives", False):
        values, slopes = problem.tensor_losses(rows, x.dtype if gradients else None)
    else:
        values, slopes = _losses_by_numpy(rows.cpu().numpy(), problem, gradients)
    return values.to(x), None if slopes is None else slopes.to(x)


def _losses_by_numpy(rows: np.ndarray, problem: Any, gradients: bool) -> tuple[Tensor, Tensor | None]:
    if not gradients:
        return torch.from_numpy(problem.evaluate(rows, return_values_of=["F"])), None
    values, slopes = problem.evaluate(rows, return_values_of=["F", "dF"])
    # pymoo fills in infinity where a problem gives nothing.
    missing = ~np.isfinite(slopes).any(axis=(0, 2))
    if missing.all():
        raise ObjectiveError(
            f"expected gradients dF from {type(problem).__name__}, got none: pass masks without requires_grad"
        )
    slopes[:, missing] = np.nan
    return torch.from_numpy(values), torch.from_numpy(slopes)
