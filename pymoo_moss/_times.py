"""Times as people type them."""

import math


def seconds_of(typed: str) -> float:
    """Return the seconds of ``90``, ``1:30``, ``1:30.5`` or ``1:00:00``; NaN for anything else."""
    parts = typed.split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return math.nan
    if len(parts) > 3 or not all(math.isfinite(one) and one >= 0 for one in numbers):
        return math.nan
    return sum(one * 60.0**place for place, one in enumerate(reversed(numbers)))
