"""Evaluators in compiled loops, for the objectives and encoders that have them."""

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from ..errors import MossError, OptionError, is_out_of_memory
from ..spectrogram import MaskEncoder
from .audio_log_l1 import AudioLogL1
from .base import Objective, has_own
from .evaluator import Evaluator, Unsuitable
from .visual_display import VisualDisplay, view_map
from .visual_l1 import VisualL1

ByColumns = dict[tuple[int, ...], Evaluator]
"""Evaluators by the columns of F that they fill."""


def compiled_evaluators(
    objectives: Sequence[Objective], encoder: MaskEncoder, max_memory_mb: float, *, required: bool
) -> ByColumns:
    """Make compiled evaluators for the objectives that have them; none where they are unavailable.

    Args:
        objectives: in the order of the columns of F.
        encoder: picture and sound.
        max_memory_mb: memory in MiB that one batch may take.
        required: raise an error instead of returning none.

    Warns:
        UserWarning: numba cannot compile on this machine.

    Raises:
        OptionError: they are required and unavailable.
    """
    try:
        return _compiled_evaluators(objectives, encoder, max_memory_mb)
    except Unsuitable as reason:
        obstacle = str(reason)
    except MossError:
        raise
    # What keeps numba from compiling is different on every machine, and torch gives the same answers.
    except Exception as error:
        if is_out_of_memory(error):
            raise  # torch would not do better
        obstacle = f"numba cannot compile on this machine, {type(error).__name__}: {error}"
        if not required:
            warnings.warn(f"evaluating with torch, which is slower: {obstacle}", stacklevel=5)
    if required:
        raise OptionError(f"engine 'numba' cannot be used: {obstacle}; choose engine 'auto' or 'torch'")
    return {}


def _compiled_evaluators(
    objectives: Sequence[Objective], encoder: MaskEncoder, max_memory_mb: float
) -> ByColumns:
    if encoder.picture.device.type != "cpu" or encoder.picture.dtype != torch.float32:
        raise Unsuitable("compiled loops evaluate float32 planes on the CPU")
    if not encoder.linear_mixture:
        raise Unsuitable(f"compiled loops evaluate the linear mixture, {type(encoder).__name__} has another")
    evaluators = _shipped(objectives, encoder) | _own(objectives, encoder)
    if not evaluators:
        raise Unsuitable(f"none of {', '.join(o.name for o in objectives)} has compiled loops here")
    for columns, evaluator in evaluators.items():
        if evaluator.block * evaluator.bytes_per_mask > max_memory_mb * 2**20:
            raise Unsuitable(f"loops take {evaluator.block} masks at once, more than max_memory_mb holds")
        # Compiles it, and shows whether that is possible.
        _, gradients = evaluator.values_and_gradients(np.zeros((1, encoder.n_var)))
        expected = (1, len(columns), encoder.n_var)
        if gradients.shape != expected:
            raise OptionError(
                f"expected gradients of shape (n, objectives, n_var) = {expected} from "
                f"{type(evaluator).__name__}, got {gradients.shape}"
            )
    return evaluators


def _shipped(objectives: Sequence[Objective], encoder: MaskEncoder) -> ByColumns:
    # By exact type, because a subclass may mean another loss.
    visual_l1 = _find(objectives, lambda o: type(o) is VisualL1)
    audio = _find(objectives, lambda o: type(o) is AudioLogL1 and o.floor_db is None)
    display = _find(objectives, lambda o: type(o) is VisualDisplay)
    audio_displayed = _find(objectives, lambda o: type(o) is AudioLogL1 and _floor_is_black(o, encoder))
    # Nothing is gained by a dot product alone.
    if not audio and not (display and audio_displayed):
        return {}
    # Late, because numba takes most of a second to import.
    from . import fused

    evaluators: ByColumns = {}
    for column in visual_l1:
        evaluators[(column,)] = fused.LinearEvaluator(VisualL1().weights(encoder))
    for column in audio:
        evaluators[(column,)] = fused.FusedAudioLogL1(encoder)
    for pair in zip(display, audio_displayed, strict=False):
        evaluators[pair] = fused.FusedDisplay(encoder, view_map(encoder))
    return evaluators


def _own(objectives: Sequence[Objective], encoder: MaskEncoder) -> ByColumns:
    evaluators = {
        (column,): objective.compiled_evaluator(encoder)
        for column, objective in enumerate(objectives)
        if has_own(objective, "compiled_evaluator")
    }
    return {columns: evaluator for columns, evaluator in evaluators.items() if evaluator is not None}


def _find(objectives: Sequence[Objective], wanted: Callable[[Any], bool]) -> list[int]:
    return [column for column, objective in enumerate(objectives) if wanted(objective)]


def _floor_is_black(objective: AudioLogL1, encoder: MaskEncoder) -> bool:
    return objective.floor_db is not None and math.isclose(objective.floor_db, encoder.dynamic_range_db)
