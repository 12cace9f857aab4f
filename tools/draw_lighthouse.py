"""Draw an embedded picture: a lighthouse at night.

Run ``python tools/draw_lighthouse.py [OUT]``; the output is the same every time, to the byte.
"""

import numpy as np
from drawing import Plane, Points, coordinates, filled, finished, paint, save_as, smooth_noise
from PIL import Image

HORIZON = 0.70
MOON = (0.20, 0.24)
LAMP = (0.665, 0.215)

MOON_SEAS = (
    (-0.03, -0.03, 0.034, 0.3),
    (0.028, -0.02, 0.026, 0.24),
    (0.0, 0.035, 0.038, 0.26),
    (-0.05, 0.025, 0.02, 0.2),
    (0.05, 0.03, 0.018, 0.16),
)
"""Dark spots of the moon: offset across and down, size, depth."""

# The cliff's outline as shares of width and height.
CLIFF_ACROSS = (0.47, 0.5, 0.53, 0.545, 0.575, 0.6, 0.64, 0.7, 0.745, 0.79, 0.83, 0.88, 0.93, 0.97, 1.0, 1.0)
CLIFF_DOWN = (1, 0.86, 0.8, 0.745, 0.72, 0.685, 0.672, 0.668, 0.685, 0.7, 0.735, 0.75, 0.8, 0.83, 0.87, 1)


def sky(across: Plane, down: Plane, rng: np.random.Generator) -> Plane:
    """Draw a gradient that is brightest above the horizon, with soft bands of cloud and stars."""
    glow = 0.10 + 0.34 * np.clip(down / HORIZON, 0, 1) ** 1.6
    clouds = smooth_noise(rng, 6, 3) * np.exp(-(((down - 0.47) / 0.13) ** 2))
    canvas = glow + 0.16 * clouds
    for _ in range(130):
        x, y, size = rng.uniform(0, 1.5), rng.uniform(0, 0.55), rng.uniform(0.0012, 0.0026)
        distance = (across - x) ** 2 + (down - y) ** 2
        canvas = canvas + rng.uniform(0.3, 0.8) * np.exp(-distance / (2 * size**2))
    return canvas


def moon(canvas: Plane, across: Plane, down: Plane, rng: np.random.Generator) -> Plane:
    """Paint a full moon with its seas and a halo."""
    x, y, radius = 1.5 * MOON[0], MOON[1], 0.098
    distance = np.sqrt((across - x) ** 2 + (down - y) ** 2)
    canvas = canvas + 0.38 * np.exp(-((distance / 0.19) ** 2))
    disc = np.clip((radius - distance) / 0.002, 0, 1)
    seas = np.zeros_like(canvas)
    for dx, dy, size, depth in MOON_SEAS:
        seas += depth * np.exp(-((across - x - dx) ** 2 + (down - y - dy) ** 2) / (2 * (0.6 * size) ** 2))
    shade = 0.98 - 0.12 * (distance / radius) ** 2 - seas + 0.03 * smooth_noise(rng, 60, 90)
    return paint(canvas, disc, shade)


def beam(canvas: Plane, across: Plane, down: Plane) -> Plane:
    """Add two cones of light from the lamp, a long one to the left and a short one to the right."""
    x, y = across - 1.5 * LAMP[0], down - LAMP[1]
    distance = np.sqrt(x**2 + y**2) + 1e-6
    for angle, strength, reach in ((np.pi - 0.16, 0.82, 1.0), (-0.16, 0.62, 0.8)):
        offset = np.angle(np.exp(1j * (np.arctan2(-y, x) - angle)))
        cone = np.exp(-((offset / 0.085) ** 4)) * np.exp(-distance / reach)
        canvas = canvas + strength * cone * (1 - np.clip(canvas, 0, 1)) ** 0.7
    return canvas + 1.1 * np.exp(-((distance / 0.03) ** 2)) + 0.3 * np.exp(-((distance / 0.09) ** 2))


def sea(canvas: Plane, across: Plane, down: Plane, rng: np.random.Generator) -> Plane:
    """Paint waves that shrink towards the horizon, with the moon's reflection on them."""
    below = np.clip((down - HORIZON) / 0.003, 0, 1)
    depth = np.clip((down - HORIZON) / (1 - HORIZON), 1e-3, 1)
    waves = np.zeros_like(canvas)
    for _ in range(9):
        count, phase, slant = rng.uniform(10, 26), rng.uniform(0, 2 * np.pi), rng.uniform(-3, 3)
        waves += np.sin(
            count * np.log(0.06 + depth) * 2.2 + slant * across + phase + 1.5 * smooth_noise(rng, 5, 7)
        )
    waves /= 9
    glade = np.exp(-(((across - 1.5 * MOON[0]) / (0.05 + 0.16 * depth)) ** 2))
    surface = 0.22 - 0.10 * depth + 0.30 * waves + glade * np.clip(0.55 + 1.5 * waves, 0, 1)
    return paint(canvas, below, np.clip(surface, 0.02, 1))


def rock(canvas: Plane, rng: np.random.Generator) -> Plane:
    """Paint the cliff below the lighthouse, in the right third."""
    edge = list(zip(CLIFF_ACROSS, CLIFF_DOWN, strict=True))
    texture = 0.16 + 0.10 * smooth_noise(rng, 14, 24) + 0.06 * smooth_noise(rng, 50, 70)
    return paint(canvas, filled(edge), np.clip(texture, 0.03, 0.5))


def tower(canvas: Plane, across: Plane) -> Plane:
    """Paint the lighthouse: a tapering tower with dark bands, gallery, lantern room and roof."""
    centre, foot, top = LAMP[0], 0.69, 0.285
    half_foot, half_top = 0.041, 0.026

    def half(y: float) -> float:
        return half_top + (half_foot - half_top) * (y - top) / (foot - top)

    def band(upper: float, lower: float) -> Points:
        return [(centre - half(upper), upper), (centre + half(upper), upper),
                (centre + half(lower), lower), (centre - half(lower), lower)]  # fmt: skip

    # Light from the moon's side makes the tower look round.
    roundness = 0.93 - 0.55 * np.clip((across / 1.5 - centre + half_foot) / (2 * half_foot), 0, 1) ** 1.5
    canvas = paint(canvas, filled(band(top, foot)), roundness)
    for upper in (0.345, 0.465, 0.585):
        canvas = paint(canvas, filled(band(upper, upper + 0.06)), 0.30 * roundness)
    for x, y in ((0.668, 0.435), (0.662, 0.555)):
        canvas = paint(
            canvas,
            filled([(x - 0.005, y), (x + 0.005, y), (x + 0.005, y + 0.026), (x - 0.005, y + 0.026)]),
            0.08,
        )
    parts: list[tuple[Points, float]] = [
        (
            [
                (centre - 0.036, 0.272),
                (centre + 0.036, 0.272),
                (centre + 0.031, 0.292),
                (centre - 0.031, 0.292),
            ],
            0.22,
        ),
        (
            [
                (centre - 0.020, 0.160),
                (centre + 0.020, 0.160),
                (centre + 0.020, 0.272),
                (centre - 0.020, 0.272),
            ],
            0.78,
        ),
        ([(centre - 0.029, 0.164), (centre + 0.029, 0.164), (centre, 0.098)], 0.16),
    ]
    for points, brightness in parts:
        canvas = paint(canvas, filled(points), brightness)
    for x in (-0.020, -0.007, 0.006, 0.019):
        bar = [
            (centre + x, 0.162),
            (centre + x + 0.0015, 0.162),
            (centre + x + 0.0015, 0.272),
            (centre + x, 0.272),
        ]
        canvas = paint(canvas, filled(bar), 0.2)
    return canvas


def draw() -> Image.Image:
    """Draw the picture in 8-bit grey."""
    rng = np.random.default_rng(1849)
    across, down = coordinates()
    canvas = moon(sky(across, down, rng), across, down, rng)
    canvas = sea(canvas, across, down, rng)
    canvas = rock(canvas, rng)
    canvas = beam(tower(canvas, across), across, down)
    return finished(canvas)


if __name__ == "__main__":
    save_as(__doc__, draw, "lighthouse.png")
