"""The kinds of generated problems: what makes a drawing and a tune easy or hard to blend."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class DrawingKind:
    """What a drawing consists of; lengths are in picture heights, brightness is from 0 to 1.

    Attributes:
        background: least and greatest brightness of the background's gradient.
        patches: number of soft patches of light.
        shapes: number of discs, rings and bars.
        brightness: least and greatest brightness of a shape.
        edge: width of the edges of shapes.
        texture: amplitude of the texture.
        waves: least and greatest number of waves of the texture in a picture height.
    """

    background: tuple[float, float]
    patches: int
    shapes: int
    brightness: tuple[float, float]
    edge: float
    texture: float
    waves: tuple[float, float]


@dataclass(frozen=True)
class TuneKind:
    """What a tune consists of; levels are in dB relative to full scale.

    Attributes:
        notes: number of notes.
        partials: partials of a note.
        bursts: number of bursts of noise.
        burst_level: level of a burst.
        pauses: share of the duration in which there is nothing but the floor.
        floor: level of the noise that is there throughout.
    """

    notes: int
    partials: int
    bursts: int
    burst_level: float
    pauses: float
    floor: float


@dataclass(frozen=True)
class Kind:
    """A kind of problems.

    Attributes:
        number: what seeds of this kind are combined with.
        drawing: what its drawings consist of.
        tune: what its tunes consist of.
    """

    number: int
    drawing: DrawingKind
    tune: TuneKind


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "easy": Kind(
            1,
            DrawingKind((0.0, 0.05), 3, 0, (0.4, 0.7), 0.2, 0.0, (1.0, 4.0)),
            TuneKind(40, 24, 0, -12.0, 0.0, -70.0),
        ),
        "medium": Kind(
            2,
            DrawingKind((0.0, 0.3), 4, 8, (0.4, 0.9), 0.03, 0.08, (2.0, 10.0)),
            TuneKind(16, 12, 6, -24.0, 0.1, -55.0),
        ),
        "hard": Kind(
            3,
            DrawingKind((0.0, 0.1), 0, 24, (0.6, 1.0), 0.004, 0.15, (4.0, 24.0)),
            TuneKind(24, 20, 2, -30.0, 0.25, -78.0),
        ),
    }
)
"""Kinds by name, easy ones first."""
