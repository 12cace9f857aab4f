"""Boxes around faces: how far they overlap, and where most tries agree."""

from collections.abc import Sequence

Box = tuple[float, float, float, float]
"""Left, top, width and height."""
SAME_FACE = 0.4
"""Share of their common area from which two boxes are around the same face."""


def overlap(one: Box, other: Box) -> float:
    """Compute the area that two boxes share, as a share of the area that they cover."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    common = max(width, 0.0) * max(height, 0.0)
    return common / (one[2] * one[3] + other[2] * other[3] - common)


def tries_at(box: Box, tries: Sequence[Sequence[Box]]) -> int:
    """Count the tries that found the face in a box."""
    return sum(any(overlap(box, found) > SAME_FACE for found in one) for one in tries)


def agreed(tries: Sequence[Sequence[Box]]) -> tuple[Box, int] | None:
    """Return the box on which most tries agree and their number; None where no two do."""
    boxes = [box for one in tries for box in one]
    if not boxes:
        return None
    best = max(boxes, key=lambda box: tries_at(box, tries))
    count = tries_at(best, tries)
    return (best, count) if count > 1 else None
