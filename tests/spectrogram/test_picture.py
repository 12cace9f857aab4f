import io
import struct
import warnings
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

from pymoo_moss.errors import PictureError
from pymoo_moss.spectrogram import inspect_picture
from pymoo_moss.spectrogram.picture import load_picture

GREY = np.linspace(0, 255, 12, dtype=np.uint8).reshape(3, 4)


def test_files_images_and_arrays_agree(tmp_path):
    path = tmp_path / "grey.png"
    Image.fromarray(GREY).save(path)
    expected = GREY / 255.0
    for source in (path, str(path), Image.fromarray(GREY), GREY, GREY / 255.0, torch.from_numpy(GREY)):
        np.testing.assert_allclose(load_picture(source), expected, atol=1e-6)


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "LAB", "F", "I"]
)
def test_every_mode_keeps_the_order_of_brightness(mode):
    by_way_of = "RGB" if mode in ("LAB", "HSV", "YCbCr") else "L"
    picture = load_picture(Image.fromarray(GREY).convert(by_way_of).convert(mode))
    assert picture.shape == GREY.shape
    assert picture.ravel()[-1] > picture.ravel()[0]
    if mode != "1":
        assert np.corrcoef(picture.ravel(), GREY.ravel())[0, 1] > 0.99


def test_sixteen_bits_are_not_clipped(tmp_path):
    deep = np.linspace(0, 65535, 12).astype(np.uint16).reshape(3, 4)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    picture = load_picture(tmp_path / "deep.png")
    np.testing.assert_allclose((picture - picture.min()) / np.ptp(picture), deep / 65535.0, atol=1e-4)


def test_transparent_parts_are_black():
    rgba = np.zeros((2, 2, 4), dtype=np.uint8)
    rgba[..., :3] = 255
    rgba[0, :, 3] = 255
    np.testing.assert_array_equal(load_picture(Image.fromarray(rgba)), [[1, 1], [0, 0]])


def test_a_transparent_palette_colour_is_black(tmp_path):
    image = Image.fromarray(np.array([[0, 1]], dtype=np.uint8), mode="P")
    image.putpalette([255, 255, 255, 200, 200, 200])
    image.save(tmp_path / "palette.png", transparency=0)
    np.testing.assert_allclose(load_picture(tmp_path / "palette.png"), [[0, 200 / 255]], atol=1e-6)


def test_the_cameras_orientation_is_honoured(tmp_path):
    image, exif = Image.fromarray(GREY), Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "turned.png", exif=exif)
    np.testing.assert_allclose(load_picture(tmp_path / "turned.png"), np.rot90(GREY, -1) / 255.0, atol=1e-6)


def test_the_source_is_not_changed():
    array, image = GREY.copy(), Image.fromarray(GREY)
    load_picture(array)
    load_picture(image)
    np.testing.assert_array_equal(array, GREY)
    np.testing.assert_array_equal(np.asarray(image), GREY)


def bad_files(folder):
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.jpg").write_text("this is no picture")
    noise = np.random.default_rng(0).integers(0, 255, (64, 64), dtype=np.uint8)
    for suffix in ("png", "jpg", "gif", "tiff"):
        Image.fromarray(noise).save(folder / f"whole.{suffix}")
        whole = (folder / f"whole.{suffix}").read_bytes()
        (folder / f"cut.{suffix}").write_bytes(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.png", "no picture file at"),
        (".", "no picture file at"),
        ("empty.png", "is not a picture"),
        ("text.jpg", "is not a picture"),
        ("cut.png", "damaged"),
        ("cut.jpg", "damaged"),
        ("cut.gif", "damaged"),
        ("cut.tiff", "damaged|not a picture"),
    ],
)
def test_bad_files_are_refused_by_name(tmp_path, name, message):
    bad_files(tmp_path)
    with pytest.raises(PictureError, match=message) as caught:
        load_picture(tmp_path / name)
    assert str(tmp_path) in str(caught.value)


def claiming(width, height, colour_type=2):
    """The beginning of a PNG of that size, with next to no data."""
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(100))), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("size", [(20_001, 20_000), (65_535, 65_535), (2**31 - 1, 2**31 - 1)])
def test_decompression_bombs_are_refused_before_they_are_decoded(tmp_path, size):
    path = tmp_path / "bomb.png"
    path.write_bytes(claiming(*size))
    for read in (load_picture, inspect_picture):
        with pytest.raises(
            PictureError, match=r"bomb.png' is too large a picture: expected at most 400 mega"
        ):
            read(path)


@pytest.mark.matrix
def test_pillows_limit_is_neither_applied_nor_changed(tmp_path):
    before, large = Image.MAX_IMAGE_PIXELS, np.zeros((1000, 100_000), dtype=np.uint8)
    large[400:600, 20_000:50_000] = 255
    image = Image.fromarray(large)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("png", "tiff"):
            image.save(tmp_path / name, format=name)
            assert inspect_picture(tmp_path / name) == (100_000, 1000)
            np.testing.assert_array_equal(load_picture(tmp_path / name), large / np.float32(255))
    assert before == Image.MAX_IMAGE_PIXELS


@pytest.mark.matrix
def test_a_large_jpeg_is_read_as_luma(tmp_path):
    rows, columns = np.mgrid[:9000, :10_000].astype(np.float32)
    grey = (127 + 120 * np.sin(columns / 900) * np.cos(rows / 700)).astype(np.uint8)
    Image.fromarray(np.stack([grey, grey // 2, 255 - grey], axis=2)).save(tmp_path / "large.jpg", quality=90)
    expected = 0.299 * grey + 0.587 * (grey // 2) + 0.114 * (255.0 - grey)
    assert np.abs(255 * load_picture(tmp_path / "large.jpg") - expected)[::7, ::7].max() < 8


@pytest.mark.parametrize("kind", ["bytes", "bytearray", "buffer", "written buffer", "file", "pipe"])
def test_bytes_and_binary_files_are_read_from_their_beginning(kind, tmp_path):
    path = tmp_path / "grey.png"
    Image.fromarray(GREY).save(path)
    content, expected = path.read_bytes(), load_picture(path)
    buffer = io.BytesIO(content)
    if kind == "written buffer":
        # As after image.save(buffer).
        buffer.seek(0, io.SEEK_END)
    elif kind == "pipe":
        buffer.seekable = lambda: False
    with path.open("rb") as file:
        source = {"bytes": content, "bytearray": bytearray(content), "file": file}.get(kind, buffer)
        position = source.tell() if hasattr(source, "tell") else None
        np.testing.assert_array_equal(load_picture(source), expected)
        if kind in ("buffer", "written buffer", "file"):
            assert source.tell() == position
            assert not source.closed
            np.testing.assert_array_equal(load_picture(source), expected)


def test_files_opened_as_text_are_refused(tmp_path):
    path = tmp_path / "grey.png"
    Image.fromarray(GREY).save(path)
    with path.open(encoding="latin-1") as file, pytest.raises(PictureError, match="opened in binary mode"):
        load_picture(file)


@pytest.mark.parametrize("dtype", ["u1", ">u2", "<u2", ">i4", "<i8", ">f4", "<f8", "f2", "?"])
@pytest.mark.parametrize("layout", ["C", "F", "reversed", "every other"])
def test_arrays_of_any_byte_order_and_layout(dtype, layout):
    whole = np.arange(48).reshape(6, 8) % 7
    array = np.asarray(whole, dtype=dtype, order="F" if layout == "F" else "C")
    cut = {"reversed": np.s_[::-1, ::-1], "every other": np.s_[::2, ::3]}.get(layout, np.s_[:])
    picture = load_picture(array[cut])
    expected = whole[cut] != 0 if dtype == "?" else whole[cut]
    assert picture.dtype == np.float32
    np.testing.assert_allclose(picture / picture.max(), expected / expected.max(), atol=1e-6)


def test_tensors_of_other_precisions_are_read():
    tensor = torch.arange(12.0).reshape(3, 4).requires_grad_()
    for dtype in (torch.bfloat16, torch.float16, torch.float64):
        np.testing.assert_allclose(load_picture(tensor.to(dtype)), tensor.detach(), rtol=1e-2)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((4, 4, 3)), "2-D array"),
        (np.zeros(4), "2-D array"),
        (np.zeros((0, 4)), "2-D array"),
        (np.zeros((4, 4), dtype=complex), "2-D array"),
        (np.array([["a", "b"]]), "2-D array"),
        (np.full((4, 4), np.nan), "finite"),
        (np.full((4, 4), 1e300), "finite"),
        (42, "path, Pillow image or 2-D array"),
        (None, "path, Pillow image or 2-D array"),
    ],
)
def test_bad_sources_are_refused(array, message):
    with pytest.raises(PictureError, match=message):
        load_picture(array)
