"""Reading of pictures from files, Pillow images and arrays as brightness."""

import os
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from ..errors import PictureError

PictureSource = str | os.PathLike[str] | Image.Image | np.ndarray | Tensor


def load_picture(source: PictureSource) -> np.ndarray:
    """Read a picture as brightness.

    Colours are converted to luma (ITU-R 601), transparency to black, and a camera's orientation tag is
    applied. The scale is arbitrary: the encoder stretches the range of brightness.

    Args:
        source: path of a picture in any format Pillow reads, a Pillow image, or a finite
            2-D array of brightness; row 0 is the top.

    Returns:
        float32 brightness ``(height, width)``; within [0, 1], except for floating-point arrays and
            images of another scale.

    Raises:
        PictureError: the file is missing, damaged, no picture or too large, or the array is not 2-D and
            finite.
    """
    if isinstance(source, Image.Image):
        return _brightness(source, "the picture")
    if isinstance(source, np.ndarray | Tensor):
        return _from_array(np.asarray(source.detach().cpu() if isinstance(source, Tensor) else source))
    try:
        path = Path(source)
    except TypeError:
        raise PictureError(
            f"expected a picture as path, Pillow image or 2-D array, got {type(source).__name__}"
        ) from None
    if not path.is_file():
        raise PictureError(f"no picture file at '{path}': expected a PNG, JPEG or other format Pillow reads")
    return _from_file(path)


def _from_file(path: Path) -> np.ndarray:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=_formats()) as image:
                return _brightness(image, f"'{path}'")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(f"'{path}' is too large a picture ({error}): scale it down first") from error
    except UnidentifiedImageError as error:
        raise PictureError(
            f"'{path}' is not a picture: expected a PNG, JPEG or other format Pillow reads"
        ) from error
    except PictureError:
        raise
    # Pillow's decoders raise errors of many types for damaged files.
    except Exception as error:
        raise PictureError(f"'{path}' is a damaged picture ({error}): export it again") from error


def _formats() -> list[str]:
    """Return all formats that Pillow reads except PostScript, which Pillow would execute with Ghostscript."""
    Image.init()
    return [name for name in Image.OPEN if name != "EPS"]


def _brightness(image: Image.Image, label: str) -> np.ndarray:
    image = ImageOps.exif_transpose(image)
    if 0 in image.size:
        raise PictureError(f"{label} has no pixels: got a size of {image.size}")
    if image.mode.startswith(("I", "F")):
        # 16-bit, 32-bit and floating-point grey: Pillow's own conversion to 8 bits would clip it.
        return _from_array(np.asarray(image))
    if "A" in image.getbands() or "transparency" in image.info:
        image = Image.alpha_composite(Image.new("RGBA", image.size, (0, 0, 0, 255)), image.convert("RGBA"))
    if image.mode == "CMYK":
        image = image.convert("RGB")
    return np.asarray(image.convert("L"), dtype=np.float32) / 255.0


def _from_array(array: np.ndarray) -> np.ndarray:
    if array.ndim != 2 or array.size == 0 or array.dtype.kind not in "buif":
        raise PictureError(
            "expected a 2-D array of brightness (height, width), "
            f"got {array.dtype} of shape {array.shape}; average colour channels first"
        )
    with np.errstate(over="ignore"):
        brightness = array.astype(np.float32)
    if not np.isfinite(brightness).all():
        raise PictureError("expected finite brightness, got NaN, infinity or more than 1e38 in the picture")
    if array.dtype.kind in "ui":
        brightness /= np.float32(np.iinfo(array.dtype).max)
    return brightness
