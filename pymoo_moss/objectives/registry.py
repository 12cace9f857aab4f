"""Objectives by name, and the presets that choose them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol, get_args

from torch import Tensor

from ..errors import ObjectiveError, OptionError, unknown_name
from ..spectrogram import MaskEncoder, Phase
from .audio_audibility import AudioAudibility
from .audio_log_l1 import AudioLogL1
from .audio_mel import AudioMel
from .base import Kernel, Objective
from .mask_roughness import MaskRoughness
from .sides import Side
from .visual_display import VisualDisplay
from .visual_l1 import VisualL1
from .visual_multiscale import VisualMultiscale
from .visual_ssim import VisualSSIM


class NamedLoss(Protocol):
    """The least that an objective given as an object must have."""

    name: str

    def __call__(self, mix: Tensor, encoder: MaskEncoder) -> Tensor:
        """Compute losses ``(n,)`` of magnitudes ``mix (n, F, T)``."""
        ...


OBJECTIVES: Mapping[str, type[Objective]] = MappingProxyType(
    {
        objective.name: objective
        for objective in (
            VisualL1,
            VisualSSIM,
            VisualDisplay,
            VisualMultiscale,
            AudioLogL1,
            AudioMel,
            AudioAudibility,
            MaskRoughness,
        )
    }
)


@dataclass(frozen=True)
class Preset:
    """A choice of mapping, objectives and export that belong together.

    Attributes:
        encoder_options: options of `MaskEncoder` that differ from its defaults.
        objectives: makes the objectives for an encoder.
        phase: phase of exported sounds.
    """

    encoder_options: Mapping[str, Any] = field(default_factory=dict)
    objectives: Callable[[MaskEncoder], Sequence[Objective]] = lambda encoder: (VisualL1(), AudioLogL1())
    phase: Phase = "audio"

    def with_options(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return options of `MaskEncoder`: the given ones, and the preset's that they do not replace."""
        replaced = {_REPLACES[name] for name in given if name in _REPLACES}
        own = {name: value for name, value in self.encoder_options.items() if name not in replaced}
        return {**own, **given}


_REPLACES = MappingProxyType({"ceiling_quantile": "level_db"})
"""Options by those that set the same."""


def _display_objectives(encoder: MaskEncoder) -> Sequence[Objective]:
    return VisualDisplay(), AudioLogL1(floor_db=encoder.dynamic_range_db)


def _listener_objectives(encoder: MaskEncoder) -> Sequence[Objective]:
    return VisualMultiscale(), AudioAudibility()


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        # The notebook samples the picture at points.
        "notebook": Preset(encoder_options=MappingProxyType({"picture_sampling": "point"})),
        "display": Preset(
            encoder_options=MappingProxyType(
                {"smoothing": 2.0, "gamma": 1.3, "ceiling_quantile": 0.995, "dynamic_range_db": 70.0}
            ),
            objectives=_display_objectives,
            phase="refined",
        ),
        # A quiet picture where most songs have nothing.
        "listener": Preset(
            encoder_options=MappingProxyType(
                {
                    "sample_rate": None,
                    "fmin": "auto",
                    "fmax": "auto",
                    "band_only": True,
                    "smoothing": 1.0,
                    "gamma": 1.3,
                    "level_db": -45.0,
                    "dynamic_range_db": 60.0,
                }
            ),
            objectives=_listener_objectives,
            phase="refined",
        ),
    }
)


def find_preset(name: str) -> Preset:
    """Return the preset of that name.

    Raises:
        OptionError: there is none.
    """
    if name not in PRESETS:
        raise unknown_name("preset", str(name), PRESETS)
    return PRESETS[name]


def resolve_objectives(objectives: Sequence[str | Objective | NamedLoss]) -> tuple[Objective, ...]:
    """Return the objectives that are given by name or as objects.

    Raises:
        OptionError: a name is unknown, or there are fewer than two.
        ObjectiveError: an object lacks a name or is not callable, or declares what cannot be.
    """
    if isinstance(objectives, str) or len(chosen := tuple(objectives)) < 2:
        raise OptionError(f"expected objectives as two or more names or objects, got {objectives!r}")
    resolved = tuple(_resolve(objective) for objective in chosen)
    for objective in resolved:
        _check_declared(objective)
    return resolved


def _check_declared(objective: Objective) -> None:
    name, least_at, side = getattr(objective, "name", None), objective.least_at, objective.side
    if not isinstance(name, str):
        raise ObjectiveError(f"expected {type(objective).__name__} to have a name, a string, got {name!r}")
    if least_at not in (None, 0, 1):
        raise ObjectiveError(
            f"expected least_at of objective '{name}' to be 0.0, 1.0 or None, got {least_at!r}"
        )
    if side not in (None, *get_args(Side)):
        raise ObjectiveError(
            f"expected side of objective '{name}' to be 'picture', 'sound' or None, got {side!r}"
        )


def _resolve(objective: str | Objective | NamedLoss) -> Objective:
    if isinstance(objective, str):
        if objective not in OBJECTIVES:
            raise unknown_name("objective", objective, OBJECTIVES)
        return OBJECTIVES[objective]()
    if isinstance(objective, Objective):
        return objective
    if isinstance(objective, type):
        raise ObjectiveError(
            f"expected an objective, got the class {objective.__name__}: pass an object, "
            f"{objective.__name__}()"
        )
    if callable(objective) and isinstance(getattr(objective, "name", None), str):
        return _Adapted(objective)
    raise ObjectiveError(
        f"expected the name of an objective, or an object with a name and __call__(mix, encoder), "
        f"got {objective!r}"
    )


_DECLARED = ("side", "least_at", "monotone", "lower_bound", "of_mix", "unnoticed", "recognised")
"""Attributes of `Objective` that an object of any class may have, and that hold then."""


class _Adapted(Objective):
    """An object with the members of an objective, but of another class."""

    name = "adapted"

    def __init__(self, objective: NamedLoss) -> None:
        self.name = objective.name  # type: ignore[misc]
        self._objective = objective
        vars(self).update({name: getattr(objective, name) for name in _DECLARED if hasattr(objective, name)})

    def prepare(self, encoder: MaskEncoder) -> Callable[[Tensor], Tensor]:
        prepare = getattr(self._objective, "prepare", None)
        if prepare is not None:
            prepared: Callable[[Tensor], Tensor] = prepare(encoder)
            return prepared
        return lambda mix: self._objective(mix, encoder)

    def kernel(self, encoder: MaskEncoder) -> Kernel:
        kernel = getattr(self._objective, "kernel", None)
        if kernel is not None:
            own: Kernel = kernel(encoder)
            return own
        return super().kernel(encoder)

    def upper_bound(self, encoder: MaskEncoder) -> float | None:
        declared: Any = getattr(self._objective, "upper_bound", None)
        bound: float | None = declared(encoder) if callable(declared) else declared
        return bound
