"""Brightness of Pillow images: luma, alpha where that carries the drawing, and the camera's orientation."""

from collections.abc import Callable, Iterator

import numpy as np
from PIL import ExifTags, Image

_TILE = 2048
"""Side of the parts that are converted one after the other, so that no second copy of an image is made."""
_OPAQUE = 255
_ONE_SHADE = 32
_DARK = 128
"""Levels of 255: pixels within the first are of one shade, and dark below the second."""
_VARIED = 8
"""Levels of alpha between its least and greatest value that can carry a drawing."""
_EIGHT_BITS = np.dtype(np.uint8)
_DEEP = {"I": np.dtype(np.int32), "F": np.dtype(np.float32)}
_TURNED: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: np.fliplr,
    3: lambda array: np.rot90(array, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda array: np.rot90(array, -1),
    7: lambda array: np.rot90(array, 2).T,
    8: np.rot90,
}


def image_samples(image: Image.Image) -> tuple[np.ndarray, bool]:
    """Convert an image to brightness, in the precision in which it is stored.

    Colours become luma (ITU-R 601) and transparency black. Where all visible pixels are of one dark shade,
    such as black ink on transparent paper, the drawing is in alpha, and alpha is taken. An orientation tag is
    applied.

    Args:
        image: of any mode; it must have pixels.

    Returns:
        ``(height, width)`` uint8; uint16, int32 or float32 for images of these. And whether it is alpha.
    """
    # Before the tag is read: loading a TIFF applies it.
    image.load()
    turn = _TURNED.get(image.getexif().get(ExifTags.Base.Orientation, 1), np.asarray)
    if image.mode.startswith(("I", "F")):
        # Pillow's own conversion to 8 bits would clip it.
        return turn(_converted(image, np.asarray, _DEEP.get(image.mode, np.dtype(np.uint16)))), False
    if not _has_alpha(image):
        return turn(_converted(image, _luma, _EIGHT_BITS)), False
    if _is_in_alpha(image):
        return turn(_converted(image, _alpha, _EIGHT_BITS)), True
    return turn(_converted(image, _luma_over_black, _EIGHT_BITS)), False


def _converted(
    image: Image.Image, convert: Callable[[Image.Image], np.ndarray], dtype: np.dtype
) -> np.ndarray:
    samples = np.empty((image.height, image.width), dtype=dtype)
    for (left, top, right, bottom), tile in _tiles(image):
        samples[top:bottom, left:right] = convert(tile)
    return samples


def _tiles(image: Image.Image) -> Iterator[tuple[tuple[int, int, int, int], Image.Image]]:
    for top in range(0, image.height, _TILE):
        for left in range(0, image.width, _TILE):
            box = (left, top, min(left + _TILE, image.width), min(top + _TILE, image.height))
            yield box, image if box == (0, 0, *image.size) else image.crop(box)


def _luma(tile: Image.Image) -> np.ndarray:
    return np.asarray((tile.convert("RGB") if tile.mode == "CMYK" else tile).convert("L"))


def _luma_over_black(tile: Image.Image) -> np.ndarray:
    return _luma(Image.alpha_composite(Image.new("RGBA", tile.size, (0, 0, 0, _OPAQUE)), _rgba(tile)))


def _alpha(tile: Image.Image) -> np.ndarray:
    return np.asarray(_rgba(tile).getchannel("A"))


def _rgba(tile: Image.Image) -> Image.Image:
    return (tile.convert("LA") if tile.mode == "La" else tile).convert("RGBA")


def _has_alpha(image: Image.Image) -> bool:
    return bool({"A", "a"} & set(image.getbands())) or "transparency" in image.info


def _is_in_alpha(image: Image.Image) -> bool:
    """Tell whether alpha varies, and all visible pixels are of one dark shade."""
    shades = np.zeros((256, 256), dtype=np.int64)
    for _, tile in _tiles(image):
        rgba = _rgba(tile)
        pairs = np.asarray(rgba.getchannel("A")).astype(np.uint16) << 8 | np.asarray(rgba.convert("L"))
        shades += np.bincount(pairs.ravel(), minlength=1 << 16).reshape(256, 256)
    alphas = np.flatnonzero(shades.sum(axis=1))
    if np.ptp(alphas) < _VARIED:
        return False
    # Colours of pixels that are hardly seen are what the program left there.
    visible = shades[alphas.max() // 2 + 1 :].sum(axis=0).cumsum()
    darkest, brightest = np.searchsorted(visible, visible[-1] * np.array([0.01, 0.99]))
    return bool(brightest < _DARK and brightest - darkest <= _ONE_SHADE)
