"""The contract of an objective."""

import copy

import numpy as np
import torch
from torch import Tensor

from ..objectives import NamedLoss, Objective, resolve_objectives
from ..problem import MOSSProblem
from ..spectrogram import MaskEncoder
from .common import small_encoder

_LEVELS = (0.0, 0.1, 0.5, 0.9, 1.0)
_STEP = 1e-5
_DIRECTIONS = 2


def check_objective(
    objective: Objective | NamedLoss,
    encoder: MaskEncoder | None = None,
    *,
    seed: int = 1,
    tolerance: float = 1e-3,
) -> None:
    """Check that an objective keeps what `MOSSProblem` and the algorithms require.

    - It has a name, and returns one finite loss for each mask.
    - A mask has the same loss alone and in a batch, and in repeated evaluations; in single precision as in
      double, to ``tolerance``.
    - It changes neither the mixture nor the encoder.
    - Its kernel returns the losses of its formula.
    - Its gradients are those of finite differences in float64, to ``tolerance``; or it has none, with a
      warning.
    - Its attributes ``least_at``, ``monotone``, ``lower_bound`` and ``upper_bound`` hold on the tested
      masks.

    Args:
        objective: an `Objective`, or an object with a ``name`` and ``__call__(mix, encoder)``.
        encoder: picture and sound to test it on; a disc and two notes by default.
        seed: seed of the tested masks.
        tolerance: relative tolerance of gradients and of single precision.

    Raises:
        AssertionError: one of these does not hold; the message says which.
        ObjectiveError: it is no objective.
    """
    given = small_encoder() if encoder is None else encoder
    exact, single = copy.deepcopy(given).double(), copy.deepcopy(given).float()
    (checked, _) = resolve_objectives([objective, objective])
    assert checked.name, "expected a name, got an empty one"
    X = _masks(exact.n_var, np.random.default_rng(seed))
    if checked.of_mix:
        for one in (exact, single):
            _check_losses(checked, one, X)
        losses = [checked(one.mix(X), one).detach().double().numpy() for one in (exact, single)]
        _check_close(losses[1], losses[0], tolerance, f"float32 losses of '{checked.name}' to be float64's")
    problem = MOSSProblem(encoder=exact, objectives=[checked, checked])
    values = problem.evaluate(X)[:, 0]
    with_gradients = problem.evaluate(X, return_values_of=["F", "dF"])[0][:, 0]
    _check_close(
        with_gradients, values, 1e-9, f"the losses of '{checked.name}' with gradients to equal those without"
    )
    if checked.of_mix:
        _check_close(
            values,
            losses[0],
            tolerance,
            f"the kernel of '{checked.name}' to return the losses of its formula",
        )
    _check_gradients(problem, X, tolerance, np.random.default_rng(seed))
    _check_claims(checked, problem, values)


def _masks(n_var: int, rng: np.random.Generator) -> np.ndarray:
    """Return constant masks in the order of `_LEVELS`, then random ones."""
    constant = np.repeat(np.array(_LEVELS)[:, None], n_var, axis=1)
    return np.vstack([constant, rng.random((2, n_var)), rng.random((2, n_var)).round()])


def _check_losses(objective: Objective, encoder: MaskEncoder, X: np.ndarray) -> None:
    name, mix = objective.name, encoder.mix(X)
    kept, state = mix.clone(), {key: value.clone() for key, value in encoder.state_dict().items()}
    losses = objective(mix, encoder)
    assert isinstance(losses, Tensor), f"expected a tensor from '{name}', got {type(losses).__name__}"
    assert losses.shape == (len(X),), (
        f"expected one loss for each mask from '{name}', shape (n,) = ({len(X)},), got {tuple(losses.shape)}"
    )
    assert losses.is_floating_point(), f"expected floating-point losses from '{name}', got {losses.dtype}"
    assert bool(losses.isfinite().all()), f"expected finite losses from '{name}', got {losses.tolist()}"
    assert torch.equal(mix, kept), f"expected '{name}' to leave the mixture unchanged, it changed it"
    changed = [key for key, value in encoder.state_dict().items() if not torch.equal(value, state[key])]
    assert not changed, f"expected '{name}' to leave the encoder unchanged, it changed {', '.join(changed)}"
    assert torch.equal(objective(mix, encoder), losses), (
        f"expected the same losses in a second evaluation from '{name}', they differ"
    )
    assert torch.equal(objective.prepare(encoder)(mix), losses), (
        f"expected the prepared loss of '{name}' to return the losses of its formula, they differ"
    )
    alone = torch.cat([objective(one[None], encoder) for one in mix])
    rounding = float(torch.finfo(mix.dtype).eps) ** 0.75
    _check_close(
        alone.detach().double().numpy(),
        losses.detach().double().numpy(),
        rounding,
        f"the losses of '{name}' for masks alone to equal those in a batch",
    )


def _check_close(got: np.ndarray, expected: np.ndarray, tolerance: float, what: str) -> None:
    scale = max(float(np.abs(expected).max()), np.finfo(float).tiny)
    error = float(np.abs(got - expected).max()) / scale
    assert error <= tolerance, f"expected {what}, to {tolerance:.1e}; they differ by {error:.1e}"


def _check_gradients(problem: MOSSProblem, X: np.ndarray, tolerance: float, rng: np.random.Generator) -> None:
    """Compare slopes along random directions, at masks at least 0.1 inside the bounds."""
    inner = 0.1 + 0.8 * X
    gradients = problem.evaluate(inner, return_values_of=["F", "dF"])[1][:, 0]
    if np.isnan(gradients).all():
        return
    directions = rng.standard_normal((_DIRECTIONS, problem.n_var))
    found = gradients @ directions.T
    sides = [
        np.stack([problem.evaluate(inner + step * way)[:, 0] for way in directions], axis=1)
        for step in (_STEP, -_STEP)
    ]
    expected = (sides[0] - sides[1]) / (2 * _STEP)
    _check_close(
        found,
        expected,
        tolerance,
        f"the gradients of '{problem.objectives[0].name}' to be finite differences",
    )


def _check_claims(objective: Objective, problem: MOSSProblem, values: np.ndarray) -> None:
    name, rounding = objective.name, 1e-9 * max(1.0, float(np.abs(values).max()))
    if objective.lower_bound is not None:
        assert values.min() >= objective.lower_bound - rounding, (
            f"expected no loss of '{name}' below its lower_bound, {objective.lower_bound}, got {values.min()}"
        )
    bound = objective.upper_bound(problem.encoder)
    if bound is not None:
        assert values.max() <= bound + rounding, (
            f"expected no loss of '{name}' above its upper_bound, {bound}, got {values.max()}"
        )
    if objective.least_at is not None:
        least = values[_LEVELS.index(objective.least_at)]
        others = np.delete(values, _LEVELS.index(objective.least_at))
        assert least < others.min(), (
            f"expected the least loss of '{name}' at X = {objective.least_at} and nowhere else, got {least} "
            f"there and {others.min()} at another mask"
        )
    if objective.monotone:
        steps = np.diff(values[: len(_LEVELS)])
        assert (steps > -rounding).all() or (steps < rounding).all(), (
            f"expected '{name}' to be monotone in every variable, got {values[: len(_LEVELS)]} at the "
            f"levels {_LEVELS}"
        )
