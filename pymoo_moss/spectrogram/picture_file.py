"""Pictures in files and streams: opened by their content, and refused by name."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from PIL import Image, JpegImagePlugin, TiffImagePlugin

from ..errors import PictureError
from .file_kinds import HEAD, JPEG_XL, is_heif, kind_unknown_to_readers, kind_without_picture
from .jpeg_2000 import has_deep_colours
from .png_texts import PNG, without_long_texts

try:
    import pi_heif
except ImportError:  # it has no wheel for every system, and all other formats are read without it
    pi_heif = None

MOST_PIXELS = 400_000_000
"""Largest number of pixels of a picture that is read; decoding takes 2 to 8 bytes for each."""

_LARGE = 89_478_485
"""Pixels from which on Pillow warns of an image."""
_READABLE = "expected a PNG, JPEG or other picture"
NOT_READ = frozenset({"EPS", "WMF", "MPEG", "GRIB", "BUFR", "HDF5"})
"""Formats of Pillow that are none here: programs, which it would execute, and what it cannot decode."""
_DNG_VERSION, _NEW_SUBFILE_TYPE, _SUB_IFDS = 50706, 254, 330
"""Tags of TIFF."""
_REDUCED = 1
"""Value of `_NEW_SUBFILE_TYPE` for a smaller version of another image in the file."""


def heif_is_read() -> bool:
    """Tell whether pi-heif is installed."""
    return pi_heif is not None


@contextmanager
def named_errors(label: str) -> Iterator[None]:
    """Turn errors of decoders, which are of many types for damaged files, into one that names the picture."""
    try:
        yield
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(f"{label} is too large a picture ({error}): scale it down first") from error
    except MemoryError as error:
        raise PictureError(f"{label} takes more memory than there is: scale it down first") from error
    except Exception as error:
        # libheif's errors have several lines.
        reason = " ".join(str(error).split())
        raise PictureError(f"{label} is a damaged picture ({reason}): export it again") from error


@contextmanager
def opened_picture(source: Path | BinaryIO, label: str) -> Iterator[Image.Image]:
    """Open a picture by its content, without decoding it, and close it again.

    Args:
        source: path of a file, or a stream that can be sought in.
        label: what messages call the picture.

    Raises:
        PictureError: it is missing, too large, damaged or no picture; also for decoders' errors in the block.
    """
    with named_errors(label):
        if isinstance(source, Path):
            with _opened_file(source, label) as stream, _identified(stream, label) as image:
                yield image
        else:
            # Not closed, because it is the caller's.
            yield _identified(source, label)


def check_size(image: Image.Image, label: str) -> None:
    """Make sure that an image has pixels, and not more than are read.

    Raises:
        PictureError: it has not.
    """
    if 0 in image.size:
        raise PictureError(f"{label} has no pixels: got a size of {image.width} x {image.height}")
    pixels = image.width * image.height
    if pixels > MOST_PIXELS:
        raise PictureError(
            f"{label} is too large a picture: expected at most {MOST_PIXELS // 10**6} megapixels, got "
            f"{pixels / 1e6:.0f} ({image.width} x {image.height}); scale it down first"
        )


def prepare_large(image: Image.Image) -> None:
    """Prepare an image that Pillow would warn of or refuse for being decoded, and in little memory."""
    if image.width * image.height <= _LARGE:
        return
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        # Luma is stored: there is no need of colours, which take four times the memory.
        image.draft("L", None)
    elif isinstance(image, TiffImagePlugin.TiffImageFile) and image.format == "TIFF":
        # Pillow makes the memory itself otherwise, and applies its limit.
        size = getattr(image, "_tile_size", image.size)
        if size[0] * size[1] <= MOST_PIXELS:
            image.im = Image.core.new(image.mode, size)  # type: ignore[attr-defined]


def _opened_file(path: Path, label: str) -> BinaryIO:
    try:
        if not path.is_file():
            raise PictureError(f"no picture file at {label}: {_READABLE}")
        return path.open("rb")
    except OSError as error:
        raise PictureError(f"{label} cannot be opened ({error.strerror}): {_READABLE}") from error


def _identified(stream: BinaryIO, label: str) -> Image.Image:
    stream.seek(0)
    head = stream.read(HEAD)
    Image.init()
    foreign = kind_without_picture(head)
    if foreign is not None and not (foreign[0] == JPEG_XL and "JXL" in Image.OPEN):
        raise _not_a_picture(label, *foreign)
    if head.startswith(PNG):
        stream = without_long_texts(stream)
    image = _opened_heif(stream, label) if is_heif(head) else _opened_by_pillow(stream, head[:16])
    if image is None:
        raise _not_a_picture(
            label, *(kind_unknown_to_readers(head) or ("a file of an unknown kind", _READABLE))
        )
    check_size(image, label)
    _refuse_raw(image, label)
    if image.format == "JPEG2000" and has_deep_colours(head):
        raise _not_a_picture(
            label, "a JPEG 2000 picture of more than 8 bits a colour", "convert it to PNG or TIFF"
        )
    return image


def _not_a_picture(label: str, what: str, advice: str) -> PictureError:
    return PictureError(f"{label} is not a picture that can be read, but {what}: {advice}")


def _opened_by_pillow(stream: BinaryIO, prefix: bytes) -> Image.Image | None:
    """Open as `Image.open` does, but without its limit of pixels, which is the whole process's."""
    for name in Image.ID:
        factory, accepts = Image.OPEN[name]
        if name in NOT_READ:
            continue
        try:
            accepted = accepts is None or accepts(prefix)
            # A string says that Pillow was built without the library for the format.
            if accepted and not isinstance(accepted, str):
                stream.seek(0)
                return factory(stream, "")
        except (SyntaxError, IndexError, TypeError, struct.error):
            continue
    return None


def _opened_heif(stream: BinaryIO, label: str) -> Image.Image:
    if pi_heif is None:
        raise PictureError(
            f"{label} is a HEIC picture, which pi-heif reads: pip install pi-heif, or convert it to JPEG"
        )
    stream.seek(0)
    image: Image.Image = pi_heif.HeifImageFile(stream)
    return image


def _refuse_raw(image: Image.Image, label: str) -> None:
    """Refuse a camera's raw file that is a TIFF: Pillow would read the thumbnail in it."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return
    tags = image.tag_v2
    if _DNG_VERSION in tags or (tags.get(_NEW_SUBFILE_TYPE) == _REDUCED and _SUB_IFDS in tags):
        raise _not_a_picture(label, "a camera's raw file", "export it as JPEG or TIFF with a photo program")
