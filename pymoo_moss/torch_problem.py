"""`TorchProblem`: a problem as a torch module whose losses can be differentiated."""

from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from ._threads import torch_threads
from .errors import OptionError

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
        self.problem, self.negate = problem, negate
        self.dim, self.num_objectives = problem.n_var, problem.n_obj
        ref_point = getattr(problem, "ref_point", np.full(problem.n_obj, np.nan))
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
        """
        rows = self._rows(x)
        if x.requires_grad and torch.is_grad_enabled():
            losses, _ = _Losses.apply(x, rows, self.problem)  # type: ignore[no-untyped-call]
        else:
            losses, _ = _losses(x, rows, self.problem, gradients=False)
        signed: Tensor = -losses if self.negate else losses
        return signed

    evaluate = forward

    def _rows(self, x: Tensor) -> Tensor:
        """Return masks ``(n, n_var)`` in float64 within the bounds."""
        if not isinstance(x, Tensor) or x.dtype not in _PRECISIONS or x.is_sparse or x.is_meta:
            got = f"a tensor of {x.dtype} on {x.device}" if isinstance(x, Tensor) else type(x).__name__
            raise OptionError(
                f"expected masks as a float32 or float64 tensor, got {got}: other types have too few digits "
                "or too small a range for losses and gradients; convert it with x.float()"
            )
        if x.shape[-1:] != (self.dim,):
            raise OptionError(f"expected masks of shape (..., {self.dim}), got {tuple(x.shape)}")
        low, high = self.bounds.to(x.device, torch.float64)
        # One thread, because torch's others would keep waiting busily while the loops run.
        with torch_threads(1):
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


class _Losses(torch.autograd.Function):
    """Losses of masks; their gradients, which the kernels compute beside them, are kept for the way back."""

    @staticmethod
    def forward(x: Tensor, rows: Tensor, problem: Evaluable) -> tuple[Tensor, Tensor | None]:
        return _losses(x, rows, problem, gradients=True)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        ctx.mark_non_differentiable(output[1])
        ctx.save_for_backward(output[1])
        ctx.has_all = not bool(output[1][..., :1].isnan().any())

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, weights: Tensor, _: Tensor) -> tuple[Tensor, None, None]:
        (slopes,) = ctx.saved_tensors
        with torch_threads(1), torch.autocast(slopes.device.type, enabled=False):
            if ctx.has_all:
                return (weights.unsqueeze(-2) @ slopes).squeeze(-2), None, None
            # Objectives without a gradient take no part where they have no weight.
            weighted = torch.where(weights.unsqueeze(-1) == 0, 0.0, weights.unsqueeze(-1) * slopes)
            return weighted.sum(dim=-2), None, None


def _losses(x: Tensor, rows: Tensor, problem: Any, *, gradients: bool) -> tuple[Tensor, Tensor | None]:
    """Compute losses ``(..., n_obj)`` and, if they are wanted, gradients ``(..., n_obj, n_var)``, like ``x``.

    Args:
        x: ``(..., n_var)``, for shape, precision and device.
        rows: the same ``(n, n_var)``, within the bounds, in float64.
        problem: evaluates on tensors where it can and F is its own, else as any pymoo problem.
        gradients: whether gradients are wanted.
    """
    if getattr(problem, "evaluates_objectives", False):
        values, slopes = problem.tensor_losses(rows, x.dtype if gradients else None)
    elif gradients:
        values, slopes = map(
            torch.from_numpy, problem.evaluate(rows.cpu().numpy(), return_values_of=["F", "dF"])
        )
    else:
        values, slopes = torch.from_numpy(problem.evaluate(rows.cpu().numpy(), return_values_of=["F"])), None
    shape = (*x.shape[:-1], values.shape[1])
    return values.to(x).reshape(shape), None if slopes is None else slopes.to(x).reshape(
        *shape, rows.shape[1]
    )
