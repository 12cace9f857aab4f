"""Drawing functions for the embedded pictures, on a large canvas that is averaged down."""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 768, 512
SCALE = 3
"""Factor by which the canvas is larger than the picture, for smooth edges."""

_DATA = Path(__file__).parents[1] / "pymoo_moss" / "instances" / "data"

Plane = np.ndarray
Points = list[tuple[float, float]]


def coordinates() -> tuple[Plane, Plane]:
    """Return coordinates across and down, each ``(HEIGHT * SCALE, WIDTH * SCALE)``, in picture heights."""
    down, across = np.mgrid[: HEIGHT * SCALE, : WIDTH * SCALE].astype(np.float32)
    return (across + 0.5) / (HEIGHT * SCALE), (down + 0.5) / (HEIGHT * SCALE)


def filled(points: Points) -> Plane:
    """Compute the coverage of a polygon whose corners are shares of width and height."""
    image = Image.new("L", (WIDTH * SCALE, HEIGHT * SCALE))
    ImageDraw.Draw(image).polygon([(x * WIDTH * SCALE, y * HEIGHT * SCALE) for x, y in points], fill=255)
    return np.asarray(image, dtype=np.float32) / 255


def paint(canvas: Plane, coverage: Plane, brightness: Plane | float) -> Plane:
    """Blend a brightness into the canvas in proportion to its coverage."""
    return canvas + coverage * (brightness - canvas)


def smooth_noise(rng: np.random.Generator, rows: int, columns: int) -> Plane:
    """Draw smooth noise from -1 to 1 with ``rows`` by ``columns`` features."""
    coarse = Image.fromarray(rng.uniform(-1, 1, (rows, columns)).astype(np.float32))
    return np.asarray(coarse.resize((WIDTH * SCALE, HEIGHT * SCALE), Image.Resampling.BICUBIC))


def soft(distance: Plane, width: float = 0.002) -> Plane:
    """Compute the coverage of the area of positive signed distance, with an edge ``width`` wide."""
    return np.clip(distance / width + 0.5, 0, 1)


def finished(canvas: Plane) -> Image.Image:
    """Convert the canvas to an 8-bit grey picture of ``WIDTH`` by ``HEIGHT``, slightly sharpened."""
    large = Image.fromarray(np.round(255 * np.clip(canvas, 0, 1)).astype(np.uint8))
    return large.resize((WIDTH, HEIGHT), Image.Resampling.BOX).filter(ImageFilter.UnsharpMask(1.2, 40, 0))


def save_as(description: str | None, draw: Callable[[], Image.Image], name: str) -> None:
    """Write the picture to the path on the command line, by default to its place in the package."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("out", nargs="?", type=Path, default=_DATA / name)
    out = parser.parse_args().out
    out.parent.mkdir(parents=True, exist_ok=True)
    draw().save(out, optimize=True)
