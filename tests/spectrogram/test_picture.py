import numpy as np
import pytest
import torch
from PIL import Image

from pymoo_moss.errors import PictureError
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


@pytest.mark.parametrize("limit", [3000, 1500])
def test_decompression_bombs_are_refused(tmp_path, monkeypatch, limit):
    # Pillow warns beyond its limit and refuses beyond twice that; both count as too large.
    Image.new("L", (64, 64)).save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    with pytest.raises(PictureError, match="too large"):
        load_picture(tmp_path / "bomb.png")


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
