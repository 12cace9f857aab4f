"""Whether a picture shows anything, or is a blank page."""

import numpy as np

_LEAST_RANGE = 8 / 255
"""Range of grey, as a share of white, below which a picture is blank."""
_CLEAR = 32 / 255
"""Distance from the commonest grey, as a share of white, at which a single pixel is clearly seen."""
_LARGEST_BLOCK, _LEAST_BLOCKS = 8, 32
"""Side of the blocks whose averages are compared, as those of a JPEG, because noise averages out in them; and
how many there are at least along a side."""
_FEW_LEVELS = 16
_ABOUT_EQUAL = 1e-6
_SAMPLED = 1000
_STRIP = 1 << 22
"""Samples that are converted to floating point at a time."""


def is_constant(samples: np.ndarray) -> bool:
    """Tell whether all samples are the same, up to rounding to float32."""
    least, greatest = float(samples.min()), float(samples.max())
    return greatest - least <= _ABOUT_EQUAL * max(abs(least), abs(greatest))


def is_blank(samples: np.ndarray) -> bool:
    """Tell whether an image is of one grey or nearly so: a page, with the noise of its scan or compression.

    It is not if a pixel is clearly seen, or if the averages of blocks of at most 8 x 8 pixels have a range of
    8 of 255 levels. Deeper images may use a small part of their range: 16-bit ones are measured by their own
    brightest sample, unless they have hardly any levels, and others are blank where they are constant.

    Args:
        samples: ``(height, width)``; uint8 or uint16 from 0 to white, or of another type in any scale.
    """
    if samples.dtype not in (np.uint8, np.uint16) or is_constant(samples):
        return is_constant(samples)
    white = float(np.iinfo(samples.dtype).max)
    least, greatest = float(samples.min()), float(samples.max())
    some = samples[:: samples.shape[0] // _SAMPLED + 1, :: samples.shape[1] // _SAMPLED + 1]
    if samples.dtype == np.uint16:
        levels = len(np.unique(some))
        white = white if levels <= _FEW_LEVELS else greatest
    commonest = float(np.median(some))
    if max(greatest - commonest, commonest - least) >= _CLEAR * white:
        return False
    side = min(_LARGEST_BLOCK, max(1, min(samples.shape) // _LEAST_BLOCKS))
    averages = block_averages(samples, side, side)
    return bool(np.ptp(averages) < _LEAST_RANGE * white)


def block_averages(samples: np.ndarray, height: int, width: int) -> np.ndarray:
    """Average blocks of ``height`` x ``width`` samples, in float32; incomplete blocks are left out."""
    rows, columns = samples.shape[0] // height, samples.shape[1] // width
    averages = np.zeros((rows, columns), dtype=np.float32)
    step = max(1, _STRIP // (columns * height * width))
    for first in range(0, rows, step):
        strip = samples[first * height : min(first + step, rows) * height, : columns * width]
        for row in range(height):
            for column in range(width):
                averages[first : first + step] += strip[row::height, column::width]
    averages /= height * width
    return averages
