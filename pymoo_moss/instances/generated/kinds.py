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
            number=1,
            drawing=DrawingKind(
                background=(0.0, 0.05),
                patches=3,
                shapes=0,
                brightness=(0.4, 0.7),
                edge=0.2,
                texture=0.0,
                waves=(1.0, 4.0),
            ),
            tune=TuneKind(notes=40, partials=24, bursts=0, burst_level=-12.0, pauses=0.0, floor=-70.0),
        ),
        "medium": Kind(
            number=2,
            drawing=DrawingKind(
                background=(0.0, 0.3),
                patches=4,
                shapes=8,
                brightness=(0.4, 0.9),
                edge=0.03,
                texture=0.08,
                waves=(2.0, 10.0),
            ),
            tune=TuneKind(notes=16, partials=12, bursts=6, burst_level=-24.0, pauses=0.1, floor=-55.0),
        ),
        "hard": Kind(
            number=3,
            drawing=DrawingKind(
                background=(0.0, 0.1),
                patches=0,
                shapes=24,
                brightness=(0.6, 1.0),
                edge=0.004,
                texture=0.15,
                waves=(4.0, 24.0),
            ),
            tune=TuneKind(notes=24, partials=20, bursts=2, burst_level=-30.0, pauses=0.25, floor=-78.0),
        ),
    }
)
"""Kinds by name, easy ones first. Published: another value would make other problems of the same names."""
