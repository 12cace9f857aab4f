"""Drawings: pictures of gradients, patches, shapes and texture from a seed."""

import math

import numpy as np

from .draws import Draws
from .kinds import DrawingKind

HEIGHT, WIDTH = 256, 384
_SHADES = 255
_TEXTURE_WAVES = 12


def draw(kind: DrawingKind, draws: Draws) -> np.ndarray:
    """Draw a picture: brightness ``(HEIGHT, WIDTH)`` in uint8, row 0 the top."""
    return np.round(shades(kind, draws)).astype(np.uint8)


def shades(kind: DrawingKind, draws: Draws) -> np.ndarray:
    """Draw a picture as float64 shades from 0 to 255, before they are rounded."""
    down, across = (np.mgrid[:HEIGHT, :WIDTH] + 0.5) / HEIGHT
    canvas = _background(kind, draws, down, across)
    for _ in range(kind.patches):
        canvas = _patch(draws, canvas, down, across)
    for _ in range(kind.shapes):
        coverage = np.clip(_shape(draws, down, across) / kind.edge + 0.5, 0.0, 1.0)
        canvas = canvas + coverage * (draws.number(*kind.brightness) - canvas)
    canvas = canvas + kind.texture * _texture(kind, draws, down, across)
    return np.asarray(_SHADES * np.clip(canvas, 0.0, 1.0))


def _background(kind: DrawingKind, draws: Draws, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Draw a gradient in some direction, whose brightness is within the kind's background."""
    angle, (dark, light) = draws.number(0.0, 2 * math.pi), kind.background
    along = math.cos(angle) * (across - WIDTH / HEIGHT / 2) + math.sin(angle) * (down - 0.5)
    return dark + (light - dark) * (0.5 + 0.5 * along)


def _patch(draws: Draws, canvas: np.ndarray, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Add a soft patch of light."""
    row, column = draws.number(0.0, 1.0), draws.number(0.0, WIDTH / HEIGHT)
    height, width = draws.number(0.1, 0.3), draws.number(0.1, 0.3)
    distance = ((down - row) / height) ** 2 + ((across - column) / width) ** 2
    return np.asarray(canvas + draws.number(0.1, 0.4) * np.exp(-distance))


def _shape(draws: Draws, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Return distances from the outline of a disc, a ring or a bar, positive inside."""
    row, column = draws.number(0.0, 1.0), draws.number(0.0, WIDTH / HEIGHT)
    size, angle, which = draws.number(0.04, 0.2), draws.number(0.0, math.pi), draws.whole(0, 2)
    if which == 2:
        along = math.cos(angle) * (across - column) + math.sin(angle) * (down - row)
        aside = math.cos(angle) * (down - row) - math.sin(angle) * (across - column)
        return np.minimum(2 * size - np.abs(along), 0.25 * size - np.abs(aside))
    radius = np.sqrt((down - row) ** 2 + (across - column) ** 2)
    return size - radius if which == 0 else 0.2 * size - np.abs(radius - size)


def _texture(kind: DrawingKind, draws: Draws, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Draw texture from -1 to 1: plane waves in all directions."""
    texture = np.zeros_like(down)
    for _ in range(_TEXTURE_WAVES):
        waves, angle = draws.number(*kind.waves), draws.number(0.0, 2 * math.pi)
        along = math.cos(angle) * across + math.sin(angle) * down
        texture += np.sin(2 * math.pi * waves * along + draws.number(0.0, 2 * math.pi))
    return texture / _TEXTURE_WAVES
