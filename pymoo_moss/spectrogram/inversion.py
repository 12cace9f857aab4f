"""Whether dark and bright are swapped, so that a drawing's lines sound and its paper is silent."""

import warnings

import numpy as np
from scipy import ndimage

from .._invert import Invert
from ..errors import OptionError
from .contrast import block_averages
from .picture import Picture

_MOST_SAMPLES = 1 << 22
_SMALLEST_SIDE = 256
"""Pictures are averaged to about the first, and repeated to the second, before shares are measured."""
_PALEST_PAPER = 160 / 255
_LEAST_PAPER = 0.5
_LEAST_RANGE = 48 / 255
_PAPER = 0.2
_INK = 0.65
"""Depths below the paper, as shares of the range from paper to the darkest: paper ends, and ink begins."""
_MOST_SHADES = 0.1
_DUST = 1e-3
"""Share of the pixels that may be darker than what counts as the darkest."""


def chosen_inversion(invert: Invert, picture: Picture) -> bool:
    """Return whether dark and bright are swapped, and warn where that was decided here.

    Raises:
        OptionError: ``invert`` is neither a bool nor ``"auto"``.
    """
    if isinstance(invert, bool | np.bool_):
        return bool(invert)
    if invert != "auto":
        raise OptionError(f"expected invert as True, False or 'auto', got {invert!r}")
    # Alpha is bright where the ink is.
    if picture.is_alpha or not is_drawing_on_white(picture.samples):
        return False
    warnings.warn(
        f"{picture.label} is mostly white: dark and bright are swapped, so that the lines are what sounds; "
        "pass invert=False (--invert no) to keep them",
        stacklevel=2,
    )
    return True


def is_drawing_on_white(samples: np.ndarray) -> bool:
    """Tell whether a picture is a drawing, text or a code on light paper, and no photograph.

    At least half of it must be paper, which is the commonest grey, light, and smooth. Of the rest, hardly
    anything may be a shade between paper and ink, except within a short way of the paper: there the edges of
    strokes and thin strokes are, while the shades of a photograph fill areas.

    Args:
        samples: ``(height, width)`` in any scale; arrays of numbers that are not unsigned integers are taken
            to reach from black to white.
    """
    grey = _grey(samples)
    counts = np.bincount((grey * 255).astype(np.uint8).ravel(), minlength=256)
    paper = float(np.convolve(counts, np.ones(9), mode="same").argmax()) / 255
    darkest = float(np.searchsorted(counts.cumsum(), _DUST * grey.size)) / 255
    depth = paper - darkest
    if paper < _PALEST_PAPER or depth < _LEAST_RANGE:
        return False
    is_paper = grey >= paper - _PAPER * depth
    smooth = ndimage.minimum_filter(is_paper, size=3)
    if smooth.mean() < _LEAST_PAPER * is_paper.mean() or is_paper.mean() < _LEAST_PAPER:
        return False
    away = max(5, min(grey.shape) // 80)
    near_paper = ndimage.maximum_filter(smooth, size=2 * away + 1)
    shades = ~is_paper & (grey > paper - _INK * depth) & ~near_paper
    return bool(shades.sum() <= _MOST_SHADES * (~is_paper).sum())


def _grey(samples: np.ndarray) -> np.ndarray:
    """Return float32 greys in [0, 1], at a size at which strokes can be told from areas."""
    block = max(1, int(np.sqrt(samples.size / _MOST_SAMPLES)))
    grey = block_averages(samples, *(min(block, size) for size in samples.shape))
    if samples.dtype.kind == "u":
        grey /= np.iinfo(samples.dtype).max
    else:
        grey = (grey - grey.min()) / (np.ptp(grey) or 1.0)
    times = -(-_SMALLEST_SIDE // min(grey.shape))
    return grey.repeat(times, axis=0).repeat(times, axis=1) if grey.size * times**2 <= _MOST_SAMPLES else grey
