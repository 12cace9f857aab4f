"""All objectives of a problem on batches of masks, each by the fastest evaluator that can have it."""

from collections.abc import Iterator, Sequence
from typing import get_args

import numpy as np
import torch
from torch import Tensor

from ..errors import OptionError, unknown_name
from ..spectrogram import MASKS_AT_ONCE, MASKS_AT_ONCE_ON_GPU, MaskEncoder
from .audio_log_l1 import AudioLogL1Kernel, LogParts
from .base import Kernel, Objective, PreparedLoss
from .engine import Engine, Evaluator, SeparatesParts, compiled_evaluators

_ARRAYS_PER_MASK = 8
"""Arrays of one value a variable that a mask takes beside its kernels: grids, complements, copies."""


class Evaluation:
    """Values and gradients of objectives for one encoder.

    Args:
        objectives: the objectives, in the order of the columns.
        encoder: picture and sound.
        engine: ``"torch"``; ``"numba"``, compiled loops for a float32 plane on the CPU; or ``"auto"``, those
            for the objectives that have them and torch for the others.
        max_memory_mb: memory in MiB that one batch may take.

    Raises:
        OptionError: the engine is unknown, or numba is asked for and cannot be used; or the memory does not
            hold one mask.
    """

    def __init__(
        self, objectives: Sequence[Objective], encoder: MaskEncoder, engine: Engine, max_memory_mb: float
    ) -> None:
        if engine not in get_args(Engine):
            raise unknown_name("engine", str(engine), get_args(Engine))
        self._shape = len(objectives), encoder.n_var
        self._formulas = {
            column: PreparedLoss(objective, encoder)
            for column, objective in enumerate(objectives)
            if objective.of_mix
        }
        by_columns: dict[tuple[int, ...], Evaluator] = {}
        if engine != "torch":
            by_columns |= compiled_evaluators(objectives, encoder, max_memory_mb, required=engine == "numba")
        taken = {column for columns in by_columns for column in columns}
        rest = tuple(column for column in range(len(objectives)) if column not in taken)
        if rest:
            kernels = [objectives[column].kernel(encoder) for column in rest]
            by_columns[rest] = TorchEvaluator(encoder, kernels, max_memory_mb)
        self._evaluators = list(by_columns.items())
        self._batch = {columns: _batch(evaluator, max_memory_mb) for columns, evaluator in self._evaluators}

    def values(self, x: np.ndarray) -> np.ndarray:
        """Losses ``(n, n_obj)`` of masks ``x (n, n_var)``."""
        values = np.empty((len(x), self._shape[0]))
        for columns, evaluator in self._evaluators:
            for part in _parts(len(x), self._batch[columns]):
                values[part, columns] = evaluator.values(x[part])
        return values

    def values_and_gradients(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Losses ``(n, n_obj)`` and gradients ``(n, n_obj, n_var)``."""
        values, gradients = np.empty((len(x), self._shape[0])), np.empty((len(x), *self._shape))
        for columns, evaluator in self._evaluators:
            for part in _parts(len(x), self._batch[columns]):
                values[part, columns], gradients[part, columns] = evaluator.values_and_gradients(x[part])
        return values, gradients

    def spectrogram_values(self, magnitude: Tensor) -> np.ndarray:
        """Losses ``(n, n_obj)`` of magnitudes ``(n, F, T)``, by direct formula; NaN for those of the mask."""
        values = np.full((len(magnitude), self._shape[0]), np.nan)
        with torch.no_grad():
            for column, losses in self._formulas.items():
                values[:, column] = losses(magnitude).cpu().numpy()
        return values

    def log_parts(self, x: np.ndarray, column: int) -> LogParts:
        """The loss `AudioLogL1` without a floor, which a column must have, and its gradient's two parts."""
        columns, evaluator = next(pair for pair in self._evaluators if column in pair[0])
        assert isinstance(evaluator, SeparatesParts)
        parts = LogParts(np.empty(len(x)), np.empty(x.shape), np.empty(x.shape))
        for part in _parts(len(x), self._batch[columns]):
            parts.values[part], parts.falls[part], parts.rises[part] = evaluator.parts(x[part])
        return parts


class TorchEvaluator:
    """The reference for every objective, on any device and in any precision."""

    def __init__(self, encoder: MaskEncoder, kernels: Sequence[Kernel], max_memory_mb: float) -> None:
        self._encoder, self._kernels = encoder, kernels
        self.bytes_per_mask = (
            max(kernel.bytes_per_mask for kernel in kernels) + 8 * encoder.n_var * _ARRAYS_PER_MASK
        )
        on_cpu = encoder.picture.device.type == "cpu"
        self.block = 1
        self.masks_at_once = MASKS_AT_ONCE if on_cpu else MASKS_AT_ONCE_ON_GPU
        self._filled_to = _batch(self, max_memory_mb)

    def values(self, x: np.ndarray) -> np.ndarray:
        """Losses ``(n, objectives)``.

        A batch is always filled up to the same size. Matrix products round differently in batches of
        different sizes, and algorithms that re-evaluate a few masks to see whether the problem has changed
        would think that it has.
        """
        missing = np.zeros((self._filled_to - len(x), x.shape[1]))
        grids = self._encoder.grids(np.concatenate([x, missing]))
        return np.stack([kernel.value(grids)[: len(x)].cpu().numpy() for kernel in self._kernels], axis=1)

    def parts(self, x: np.ndarray) -> LogParts:
        """`AudioLogL1` and the two parts of its gradient."""
        kernel = next(kernel for kernel in self._kernels if isinstance(kernel, AudioLogL1Kernel))
        return kernel.parts(self._encoder.grids(x))

    def values_and_gradients(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Losses ``(n, objectives)`` and gradients ``(n, objectives, n_var)``."""
        grids = self._encoder.grids(x)
        pairs = [kernel.value_and_gradient(grids) for kernel in self._kernels]
        values = np.stack([value.cpu().numpy() for value, _ in pairs], axis=1)
        return values, np.stack([gradient.flatten(1).cpu().numpy() for _, gradient in pairs], axis=1)


def _batch(evaluator: Evaluator, max_memory_mb: float) -> int:
    masks = max_memory_mb * 2**20 // evaluator.bytes_per_mask
    # Written so that NaN fails it too.
    if not masks >= 1:
        raise OptionError(
            f"expected max_memory_mb of at least {evaluator.bytes_per_mask / 2**20:.2f}, what one mask takes "
            f"with these objectives, got {max_memory_mb}"
        )
    return int(min(masks // evaluator.block * evaluator.block, evaluator.masks_at_once))


def _parts(masks: int, batch: int) -> Iterator[slice]:
    for start in range(0, masks, batch):
        yield slice(start, start + batch)
