"""Which options make another problem of a published one."""

import inspect
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from ..objectives import find_preset
from ..problem import MOSSProblem, check_option_names
from ..spectrogram import MaskEncoder

_SAME_PROBLEM = {"preset", "normalize", "device", "engine", "threads", "max_memory_mb", "phase"}
"""Options that change neither the masks nor their objective values, except the scale of the values."""

NAMED_OBJECTIVES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "notebook": ("visual_l1", "audio_log_l1"),
        "listener": ("visual_multiscale", "audio_audibility"),
    }
)
"""Objectives of presets that are the same when they are given by name."""


def preset_of(options: Mapping[str, Any]) -> str:
    """Return the name of the preset that options choose."""
    return str(options.get("preset", inspect.signature(MOSSProblem).parameters["preset"].default))


def changed_options(published: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options with which a problem differs from the published one of the same preset.

    An option that is given at the value that it has anyway changes nothing.

    Args:
        published: options of `MaskEncoder` with which the problem is published in every preset.
        given: options of `MOSSProblem`.

    Raises:
        OptionError: there is no such preset, or no such option.
    """
    check_option_names(given)
    preset = preset_of(given)
    chosen = find_preset(preset)
    defaults = {name: one.default for name, one in inspect.signature(MaskEncoder).parameters.items()}
    rest = {name: value for name, value in given.items() if name not in _SAME_PROBLEM}
    objectives = rest.pop("objectives", None)
    before = {**defaults, **chosen.with_options(published)}
    after = {**defaults, **chosen.with_options({**published, **rest})}
    changed = {
        name: value
        for name, value in after.items()
        if name not in before or not np.array_equal(before[name], value)
    }
    if objectives is not None and names_in_order(objectives, NAMED_OBJECTIVES.get(preset, ())) is None:
        changed["objectives"] = objectives
    return changed


def names_in_order(objectives: Any, names: tuple[str, ...]) -> list[int] | None:
    """Return which of some names each objective is; None if they are not the same, in any order.

    An objective given as an object may mean another loss by the same name, so that it is none of them.
    """
    if not isinstance(objectives, list | tuple) or not all(isinstance(one, str) for one in objectives):
        return None
    if sorted(objectives) != sorted(names):
        return None
    return [names.index(one) for one in objectives]


def in_words(value: Any) -> Any:
    """Return the value of an option as JSON has it, and a name for anything that it has not."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, list | tuple):
        return [in_words(one) for one in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return getattr(value, "name", None) or (str(value) if np.ndim(value) == 0 else type(value).__name__)
