"""Evaluate a problem's objectives on batches of masks, each with the fastest evaluator that supports it."""

from collections.abc import Iterator, Sequence
from typing import get_args

import numpy as np
import torch
from torch import Tensor

from .._arithmetic import plain_arithmetic
from ..errors import unknown_name
from ..spectrogram import MaskEncoder
from .base import Objective, PreparedLoss, kernel_of
from .compiled import compiled_evaluators
from .evaluator import Engine, Evaluator, LogParts, SeparatesParts, batch_size
from .torch_evaluator import TorchEvaluator


class Evaluation:
    """Values and gradients of objectives for one encoder.

    Masks come as float64 tensors ``(n, n_var)`` in [0, 1] on any device; results are tensors on the
    encoder's, losses in float64. The modes of `plain_arithmetic` around a call do not change them.

    Args:
        objectives: the objectives, in the order of the columns.
        encoder: picture and sound.
        engine: ``"torch"``; ``"numba"``, compiled loops for a float32 plane on the CPU; or ``"auto"``, those
            for the objectives that have them and torch for the others.
        max_memory_mb: memory in MiB that one batch may take.

    Raises:
        OptionError: the engine is unknown, numba is required and unavailable, or the memory does not hold one
            mask.
    """

    def __init__(
        self, objectives: Sequence[Objective], encoder: MaskEncoder, engine: Engine, max_memory_mb: float
    ) -> None:
        if engine not in get_args(Engine):
            raise unknown_name("engine", str(engine), get_args(Engine))
        self._shape = len(objectives), encoder.n_var
        self._device = encoder.picture.device
        self._formulas = {
            column: PreparedLoss(objective, encoder)
            for column, objective in enumerate(objectives)
            if objective.of_mix
        }
        self._evaluators: dict[tuple[int, ...], _Compiled | TorchEvaluator] = {}
        with plain_arithmetic():
            if engine != "torch":
                required = engine == "numba"
                compiled = compiled_evaluators(objectives, encoder, max_memory_mb, required=required)
                self._evaluators |= {columns: _Compiled(one) for columns, one in compiled.items()}
            taken = {column for columns in self._evaluators for column in columns}
            rest = tuple(column for column in range(len(objectives)) if column not in taken)
            if rest:
                kernels = [kernel_of(objectives[column], encoder) for column in rest]
                self._evaluators[rest] = TorchEvaluator(encoder, kernels, max_memory_mb)
        self._batch = {columns: batch_size(one, max_memory_mb) for columns, one in self._evaluators.items()}

    def values(self, x: Tensor) -> Tensor:
        """Return losses ``(n, n_obj)`` of masks ``x (n, n_var)``."""
        with plain_arithmetic():
            values = self._empty(len(x), self._shape[0])
            for columns, evaluator in self._evaluators.items():
                for part in _parts(len(x), self._batch[columns]):
                    _fill(values, part, columns, evaluator.values(x[part]))
            return values

    def values_and_gradients(self, x: Tensor, precision: torch.dtype) -> tuple[Tensor, Tensor]:
        """Return losses ``(n, n_obj)``, and gradients ``(n, n_obj, n_var)`` in a precision.

        Gradients are NaN for objectives that have none.
        """
        with plain_arithmetic():
            values = self._empty(len(x), self._shape[0])
            gradients = self._empty(len(x), *self._shape, dtype=precision)
            for columns, evaluator in self._evaluators.items():
                for part in _parts(len(x), self._batch[columns]):
                    some_values, some_gradients = evaluator.values_and_gradients(x[part])
                    _fill(values, part, columns, some_values)
                    _fill(gradients, part, columns, some_gradients)
            return values, gradients

    def spectrogram_values(self, magnitude: Tensor) -> Tensor:
        """Return losses ``(n, n_obj)`` of magnitudes ``(n, F, T)`` by formula; NaN for losses of masks."""
        with plain_arithmetic(), torch.no_grad():
            values = self._empty(len(magnitude), self._shape[0]).fill_(torch.nan)
            for column, losses in self._formulas.items():
                # A copy, because an objective may compute in place.
                values[:, column] = losses(magnitude.clone()).to(values)
            return values

    def log_parts(self, x: Tensor, column: int) -> LogParts:
        """Return `AudioLogL1` without a floor, which a column must have, and its gradient's two parts."""
        columns, evaluator = next(pair for pair in self._evaluators.items() if column in pair[0])
        parts = LogParts(np.empty(len(x)), np.empty(x.shape), np.empty(x.shape))
        with plain_arithmetic():
            for part in _parts(len(x), self._batch[columns]):
                parts.values[part], parts.convex[part], parts.concave[part] = evaluator.parts(x[part])
        return parts

    def _empty(self, *shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
        return torch.empty(shape, dtype=dtype, device=self._device)


class _Compiled:
    """A compiled evaluator that takes tensors, and returns arrays."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self.masks_at_once, self.block = evaluator.masks_at_once, evaluator.block
        self.bytes_per_mask = evaluator.bytes_per_mask

    def values(self, x: Tensor) -> np.ndarray:
        return self._evaluator.values(_array(x))

    def values_and_gradients(self, x: Tensor) -> tuple[np.ndarray, np.ndarray]:
        return self._evaluator.values_and_gradients(_array(x))

    def parts(self, x: Tensor) -> LogParts:
        assert isinstance(self._evaluator, SeparatesParts)
        return self._evaluator.parts(_array(x))


def _array(x: Tensor) -> np.ndarray:
    array: np.ndarray = x.cpu().numpy()
    return array


def _fill(target: Tensor, part: slice, columns: Sequence[int], found: Tensor | np.ndarray) -> None:
    """Copy some masks' results ``(n, len(columns), ...)`` to their columns, in the target's precision."""
    if isinstance(found, np.ndarray):
        target.numpy()[part, columns] = found
        return
    for number, column in enumerate(columns):
        target[part, column] = found[:, number]


def _parts(masks: int, batch: int) -> Iterator[slice]:
    for start in range(0, masks, batch):
        yield slice(start, start + batch)
