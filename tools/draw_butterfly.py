"""Draw an embedded picture: a butterfly with spread wings on a dark background.

Run ``python tools/draw_butterfly.py [OUT]``; the output is the same every time, to the byte.
"""

import numpy as np
from drawing import Plane, coordinates, finished, paint, save_as, smooth_noise, soft
from PIL import Image

CENTRE = 0.75
SHOULDER = 0.48
"""Height at which the wings join the body, as a share of the picture's."""
SIZE = 1.07

# Outline of a wing: degrees above the horizontal, and distance from the shoulder in heights of the picture.
FORE_WING = ((-14, 0.30), (-6, 0.43), (2, 0.475), (12, 0.50), (22, 0.56), (30, 0.635), (36, 0.66), (43, 0.60),
             (52, 0.44), (62, 0.29), (74, 0.12))  # fmt: skip
HIND_WING = ((-84, 0.16), (-76, 0.36), (-68, 0.46), (-58, 0.50), (-48, 0.515), (-38, 0.50), (-28, 0.47),
             (-16, 0.42), (-6, 0.33), (4, 0.20))  # fmt: skip


def ground(down: Plane, rng: np.random.Generator) -> Plane:
    """Draw a night sky with a faint glow from below."""
    return 0.03 + 0.07 * down**2 + 0.03 * (1 + smooth_noise(rng, 4, 6)) / 2


def wing(
    canvas: Plane, degrees: Plane, distance: Plane, outline: tuple[tuple[int, float], ...], light: float
) -> Plane:
    """Paint one pair of wings: pale cells between dark veins, and a dark border with two rows of spots.

    Args:
        canvas: the picture so far.
        degrees: direction from the shoulder, mirrored to the right.
        distance: distance from the shoulder.
        outline: angles and distances, as in `FORE_WING`.
        light: brightness of the cells.
    """
    angles, radii = np.array(outline).T
    # The outer edge has a scallop for each cell.
    veins = np.linspace(angles[1], angles[-2], 9)
    reach = np.interp(degrees, angles, radii, left=0, right=0)
    span = veins[1] - veins[0]
    phase = (degrees - veins[0]) / span
    reach = reach * (1 - 0.035 * np.abs(np.cos(np.pi * phase)) ** 6)
    share = distance / np.maximum(reach, 1e-6)
    canvas = paint(canvas, soft(reach - distance, 0.003), 0.10)
    # Veins have a constant width, so they span a larger angle near the body.
    off = np.abs(phase - np.round(phase)) * np.radians(span) * distance
    taper = 0.004 + 0.004 * share
    cells = soft(off - taper, 0.003) * soft(0.80 - share, 0.03) * soft(share - 0.13, 0.03)
    cross = np.abs(share - 0.46) * reach
    cells = cells * soft(cross - 0.0055, 0.003)
    shade = light * (1.0 - 0.38 * (share - 0.35) ** 2) - 0.14 * np.abs(np.sin(np.pi * phase)) ** 0.5 * (
        share > 0.46
    )
    canvas = paint(canvas, cells, shade)
    for row, size, shift in ((0.862, 0.0135, 0.5), (0.932, 0.0095, 0.25), (0.932, 0.0095, 0.75)):
        beside = (phase - shift - np.round(phase - shift)) * np.radians(span) * distance
        spot = size - np.hypot(beside, (share - row) * reach)
        canvas = paint(canvas, soft(spot, 0.003) * (share < 1), 1.0)
    return canvas


def body(canvas: Plane, aside: Plane, above: Plane) -> Plane:
    """Paint abdomen, thorax and head, and two antennae with clubs."""
    parts = ((-0.17, 0.17, 0.021, 0.42), (0.005, 0.075, 0.031, 0.50), (0.095, 0.03, 0.024, 0.60))
    for middle, long, wide, shade in parts:
        y = (above - middle) / long
        half = wide * np.sqrt(np.clip(1 - y**2, 0, 1))
        inside = soft(half - aside, 0.003) * (np.abs(y) < 1)
        rings = 0.75 + 0.25 * np.sin(46 * y) if long > 0.1 else 0.85
        canvas = paint(canvas, inside, shade * rings * (1 - 0.75 * (aside / wide) ** 2))
    along = np.clip((above - 0.11) / 0.21, 0, 1)
    feeler = 0.0036 - 0.8 * np.abs(aside - 0.012 - 0.15 * along**1.4)
    canvas = paint(canvas, soft(feeler, 0.003) * (above > 0.11) * (above < 0.32), 0.75)
    club = 0.011 - np.hypot(0.8 * (aside - 0.162), 0.6 * (above - 0.32))
    return paint(canvas, soft(club, 0.003), 0.9)


def draw() -> Image.Image:
    """Draw the picture in 8-bit grey."""
    rng = np.random.default_rng(1705)
    across, down = coordinates()
    aside, above = np.abs(across - CENTRE) / SIZE, (SHOULDER - down) / SIZE
    degrees, distance = np.degrees(np.arctan2(above, aside)), np.hypot(aside, above)
    canvas = ground(down, rng)
    canvas = wing(canvas, degrees, distance, HIND_WING, 0.70)
    canvas = wing(canvas, degrees, distance, FORE_WING, 0.92)
    canvas = canvas * (1 + 0.06 * smooth_noise(rng, 90, 130))
    return finished(body(canvas, aside, above))


if __name__ == "__main__":
    save_as(__doc__, draw, "butterfly.png")
