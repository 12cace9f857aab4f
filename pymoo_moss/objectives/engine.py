"""Which evaluator an objective gets: compiled loops where they can be had, torch everywhere else."""

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
import torch

from ..errors import MossError, OptionError
from ..spectrogram import MaskEncoder
from .audio_log_l1 import AudioLogL1, LogParts
from .base import Objective
from .visual_display import VisualDisplay
from .visual_l1 import VisualL1

Engine = Literal["auto", "torch", "numba"]


class Evaluator(Protocol):
    """Evaluates some of the objectives on masks ``x (n, n_var)``, float64 in [0, 1]."""

    masks_at_once: int
    """Masks that are best evaluated together."""

    block: int
    """Masks that it takes together however few there are."""

    bytes_per_mask: int
    """Memory that one mask of such a batch takes."""

    def values(self, x: np.ndarray) -> np.ndarray:
        """Losses ``(n, objectives)``, for every mask the same in any batch."""
        ...

    def values_and_gradients(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Losses ``(n, objectives)`` and gradients ``(n, objectives, n_var)``."""
        ...


@runtime_checkable
class SeparatesParts(Protocol):
    """An evaluator that tells the convex part of `AudioLogL1` from the concave one."""

    def parts(self, x: np.ndarray) -> LogParts:
        """Losses and the two parts of their gradients."""
        ...


class Unsuitable(Exception):  # noqa: N818  (a reason, not an error: torch takes over)
    """Compiled loops cannot have this plane, or these objectives; says why."""


def compiled_evaluators(
    objectives: Sequence[Objective], encoder: MaskEncoder, max_memory_mb: float, *, required: bool
) -> dict[tuple[int, ...], Evaluator]:
    """Evaluators in compiled loops, by the columns of F that they fill; none where they cannot be had.

    Warns:
        UserWarning: numba cannot compile on this machine.

    Raises:
        OptionError: they are required and cannot be had.
    """
    try:
        return _compiled_evaluators(objectives, encoder, max_memory_mb)
    except Unsuitable as reason:
        obstacle = str(reason)
    except (MossError, MemoryError):
        raise  # torch would not do better
    # What keeps numba from compiling is different on every machine, and torch gives the same answers.
    except Exception as error:
        obstacle = f"numba cannot compile on this machine, {type(error).__name__}: {error}"
        if not required:
            warnings.warn(f"evaluating with torch, which is slower: {obstacle}", stacklevel=5)
    if required:
        raise OptionError(f"engine 'numba' cannot be used: {obstacle}; choose engine 'auto' or 'torch'")
    return {}


def _compiled_evaluators(
    objectives: Sequence[Objective], encoder: MaskEncoder, max_memory_mb: float
) -> dict[tuple[int, ...], Evaluator]:
    if encoder.picture.device.type != "cpu" or encoder.picture.dtype != torch.float32:
        raise Unsuitable("compiled loops evaluate float32 planes on the CPU")
    # By exact type, because a subclass may mean another loss.
    visual_l1 = _find(objectives, lambda o: type(o) is VisualL1)
    audio = _find(objectives, lambda o: type(o) is AudioLogL1 and o.floor_db is None)
    display = _find(objectives, lambda o: type(o) is VisualDisplay)
    audio_displayed = _find(objectives, lambda o: type(o) is AudioLogL1 and _floor_is_black(o, encoder))
    if not audio and not (display and audio_displayed):
        raise Unsuitable(f"none of {', '.join(o.name for o in objectives)} has compiled loops here")
    # Late, because numba takes most of a second to import.
    from . import fused

    evaluators: dict[tuple[int, ...], Evaluator] = {}
    for column in visual_l1:
        evaluators[(column,)] = fused.LinearEvaluator(VisualL1().weights(encoder))
    for column in audio:
        evaluators[(column,)] = fused.FusedAudioLogL1(encoder)
    for pair in zip(display, audio_displayed, strict=False):
        evaluators[pair] = fused.FusedDisplay(encoder)
    for evaluator in evaluators.values():
        if evaluator.block * evaluator.bytes_per_mask > max_memory_mb * 2**20:
            raise Unsuitable(f"loops take {evaluator.block} masks at once, more than max_memory_mb holds")
        evaluator.values_and_gradients(np.zeros((1, encoder.n_var)))
    return evaluators


def _find(objectives: Sequence[Objective], wanted: Callable[[Any], bool]) -> list[int]:
    return [column for column, objective in enumerate(objectives) if wanted(objective)]


def _floor_is_black(objective: AudioLogL1, encoder: MaskEncoder) -> bool:
    return objective.floor_db is not None and math.isclose(objective.floor_db, encoder.dynamic_range_db)
