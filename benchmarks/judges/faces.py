"""Faces, as OpenCV's cascades find them."""

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np

from .boxes import Box, agreed, tries_at

_CASCADES = ("default", "alt", "alt2", "alt_tree")
_BLURS = (0.0, 1.5, 3.0)
"""Standard deviations in points: eyes blur the grain of a spectrogram too."""
_HEIGHT = 800
_LEAST_SIDE = 80
_FINE_STEPS, _NEIGHBOURS = 1.05, 2
_LEAST_TRIES = 9
"""Tries that have to agree on a face in the picture itself: 3 find one in a lighthouse, 8 in a QR code."""


def prepare(picture: np.ndarray) -> Callable[[np.ndarray], float] | None:
    """Return the judge of a picture; None where it has no face."""
    found = agreed(tries(picture))
    if found is None or found[1] < _LEAST_TRIES:
        return None
    box = found[0]
    return lambda view: float(tries_at(box, tries(view)))


def tries(picture: np.ndarray) -> list[list[Box]]:
    """Return the faces that each try finds in a picture ``(height, width)`` in [0, 1], at 800 rows."""
    width = round(_HEIGHT * picture.shape[1] / picture.shape[0])
    grey = cv2.resize(
        (255 * picture).round().astype(np.uint8), (width, _HEIGHT), interpolation=cv2.INTER_AREA
    )
    found = []
    for blur in _BLURS:
        seen = cv2.equalizeHist(cv2.GaussianBlur(grey, (0, 0), blur) if blur else grey)
        for cascade in _cascades():
            boxes = cascade.detectMultiScale(
                seen, _FINE_STEPS, _NEIGHBOURS, minSize=(_LEAST_SIDE, _LEAST_SIDE)
            )
            found.append([(float(x), float(y), float(w), float(h)) for x, y, w, h in boxes])
    return found


@cache
def _cascades() -> list[cv2.CascadeClassifier]:
    return [
        cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_frontalface_{name}.xml")
        for name in _CASCADES
    ]
