"""Brightness of Pillow images: luma, dark ink on transparent paper, and the camera's orientation."""

from collections.abc import Callable, Iterator

import numpy as np
from PIL import ExifTags, Image

_TILE = 2048
"""Side of the parts that are converted one after the other, so that no second copy of an image is made."""
_OPAQUE = 255
_ONE_SHADE = 32
_DARK = 128
"""Levels of 255: pixels within the first are of one shade, and dark below the second."""
_BLACK, _WHITE = 48, 208
"""Levels of 255: ink below the first would be lost on black paper, and from the second on white paper."""
_LEAST_BLACK = 0.05
"""Share of black in ink of several shades."""
_MOST_SHADES, _COUNTED = 16, 0.9
"""Levels of 255 that flat ink takes, and the share of its pixels that must have these."""
_LEAST_PAPER, _MOST_SOFT = 0.2, 0.2
"""Shares of the pixels that are transparent beside flat ink, and neither that nor opaque."""
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

    Colours become luma (ITU-R 601) and transparency black. Dark ink on transparent paper would be lost there:
    it is laid over white, and dark and bright are swapped. An orientation tag is applied.

    Args:
        image: of any mode; it must have pixels.

    Returns:
        ``(height, width)`` uint8; uint16, int32 or float32 for images of these. And whether it is dark ink.
    """
    # Before the tag is read: loading a TIFF applies it.
    image.load()
    turn = _TURNED.get(image.getexif().get(ExifTags.Base.Orientation, 1), np.asarray)
    if image.mode.startswith(("I", "F")):
        # Pillow's own conversion to 8 bits would clip it.
        samples = _converted(image, np.asarray, _DEEP.get(image.mode, np.dtype(np.uint16)))
        transparent = image.info.get("transparency")
        is_ink = (
            isinstance(transparent, int) and samples.dtype == np.uint16 and _lay_deep(samples, transparent)
        )
        return turn(samples), is_ink
    if not _has_alpha(image):
        samples = _converted(image, _luma, _EIGHT_BITS)
        # Ones are black there, and white to Pillow.
        return turn(_OPAQUE - samples if image.format == "XBM" else samples), False
    if _is_dark_drawing(image):
        return turn(_converted(image, _darkness_on_white, _EIGHT_BITS)), True
    return turn(_converted(image, _luma_on_black, _EIGHT_BITS)), False


def _lay_deep(samples: np.ndarray, transparent: int) -> bool:
    """Lay 16-bit greys, of which one is transparent, over paper in place; tell whether they are dark ink."""
    is_paper = samples == transparent
    is_ink = bool(is_paper.any()) and _is_dark_shade(np.bincount(samples[~is_paper] >> 8, minlength=256))
    if is_ink:
        np.invert(samples, out=samples)
    samples[is_paper] = 0
    return is_ink


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


def _luma_on_black(tile: Image.Image) -> np.ndarray:
    return _luma_on(0, tile)


def _darkness_on_white(tile: Image.Image) -> np.ndarray:
    return _OPAQUE - _luma_on(_OPAQUE, tile)


def _luma_on(grey: int, tile: Image.Image) -> np.ndarray:
    paper = Image.new("RGBA", tile.size, (grey, grey, grey, _OPAQUE))
    return _luma(Image.alpha_composite(paper, _rgba(tile)))


def _rgba(tile: Image.Image) -> Image.Image:
    return (tile.convert("LA") if tile.mode == "La" else tile).convert("RGBA")


def _has_alpha(image: Image.Image) -> bool:
    return bool({"A", "a"} & set(image.getbands())) or "transparency" in image.info


def _is_dark_drawing(image: Image.Image) -> bool:
    """Tell whether alpha varies, and what is visible is dark ink."""
    shades = np.zeros((256, 256), dtype=np.int64)
    for _, tile in _tiles(image):
        rgba = _rgba(tile)
        pairs = np.asarray(rgba.getchannel("A")).astype(np.uint16) << 8 | np.asarray(rgba.convert("L"))
        shades += np.bincount(pairs.ravel(), minlength=1 << 16).reshape(256, 256)
    alphas = shades.sum(axis=1)
    present = np.flatnonzero(alphas)
    if np.ptp(present) < _VARIED:
        return False
    # Colours of pixels that are hardly seen are what the program left there.
    counts = shades[present.max() // 2 + 1 :].sum(axis=0)
    most = present.max() // 8
    paper, ink = alphas[: most + 1].sum(), alphas[present.max() - most :].sum()
    is_sharp = alphas.sum() - paper - ink <= _MOST_SOFT * alphas.sum()
    return _is_dark_shade(counts) or (
        is_sharp and paper >= _LEAST_PAPER * alphas.sum() and _is_flat_with_black(counts)
    )


def _is_dark_shade(counts: np.ndarray) -> bool:
    """Tell from counts of visible pixels at 256 levels whether they are of one dark shade."""
    cumulated = counts.cumsum()
    darkest, brightest = np.searchsorted(cumulated, cumulated[-1] * np.array([0.01, 0.99]))
    return bool(brightest < _DARK and brightest - darkest <= _ONE_SHADE)


def _is_flat_with_black(counts: np.ndarray) -> bool:
    """Tell whether visible pixels are of a few flat shades, with black and not more white among them."""
    black, white, total = counts[:_BLACK].sum(), counts[_WHITE:].sum(), counts.sum()
    if black < max(_LEAST_BLACK * total, white):
        return False
    # The shades of a photograph are many, in its shadows or beside them.
    parts = counts[:_BLACK], counts[_BLACK:]
    return all(np.sort(part)[-_MOST_SHADES:].sum() >= _COUNTED * part.sum() for part in parts)
