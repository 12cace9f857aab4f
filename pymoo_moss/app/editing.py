"""What is done to a picture before it is hidden: cropped, made brighter or darker, and painted over."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from ..errors import OptionError, PictureError
from ..objectives import find_preset
from ..release.hiding import PRESET
from ..spectrogram import Picture
from ..spectrogram.drawing import draw

BRUSH = "#f0781e"
"""Colour of the places that are painted, where the song stays."""
MOST_CUT = 90.0
"""Largest share of a picture's width or height, in per cent, that is cut off at one edge."""
_LEAST_LEFT = 5.0
"""Share, in per cent, that is left whatever is cut off."""
_SIDE = 320
"""Longest side of the preview in pixels."""


@dataclass(frozen=True)
class Edits:
    """What the sliders say.

    Attributes:
        left: per cent of the width that are cut off at the left.
        right: likewise at the right.
        top: per cent of the height that are cut off at the top.
        bottom: likewise at the bottom.
        brightness: 0 for the usual one; one more halves the exponent (gamma), one less doubles it.
        contrast: 0 leaves it; one more doubles the distances from the middle grey, as far as black and white.
    """

    left: float = 0.0
    right: float = 0.0
    top: float = 0.0
    bottom: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0

    @property
    def gamma(self) -> float:
        """Exponent of the picture's brightness."""
        usual = float(find_preset(PRESET).encoder_options["gamma"])
        return float(usual * 2.0**-self.brightness)

    @property
    def change_pixels(self) -> bool:
        """Whether the picture itself is changed; its brightness is a matter of how it is drawn."""
        return replace(self, brightness=0.0) != Edits()

    def cropped(self, pixels: np.ndarray) -> np.ndarray:
        """Cut the edges of pixels ``(height, width)`` off; some are left in any case."""
        height, width = pixels.shape
        return pixels[_left(height, self.top, self.bottom), _left(width, self.left, self.right)]

    def applied(self, picture: Picture) -> Picture:
        """Return what is left of a picture with its contrast, from black at 0 to white at 1.

        Raises:
            PictureError: it is of one shade.
        """
        grey = self.cropped(picture.samples).astype(np.float32)
        low, high = float(grey.min()), float(grey.max())
        if low == high:
            raise PictureError("expected bright and dark parts in what is left of the picture: cut less off")
        grey = (grey - low) / (high - low)
        grey = np.clip((grey - 0.5) * 2.0**self.contrast + 0.5, 0.0, 1.0)
        return replace(picture, samples=grey, white=1.0)


def _left(size: int, first: float, last: float) -> slice:
    """Return the pixels between edges that are cut off, in per cent."""
    begin = min(int(size * first / 100), size - 1)
    end = round(size * max(100 - last, first + _LEAST_LEFT) / 100)
    return slice(begin, max(end, begin + 1))


@dataclass
class Editing:
    """The picture that a session edits. Another upload changes it at once.

    Attributes:
        picture: as small as its preview; None without one.
        inverts: whether dark and bright are swapped where that is left to the picture.
        painted: see `painted_share`.
    """

    picture: Picture | None = None
    inverts: bool = False
    painted: np.ndarray | None = None


def drawn_preview(
    picture: Picture, edits: Edits, *, invert: bool, painted: np.ndarray | None = None
) -> Image.Image:
    """Draw a picture as it will be in the spectrogram, in greys and in its own shape.

    Args:
        picture: before it is edited.
        edits: of the picture.
        invert: swap dark and bright.
        painted: see `painted_share`; such places have the brush's colour.

    Raises:
        PictureError: what is left of it is of one shade.
    """
    edited = edits.applied(picture)
    height, width = edited.samples.shape
    scale = _SIDE / max(height, width)
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    positions = (torch.arange(rows, dtype=torch.float64) + 0.5) / rows
    drawn = draw(edited, positions, columns, flip=False, invert=invert, sampling="average")
    image = Image.fromarray(_grey(drawn.pow_(edits.gamma).numpy())).convert("RGB")
    if painted is not None:
        cover = Image.fromarray(_grey(edits.cropped(painted)))
        image.paste(BRUSH, mask=cover.resize(image.size, Image.Resampling.BOX))
    return image


def painted_share(editor: Any) -> np.ndarray | None:
    """Return how much of each pixel is painted, ``(height, width)`` in [0, 1]; None where nothing is.

    Args:
        editor: value of Gradio's editor, with Pillow images.
    """
    layers = [] if editor is None else [layer for layer in editor["layers"] if layer is not None]
    if not layers:
        return None
    alphas = [np.asarray(layer.convert("RGBA").getchannel("A"), dtype=np.float32) / 255 for layer in layers]
    painted: np.ndarray = np.maximum.reduce(alphas)
    return painted if painted.any() else None


def layer_mask(painted: np.ndarray | None, edits: Edits) -> np.ndarray | None:
    """Return where the picture may be, from what is painted; None for everywhere.

    Raises:
        OptionError: nothing but paint is left of the picture.
    """
    if painted is None:
        return None
    mask: np.ndarray = 1.0 - edits.cropped(painted)
    if np.ptp(mask) > 0:
        return mask
    if mask.flat[0] == 1:  # what is painted is cut off
        return None
    raise OptionError("expected a part of the picture without paint: erase some of it")


def save_edited(picture: Picture, edits: Edits, path: Path) -> None:
    """Write what `Edits.applied` returns as a PNG file; its errors are those of that."""
    Image.fromarray(_grey(edits.applied(picture).samples)).save(path, format="PNG")


def _grey(share: np.ndarray) -> np.ndarray:
    levels: np.ndarray = (255 * share).round().astype(np.uint8)
    return levels
