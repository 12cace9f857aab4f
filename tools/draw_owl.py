"""Draw an embedded picture: the portrait of an owl.

Run ``python tools/draw_owl.py [OUT]``; the output is the same every time, to the byte.
"""

import numpy as np
from drawing import Plane, coordinates, finished, paint, save_as, smooth_noise, soft
from PIL import Image

CENTRE = 0.75
"""Horizontal position in heights of the picture; the owl is almost symmetrical about it."""

EYES_DOWN, EYES_APART = 0.40, 0.185
DISC, IRIS, PUPIL = 0.215, 0.118, 0.058
"""Radii of the feathers round an eye, of the iris and of the pupil."""


def angle_and_distance(across: Plane, down: Plane, x: float, y: float) -> tuple[Plane, Plane]:
    """Compute polar coordinates about a point."""
    return np.arctan2(down - y, across - x), np.hypot(across - x, down - y)


def background(across: Plane, down: Plane, rng: np.random.Generator) -> Plane:
    """Draw a dark forest, out of focus, lighter towards the top."""
    canvas = 0.10 + 0.10 * (1 - down) + 0.05 * smooth_noise(rng, 4, 7)
    for _ in range(16):
        x, y, size = rng.uniform(0, 1.5), rng.uniform(0, 0.9), rng.uniform(0.03, 0.07)
        canvas = canvas + rng.uniform(0.04, 0.12) * soft(size - np.hypot(across - x, down - y), 0.03)
    return canvas


def feathers(across: Plane, down: Plane, size: float, rng: np.random.Generator) -> Plane:
    """Draw rows of feathers whose round tips overlap the next row, from 0 at the edges to 1."""
    rows = down / size
    shade = np.zeros_like(across)
    # A point is covered by its own row, or by the tips of the row above.
    for above in (0, 1):
        row = np.floor(rows) - above
        along = across / (1.15 * size) + 0.5 * (row % 2)
        x, y = along - np.floor(along) - 0.5, rows - row
        tip = 1.55 - 2.2 * x**2 - y
        barbs = 0.5 + 0.5 * np.sin(26 * (y + 1.6 * np.abs(x)))
        feather = np.clip(0.25 + 0.75 * tip, 0, 1) * (0.86 + 0.14 * barbs) - 0.18 * np.exp(-((x / 0.06) ** 2))
        shade = np.where(tip > 0, feather, shade)
    return np.clip(shade + 0.10 * smooth_noise(rng, 60, 90), 0, 1)


def body(canvas: Plane, across: Plane, down: Plane, rng: np.random.Generator) -> Plane:
    """Paint a pale breast with dark drop-shaped marks between darker wings."""
    x = (across - CENTRE) / (0.40 + 0.10 * np.clip(down - 0.6, 0, 1))
    outline = 1 - (x**2) ** 1.1 - np.clip(0.74 - down, 0, 1) * 3.2
    breast = np.exp(-((x / 0.55) ** 4))
    plumage = (0.12 + 0.34 * breast) + 0.42 * feathers(across, down, 0.060, rng)
    canvas = paint(canvas, soft(outline, 0.03), plumage * (1 - 0.35 * np.abs(x)))
    rows = down / 0.060
    along = (across - CENTRE) / 0.069 + 0.5 * (np.floor(rows) % 2)
    beside, y = along - np.floor(along) - 0.5, rows - np.floor(rows)
    drop = 0.20 * np.sqrt(np.clip(y, 0, 1)) * (y < 0.9) - np.abs(beside)
    marks = soft(drop, 0.06) * (y > 0.15) * (np.abs(x) < 0.62) * (down > 0.72)
    return paint(canvas, 0.75 * marks, 0.10)


def head(canvas: Plane, across: Plane, down: Plane, rng: np.random.Generator) -> Plane:
    """Paint a broad head with two tufts."""
    x = (across - CENTRE) / 0.415
    y = (down - 0.40) / 0.315
    outline = 1 - np.abs(x) ** 2.5 - np.abs(y) ** 2.5
    for side in (-1, 1):
        # A tuft is the area between two parabolas that meet at its tip.
        along = np.clip((0.285 - down) / 0.235, 0, 1)
        middle = CENTRE + side * (0.225 + 0.105 * along)
        tuft = 0.092 * (1 - along) ** 0.8 - np.abs(across - middle)
        tuft = np.where((down > 0.05) & (down < 0.33), tuft, -1)
        canvas = paint(canvas, soft(tuft, 0.006), 0.20 + 0.26 * feathers(across, down, 0.03, rng))
    fur = 0.24 + 0.30 * feathers(across, down, 0.028, rng) - 0.12 * np.exp(-((x / 0.12) ** 2)) * (y < 0)
    return paint(canvas, soft(outline, 0.02), fur * (1 - 0.3 * x**2))


def face(canvas: Plane, across: Plane, down: Plane, rng: np.random.Generator) -> Plane:
    """Paint two discs of fine radial feathers with dark rims round the eyes, and pale brows above them."""
    for side in (-1, 1):
        x = CENTRE + side * EYES_APART
        angle, distance = angle_and_distance(across, down, x, EYES_DOWN)
        inside = soft(DISC - distance, 0.012)
        rays = 0.5 + 0.5 * np.sin(74 * angle + 5 * smooth_noise(rng, 9, 14))
        disc = 0.62 + 0.16 * rays - 0.30 * (distance / DISC) ** 3 + 0.06 * smooth_noise(rng, 70, 100)
        canvas = paint(canvas, inside, disc)
        canvas = paint(canvas, 0.85 * np.exp(-(((distance - DISC) / 0.013) ** 2)), 0.05)
    for side in (-1, 1):
        away = side * (across - CENTRE)
        brow = 0.024 * (1 - (away / 0.40) ** 2) - np.abs(down - (0.335 - 0.62 * (away - 0.03)))
        brow = np.where((away > -0.004) & (away < 0.36), brow, -1)
        canvas = paint(canvas, soft(brow, 0.008), 0.86 + 0.08 * smooth_noise(rng, 60, 90))
    return canvas


def eyes(canvas: Plane, across: Plane, down: Plane) -> Plane:
    """Paint bright irises with fine spokes, black pupils, and the sky's reflection."""
    for side in (-1, 1):
        x = CENTRE + side * EYES_APART
        angle, distance = angle_and_distance(across, down, x, EYES_DOWN + 0.012)
        canvas = paint(canvas, soft(IRIS + 0.016 - distance, 0.004), 0.03)
        spokes = 0.05 * np.sin(46 * angle) * np.sin(17 * angle + 1)
        iris = 0.97 - 0.22 * ((distance - PUPIL) / (IRIS - PUPIL)) ** 2 + spokes
        canvas = paint(canvas, soft(IRIS - distance, 0.004), iris)
        canvas = paint(canvas, soft(PUPIL - distance, 0.004), 0.01)
        canvas = paint(
            canvas, soft(0.017 - np.hypot(across - x + 0.026, down - EYES_DOWN + 0.014), 0.004), 1.0
        )
        # The upper lid covers the top of the eye.
        lid = (EYES_DOWN - 0.085 + 0.10 * side * (across - x)) - down
        canvas = paint(canvas, soft(lid, 0.008) * soft(IRIS + 0.02 - distance, 0.006), 0.12)
    return canvas


def beak(canvas: Plane, across: Plane, down: Plane) -> Plane:
    """Paint a curved beak, lit from the left."""
    y = (down - 0.43) / 0.185
    width = 0.047 * np.sqrt(np.clip(1 - y, 0, 1)) * np.clip(4 * y + 0.3, 0, 1)
    inside = soft(width - np.abs(across - CENTRE), 0.005) * (y > 0) * (y < 1)
    round_ = np.clip((across - CENTRE) / 0.047, -1, 1)
    return paint(canvas, inside, 0.30 - 0.24 * round_ + 0.35 * np.exp(-(((round_ + 0.35) / 0.18) ** 2)))


def draw() -> Image.Image:
    """Draw the picture in 8-bit grey."""
    rng = np.random.default_rng(1758)
    across, down = coordinates()
    canvas = background(across, down, rng)
    canvas = body(canvas, across, down, rng)
    canvas = head(canvas, across, down, rng)
    canvas = face(canvas, across, down, rng)
    return finished(beak(eyes(canvas, across, down), across, down))


if __name__ == "__main__":
    save_as(__doc__, draw, "owl.png")
