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
_LEAST_PAPER = 0.4
_LEAST_SMOOTH = 0.5
_LEAST_RANGE = 48 / 255
_PAPER = 0.2
"""Depth below the paper, as a share of the range from paper to the darkest, where paper ends."""
_LEAST_AWAY, _AWAY = 5, 80
"""Pixels from paper, and parts of the shorter side, beyond which a pixel is of an area, not of a stroke."""
_SMALL_OF_INK, _SMALL_OF_PAGE = 0.3, 0.03
"""Shares of all that is no paper, and of the page, that areas may take whatever their shades are."""
_WINDOW = 9
"""Side of the squares in which noise is averaged before shades are counted."""
_MOST_SHADES, _COUNTED = 16, 0.9
"""Levels of 255 that flat colours take, and the share of their pixels that must have these."""
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
    # Ink on transparent paper is bright already.
    if picture.is_ink or not is_drawing_on_white(picture.samples):
        return False
    warnings.warn(
        f"{picture.label} is mostly white: dark and bright are swapped, so that the lines are what sounds; "
        "--invert no (invert=False in Python) keeps them",
        stacklevel=2,
    )
    return True


def is_drawing_on_white(samples: np.ndarray) -> bool:
    """Tell whether a picture is a drawing, text or a code on light paper, and no photograph.

    Paper is the commonest grey; it must be light, smooth, and take two fifths of the picture. Strokes have
    paper close by. What has none is an area: areas must be small, or of a few flat greys, as those of letters
    in bold, charts and logos are, while the light on a photographed thing gives it many.

    Args:
        samples: ``(height, width)`` in any scale; arrays of numbers that are not unsigned integers are taken
            to reach from black to white.
    """
    grey, times = _grey(samples)
    counts = np.bincount((grey * 255).astype(np.uint8).ravel(), minlength=256)
    paper = float(np.convolve(counts, np.ones(9), mode="same").argmax()) / 255
    darkest = float(np.searchsorted(counts.cumsum(), _DUST * grey.size)) / 255
    depth = paper - darkest
    if paper < _PALEST_PAPER or depth < _LEAST_RANGE:
        return False
    is_paper = grey >= paper - _PAPER * depth
    smooth = ndimage.minimum_filter(is_paper, size=3)
    if is_paper.mean() < _LEAST_PAPER or smooth.mean() < _LEAST_SMOOTH * is_paper.mean():
        return False
    away = max(_LEAST_AWAY, min(grey.shape) // _AWAY, times)
    area = ~ndimage.maximum_filter(smooth, size=2 * away + 1)
    if area.sum() <= _SMALL_OF_INK * (~is_paper).sum() and area.mean() <= _SMALL_OF_PAGE:
        return True
    return _number_of_shades(grey, area) <= _MOST_SHADES


def _number_of_shades(grey: np.ndarray, area: np.ndarray) -> int:
    """Count the commonest of 256 levels that nearly all of an area has, without its noise."""
    weight = ndimage.uniform_filter(area.astype(np.float32), _WINDOW)[area]
    means = ndimage.uniform_filter(np.where(area, grey, 0), _WINDOW)[area] / weight
    counts = np.bincount((means * 255).round().astype(np.int64))
    covered = np.sort(counts)[::-1].cumsum()
    return int(np.searchsorted(covered, _COUNTED * covered[-1])) + 1


def _grey(samples: np.ndarray) -> tuple[np.ndarray, int]:
    """Return float32 greys in [0, 1], at a size at which strokes can be told from areas.

    And how many times each pixel is repeated for that.
    """
    block = max(1, int(np.sqrt(samples.size / _MOST_SAMPLES)))
    grey = block_averages(samples, *(min(block, size) for size in samples.shape))
    if samples.dtype.kind == "u":
        grey /= np.iinfo(samples.dtype).max
    else:
        grey = (grey - grey.min()) / (np.ptp(grey) or 1.0)
    times = -(-_SMALLEST_SIDE // min(grey.shape))
    if grey.size * times**2 > _MOST_SAMPLES:
        return grey, 1
    return grey.repeat(times, axis=0).repeat(times, axis=1), times
