"""Our objectives on released masks: every one that there is, whichever of them the search had."""

from collections.abc import Iterator

import numpy as np

from pymoo_moss import MOSSProblem
from pymoo_moss.errors import ObjectiveError
from pymoo_moss.objectives import OBJECTIVES, PRESETS, Objective
from pymoo_moss.spectrogram import MaskEncoder

_BESIDE = "mask_roughness"
"""Evaluated with each one, because a problem has two objectives or more."""


def all_objectives(encoder: MaskEncoder) -> Iterator[tuple[str, Objective]]:
    """Yield the registry's objectives by name, then those that a preset gives other options."""
    for name, kind in OBJECTIVES.items():
        yield name, kind()
    for preset, choice in PRESETS.items():
        for objective in choice.objectives(encoder):
            default = OBJECTIVES.get(objective.name)
            if default is None or vars(objective) != vars(default()):
                yield f"{objective.name} ({preset})", objective


def losses_of(encoder: MaskEncoder, masks: np.ndarray) -> list[dict[str, float | None]]:
    """Evaluate all objectives on masks ``(n, n_var)``.

    Returns:
        Losses by name for every mask; None where an objective cannot be used with the plane.
    """
    columns = {name: _column(encoder, objective, masks) for name, objective in all_objectives(encoder)}
    return [
        {name: None if column is None else float(column[row]) for name, column in columns.items()}
        for row in range(len(masks))
    ]


def _column(encoder: MaskEncoder, objective: Objective, masks: np.ndarray) -> np.ndarray | None:
    try:
        return MOSSProblem(encoder=encoder, objectives=[objective, _BESIDE]).evaluate(masks)[:, 0]
    except ObjectiveError:
        return None
