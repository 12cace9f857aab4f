"""Gradient descent on masks: Adam on logits, any number of weighted sums of the objectives at once."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from pymoo.core.problem import Problem
from torch import Tensor

from .._arithmetic import computing
from ..errors import ObjectiveError, OptionError

EVALUATIONS_PER_GRADIENT = 3
"""Budget of one mask's value and gradient: one forward pass, and two more for the way back."""

_BETAS = (0.9, 0.999)
"""How much of the averages of the gradient and of its square a step keeps."""
_EPSILON = 1e-8
"""What is added to the size of the gradient, which may be 0."""


class Found(NamedTuple):
    """The state of a descent.

    Attributes:
        X: ``(n, n_var)`` masks.
        F: ``(n, n_obj)`` their values; None where they have not been evaluated.
    """

    X: np.ndarray
    F: np.ndarray | None


OnStep = Callable[[int, np.ndarray], bool | None]
"""Called in every step with its number, from 1, and the values F of its masks; True ends the descent."""


@dataclass(frozen=True)
class Descent:
    """The result of a descent.

    Attributes:
        found: the masks after the last step; where ``on_step`` ended it, those of that step, with values.
        history: ``(steps, n, n_obj)`` values before each step.
    """

    found: Found
    history: np.ndarray

    @property
    def n_eval(self) -> int:
        """Evaluations spent: three for every mask and step."""
        steps, masks = self.history.shape[:2]
        return int(EVALUATIONS_PER_GRADIENT * steps * masks)


def descend(
    problem: Problem, logits: np.ndarray, weights: np.ndarray, *, steps: int, lr: float, on_step: OnStep
) -> Descent:
    """Minimise weighted sums of the objectives over masks ``sigmoid(logits)``, each row its own sum.

    Objectives without a gradient take no part, and constraints are ignored.

    Args:
        problem: a problem that gives ``dF``, with finite bounds; masks are their shares of the way between.
        logits: ``(n, n_var)`` where to start.
        weights: ``(n, n_obj)``; ``on_step`` may change them.
        steps: number of Adam steps, not negative.
        lr: Adam's learning rate, above 0.
        on_step: called with every step; may end the descent, with the masks of that step.

    Raises:
        OptionError: steps or lr are out of their range.
        ObjectiveError: no objective has a gradient, or one is not finite.
    """
    if steps < 0 or not lr > 0:
        raise OptionError(f"expected steps of 0 or more and lr above 0, got {steps} and {lr}")
    with computing(threads=1):
        low, span = torch.from_numpy(problem.xl), torch.from_numpy(problem.xu - problem.xl)
        variables = torch.from_numpy(logits.copy())
        adam = Adam(variables, lr)
    history = []
    for step in range(1, steps + 1):
        with computing(threads=1):
            shares = torch.sigmoid(variables)
            masks = low + span * shares
        values, gradients = problem.evaluate(masks.numpy(), return_values_of=["F", "dF"])
        history.append(values)
        slope = torch.from_numpy(_weighted(gradients, weights, problem))
        if on_step(step, values):
            found = Found(masks.numpy(), values)
            break
        # One thread, because torch's others would keep waiting busily while the next evaluation runs.
        with computing(threads=1):
            adam.step(slope * span * shares * (1 - shares))
    else:
        with computing(threads=1):
            found = Found((low + span * torch.sigmoid(variables)).numpy(), None)
    return Descent(found, np.array(history).reshape(len(history), len(found.X), problem.n_obj))


class Adam:
    """Adam with its usual constants, bit for bit that of torch, whose first step imports torch's compiler.

    Args:
        variables: what every step moves, in place.
        lr: the learning rate.

    Source: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.
    """

    def __init__(self, variables: Tensor, lr: float) -> None:
        self._variables, self._lr, self._steps = variables, lr, 0
        self._mean, self._square = torch.zeros_like(variables), torch.zeros_like(variables)

    def step(self, gradient: Tensor) -> None:
        """Move the variables against their gradient."""
        self._steps += 1
        self._mean.lerp_(gradient, 1 - _BETAS[0])
        self._square.mul_(_BETAS[1]).addcmul_(gradient, gradient, value=1 - _BETAS[1])
        # Both averages began at 0, and are too small by these factors.
        of_mean, of_square = (1 - beta**self._steps for beta in _BETAS)
        size = self._square.sqrt().div_(math.sqrt(of_square)).add_(_EPSILON)
        self._variables.addcdiv_(self._mean, size, value=-self._lr / of_mean)


def _weighted(gradients: np.ndarray, weights: np.ndarray, problem: Problem) -> np.ndarray:
    """Return the gradients ``(n, n_var)`` of weighted sums, without the objectives that have none."""
    usable = differentiable(gradients, problem)
    if usable.all():
        return np.asarray(np.einsum("nm,nmv->nv", weights, gradients))
    return np.asarray(np.einsum("nm,nmv->nv", weights[:, usable], gradients[:, usable]))


def differentiable(gradients: np.ndarray, problem: Problem) -> np.ndarray:
    """Return which objectives ``(m,)`` bool have gradients, of ``(n, m, n_var)``; those of others are NaN.

    Raises:
        ObjectiveError: none has, or one is finite in part.
    """
    finite = np.isfinite(gradients)
    usable = finite.any(axis=(0, 2))
    if not usable.any() or not finite[:, usable].all():
        raise ObjectiveError(f"expected finite gradients dF from {problem.name()}, got none or NaN")
    return np.asarray(usable)


def logits_of(masks: np.ndarray, problem: Problem, margin: float) -> np.ndarray:
    """Return logits ``(n, n_var)`` of masks, which are kept a share ``margin`` away from their bounds."""
    # A variable without room between its bounds is anywhere between them.
    span = np.where(problem.xu > problem.xl, problem.xu - problem.xl, 1.0)
    shares = ((masks - problem.xl) / span).clip(margin, 1.0 - margin)
    return np.asarray(np.log(shares / (1.0 - shares)))


def keep_going(step: int, values: np.ndarray) -> None:
    """Do nothing: the `OnStep` of a descent that nobody follows."""
