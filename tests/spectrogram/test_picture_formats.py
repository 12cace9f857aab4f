"""A known drawing in every mode and format that can be written: its shape, its orientation and its greys."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from pymoo_moss.errors import PictureError
from pymoo_moss.spectrogram import inspect_picture, picture_file
from pymoo_moss.spectrogram.picture import load_picture

from .drawings import known_drawing

DATA = Path(__file__).parent / "data"
"""HEIC pictures of `known_drawing`, written by libheif with x265; the first of the burst is upside down."""
TRUTH = np.asarray(known_drawing().convert("L")) / 255.0

MODES_AND_FORMATS = {
    "png": ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "I"],
    "tiff": ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "LAB", "I;16", "I;16B", "I", "F"],
    "jpeg": ["L", "RGB", "CMYK", "YCbCr"],
    "jp2": ["L", "LA", "RGB", "RGBA", "I;16"],
    "webp": ["RGB", "RGBA"],
    "avif": ["RGB", "RGBA"],
    "gif": ["1", "L", "P", "RGB"],
    "bmp": ["1", "L", "P", "RGB", "RGBA"],
    "ppm": ["1", "L", "RGB", "I;16", "F"],
    "tga": ["1", "L", "LA", "P", "RGB", "RGBA"],
    "pcx": ["1", "L", "P", "RGB"],
    "ico": ["RGB", "RGBA"],
    "dds": ["L", "LA", "RGB", "RGBA"],
    "sgi": ["L", "RGB", "RGBA"],
    "qoi": ["RGB", "RGBA"],
    "im": ["1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "F"],
    "spider": ["F"],
    "msp": ["1"],
    "xbm": ["1"],
    "blp": ["P"],
    "mpo": ["RGB"],
}
OPTIONS = {
    "jpeg": {"quality": 92},
    "webp": {"quality": 90},
    "avif": {"quality": 85},
    "ico": {"sizes": [(96, 64)]},
}
PAIRS = [
    pytest.param(name, mode, OPTIONS.get(name, {}), id=f"{name}-{mode}")
    for name, modes in MODES_AND_FORMATS.items()
    for mode in modes
] + [
    pytest.param("webp", "RGBA", {"lossless": True}, id="webp-lossless"),
    pytest.param("tiff", "RGB", {"compression": "jpeg"}, id="tiff-jpeg"),
    pytest.param("tiff", "L", {"compression": "tiff_lzw"}, id="tiff-lzw"),
    pytest.param("tiff", "RGB", {"compression": "tiff_adobe_deflate"}, id="tiff-deflate"),
    pytest.param("tiff", "1", {"compression": "group4"}, id="tiff-fax"),
    pytest.param("jpeg", "RGB", {"progressive": True, "quality": 92}, id="jpeg-progressive"),
]


def in_mode(mode):
    """The drawing in a mode, by ways that keep its greys."""
    image = known_drawing()
    grey = image.convert("L")
    if mode == "LAB":
        return ImageCms.profileToProfile(
            image, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
        )
    if mode.startswith("I;16"):
        deep = np.asarray(grey).astype(np.uint16) * 257
        return Image.frombytes(mode, grey.size, deep.astype(">u2" if mode == "I;16B" else "<u2").tobytes())
    if mode == "I":
        return Image.fromarray(np.asarray(grey).astype(np.int32) * 257)
    if mode == "F":
        return grey.convert("F")
    if mode in ("PA", "LA"):
        return grey.convert("LA").convert(mode)
    if mode == "P":
        return grey.convert("P")
    return image.convert(mode, dither=Image.Dither.NONE)


def correlation(picture, truth):
    assert picture.shape == truth.shape
    return np.corrcoef(picture.ravel(), truth.ravel())[0, 1]


@pytest.mark.matrix
@pytest.mark.parametrize("source", ["path", "bytes", "stream"])
@pytest.mark.parametrize(("name", "mode", "options"), PAIRS)
def test_every_mode_and_format(name, mode, options, source, tmp_path):
    path = tmp_path / "drawing"
    image = in_mode(mode)
    try:
        image.save(path, format="JPEG2000" if name == "jp2" else name, **options)
    except (OSError, KeyError) as error:
        pytest.skip(f"this Pillow does not write it: {error}")
    if source == "path":
        assert inspect_picture(path) == image.size
        picture = load_picture(path)
    else:
        picture = load_picture(path.read_bytes() if source == "bytes" else io.BytesIO(path.read_bytes()))
    truth = np.asarray(image) * 1.0 if mode == "1" else TRUTH
    # Pillow writes it as a negative, as all other programs see it.
    truth = 1 - truth if name == "xbm" else truth
    assert correlation(picture, truth) > 0.99


@pytest.mark.parametrize("name", ["jpeg", "png", "tiff", "webp", "avif", "mpo"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_in_every_format_that_has_one(orientation, name, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = {
        1: TRUTH, 2: TRUTH[:, ::-1], 3: TRUTH[::-1, ::-1], 4: TRUTH[::-1], 5: TRUTH.T,
        6: np.rot90(TRUTH), 7: np.rot90(TRUTH, 2).T, 8: np.rot90(TRUTH, -1),
    }[orientation]  # fmt: skip
    path = tmp_path / "turned"
    Image.fromarray((255 * stored).astype(np.uint8)).convert("RGB").save(path, format=name, exif=exif)
    assert correlation(load_picture(path), TRUTH) > 0.99


@pytest.mark.parametrize("name", ["picture", "turned", "grey", "alpha", "ten_bits"])
def test_heic(name):
    pytest.importorskip("pi_heif")
    path = DATA / f"{name}.heic"
    # Its encoder turns the picture back by the tag of orientation 6 that it was given.
    truth = np.rot90(TRUTH, -1) if name == "turned" else TRUTH
    assert correlation(load_picture(path), truth) > 0.99
    np.testing.assert_array_equal(load_picture(path.read_bytes()), load_picture(path))
    assert inspect_picture(path) == truth.shape[::-1]


@pytest.mark.parametrize("quarters", range(4))
def test_a_phones_heic_is_turned_once(quarters):
    """By its property; its EXIF data say the same, and are not applied on top, as the standard has it."""
    pytest.importorskip("pi_heif")
    content = (DATA / "turned.heic").read_bytes()
    place = content.index(b"irot") + 4
    turned = content[:place] + bytes([quarters]) + content[place + 1 :]
    assert b"Exif" in turned
    assert correlation(load_picture(turned), np.rot90(TRUTH, quarters)) > 0.99


def test_the_primary_picture_of_a_heic_burst_is_taken_and_told():
    pytest.importorskip("pi_heif")
    with pytest.warns(UserWarning, match="holds 2 pictures: number 2 is used"):
        picture = load_picture(DATA / "burst.heic")
    assert correlation(picture, TRUTH) > 0.99


def test_without_its_reader_heic_is_refused_with_the_way_to_install_it(monkeypatch):
    monkeypatch.setattr(picture_file, "pi_heif", None)
    with pytest.raises(
        PictureError, match=re.escape("picture.heic' is a HEIC picture, which pi-heif reads: pip install")
    ):
        load_picture(DATA / "picture.heic")


def test_no_format_is_registered_with_pillow():
    load_picture(DATA / "picture.heic")
    assert "HEIF" not in Image.OPEN
