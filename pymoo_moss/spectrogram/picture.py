"""Reading of pictures from files, streams, Pillow images and arrays as brightness."""

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from PIL import Image, MpoImagePlugin, PsdImagePlugin, TiffImagePlugin
from torch import Tensor

from ..errors import PictureError
from .brightness import image_samples
from .contrast import is_blank, is_constant
from .fax import lacks_rows
from .libtiff import silent_libtiff
from .open_file import can_be_sought_in, content_of, is_open_for_bytes, window_of
from .picture_file import (
    MOST_PIXELS,
    check_size,
    named_errors,
    opened_picture,
    prepare_large,
)
from .tensors import tensor_as_array

PictureSource = str | os.PathLike[str] | bytes | BinaryIO | Image.Image | np.ndarray | Tensor

_MOST_FRAMES = 100
"""Frames of an animation in which something is looked for; and no more than `MOST_PIXELS` pixels in all."""
_ONE_PICTURE = (PsdImagePlugin.PsdImageFile, MpoImagePlugin.MpoImageFile)
"""Files of which only the first frame is the picture: what follows are the layers of a Photoshop document, or
thumbnails and depth maps of a phone's picture."""


@dataclass(frozen=True)
class Picture:
    """Brightness of a picture in the precision in which it came.

    Attributes:
        samples: ``(height, width)`` real numbers, row 0 the top.
        white: what samples are divided by for brightness in [0, 1]; 1 where their scale is arbitrary.
        label: what messages call the picture.
        is_ink: whether samples are the darkness of ink on transparent paper.
    """

    samples: np.ndarray
    white: float
    label: str = "the picture"
    is_ink: bool = False

    def brightness(self) -> np.ndarray:
        """Return float32 brightness ``(height, width)``."""
        brightness = np.ascontiguousarray(self.samples, dtype=np.float32)
        return brightness if self.white == 1 else brightness / np.float32(self.white)


def load_picture(source: PictureSource) -> np.ndarray:
    """Read a picture as float32 brightness ``(height, width)``; see `read_picture`."""
    return read_picture(source).brightness()


def read_picture(source: PictureSource) -> Picture:
    """Read a picture.

    Its format is told by its content, not by its name. Colours are converted to luma (ITU-R 601),
    transparency to black, and a camera's orientation tag is applied. Dark ink on transparent paper, of one
    shade or of a few flat ones, is made bright. Of an animation, or a file of several pages, the first frame
    that is not blank is taken, with a warning. The scale is arbitrary: the encoder
    stretches the range of brightness.

    Args:
        source: path of a picture; its bytes; a binary file, which is read from its beginning; a Pillow
            image, at its present frame; or a finite 2-D array of brightness, row 0 the top. Files are in any
            format that Pillow reads, or HEIF, of at most `MOST_PIXELS` pixels.

    Raises:
        PictureError: the file is missing, damaged, no picture or too large; the picture is of one shade or
            nearly so; or the array is constant, or not 2-D and finite.
    """
    if isinstance(source, Image.Image):
        with named_errors("the picture"):
            picture = _of_image(source, "the picture")
        if is_blank(picture.samples):
            raise _blank("the picture")
        return picture
    if isinstance(source, np.ndarray | Tensor):
        return _of_array(source)
    with _located(source) as (file, label), opened_picture(file, label) as image:
        return _of_frames(image, label)


def inspect_picture(path: str | os.PathLike[str]) -> tuple[int, int]:
    """Look at a picture's file without decoding it, and return its width and height in pixels.

    Raises:
        PictureError: the file is missing, no picture or too large, or its beginning is damaged.
    """
    with _located(path) as (file, label), opened_picture(file, label) as image:
        return image.size


@contextmanager
def _located(source: object) -> Iterator[tuple[Path | BinaryIO, str]]:
    """Give a path, or a stream whose position is restored, and what messages call it."""
    if isinstance(source, str | os.PathLike):
        path = Path(os.fsdecode(source))
        yield path, f"'{path}'"
    elif isinstance(source, bytes | bytearray | memoryview):
        yield io.BytesIO(source), "the picture"
    elif hasattr(source, "read"):
        with _reading(source, "the picture") as file:
            yield file, "the picture"
    else:
        raise _no_picture(source)


@contextmanager
def _reading(source: Any, label: str) -> Iterator[BinaryIO]:
    """Read an open file of any class from its beginning, and leave it at its place."""
    try:
        if not is_open_for_bytes(source):
            raise _no_picture(source)
        if not can_be_sought_in(source):
            yield io.BytesIO(content_of(source))
            return
        position = source.tell()
        window = window_of(source)
        try:
            yield cast(BinaryIO, io.BufferedReader(window))
        finally:
            window.check()
            source.seek(position)
    except OSError as error:
        raise PictureError(
            f"{label} cannot be read ({error.strerror or error}): make sure that it is open and complete"
        ) from error


def _no_picture(source: object) -> PictureError:
    return PictureError(
        "expected a picture as path, Pillow image or 2-D array, or as bytes or a file opened in binary mode, "
        f"got {type(source).__name__}"
    )


def _of_frames(image: Image.Image, label: str) -> Picture:
    """Read the first frame that is not blank."""
    count = 1 if isinstance(image, _ONE_PICTURE) else getattr(image, "n_frames", 1)
    first, pixels = image.tell(), 0
    for number in [first, *(number for number in range(count) if number != first)][:_MOST_FRAMES]:
        if number != image.tell():
            image.seek(number)
            check_size(image, label)
        pixels += image.width * image.height
        if pixels > MOST_PIXELS:
            break
        picture = _of_image(image, label)
        if not is_blank(picture.samples):
            if count > 1:
                warnings.warn(f"{label} holds {count} pictures: number {number + 1} is used", stacklevel=2)
            return picture
    raise _blank(label)


def _of_image(image: Image.Image, label: str) -> Picture:
    if 0 in image.size:
        raise PictureError(f"{label} has no pixels: got a size of {image.size}")
    if isinstance(image, TiffImagePlugin.TiffImageFile) and lacks_rows(image):
        raise PictureError(f"{label} is a damaged picture (rows are missing): export it again")
    prepare_large(image)
    with silent_libtiff():
        samples, is_ink = image_samples(image)
    if samples.dtype.kind == "f" and not np.isfinite(samples).all():
        raise _not_finite(label)
    return Picture(samples, _white(samples.dtype), label, is_ink)


def _of_array(source: np.ndarray | Tensor) -> Picture:
    try:
        array = np.asarray(tensor_as_array(source) if isinstance(source, Tensor) else source)
    except ValueError as error:
        raise PictureError(f"expected a 2-D array of brightness (height, width): {error}") from error
    if np.ma.is_masked(source):
        raise PictureError("expected brightness without masked parts: fill them, array.filled(0) for example")
    if array.ndim != 2 or array.size == 0 or array.dtype.kind not in "buif":
        raise PictureError(
            "expected a 2-D array of brightness (height, width), "
            f"got {array.dtype} of shape {array.shape}; average colour channels first"
        )
    with np.errstate(over="ignore"):
        samples = array.astype(np.float32 if array.dtype.kind in "bf" else array.dtype.newbyteorder("="))
    if samples.dtype.kind == "f" and not np.isfinite(samples).all():
        raise _not_finite("the picture")
    if is_constant(samples):
        raise _blank("the picture")
    return Picture(samples, _white(samples.dtype))


def _white(dtype: np.dtype) -> float:
    return float(np.iinfo(dtype).max) if dtype.kind in "ui" else 1.0


def _not_finite(label: str) -> PictureError:
    return PictureError(f"expected finite brightness, got NaN, infinity or more than 1e38 in {label}")


def _blank(label: str) -> PictureError:
    return PictureError(
        f"{label} is blank: expected bright and dark parts, got one shade or nearly so; choose another "
        "picture, or raise its contrast"
    )
