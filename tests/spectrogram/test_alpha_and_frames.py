"""Ink on transparent paper, and animations."""

import warnings

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pymoo_moss.errors import PictureError
from pymoo_moss.spectrogram.picture import load_picture, read_picture

from .drawings import known_drawing, line_art, portrait

INK = 255 - np.asarray(line_art((180, 140)))
"""Alpha of ink: 255 in the middle of a line."""


def inked(colour, mode="RGBA", hidden=(0, 0, 0)):
    """A drawing in one colour on transparent paper, whose invisible pixels have another colour."""
    rgb = np.where(INK[..., None] > 0, colour, hidden).astype(np.uint8)
    image = Image.fromarray(np.dstack([rgb, INK]))
    if mode == "PA":
        pairs = np.dstack([np.full_like(INK, 7), INK])
        image = Image.frombytes("PA", image.size, pairs.tobytes())
        image.putpalette(colour * 256)
        return image
    return image.convert("LA").convert(mode) if mode in ("LA", "La") else image


def shown(source):
    picture = load_picture(source)
    return (picture - picture.min()) / np.ptp(picture)


@pytest.mark.parametrize("hidden", [(0, 0, 0), (255, 255, 255), (90, 200, 10)])
@pytest.mark.parametrize(
    "colour", [(0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 0, 255), (40, 30, 20), (128, 128, 128)]
)
def test_ink_of_any_colour_is_bright_on_dark_paper(colour, hidden, tmp_path):
    path = tmp_path / "ink.png"
    inked(colour, hidden=hidden).save(path)
    np.testing.assert_allclose(shown(path), INK / 255.0, atol=0.02)


@pytest.mark.parametrize("mode", ["LA", "PA", "La"])
def test_ink_in_other_modes(mode):
    image = inked((0, 0, 0), mode)
    assert image.mode == mode
    np.testing.assert_allclose(shown(image), INK / 255.0, atol=0.02)


@pytest.mark.parametrize("name", ["png", "gif"])
def test_ink_beside_a_transparent_colour_of_a_palette(name, tmp_path):
    image = Image.fromarray((INK > 127).astype(np.uint8), mode="P")
    image.putpalette([255, 255, 255, 0, 0, 0])
    image.save(tmp_path / "ink", format=name, transparency=0)
    np.testing.assert_array_equal(shown(tmp_path / "ink"), (INK > 127).astype(float))


def test_ink_beside_a_transparent_grey(tmp_path):
    Image.fromarray(np.where(INK > 127, 0, 255).astype(np.uint8)).save(tmp_path / "i.png", transparency=255)
    np.testing.assert_array_equal(shown(tmp_path / "i.png"), (INK > 127).astype(float))


@pytest.mark.parametrize("paper", [65535, 40000, 0])
@pytest.mark.parametrize("colour", [0, 9000, 30000, 65535])
def test_ink_beside_a_transparent_grey_of_16_bits(paper, colour, tmp_path):
    if paper == colour:
        return
    deep = Image.fromarray(np.where(INK > 127, colour, paper).astype(np.uint16))
    deep.save(tmp_path / "i.png", transparency=paper)
    with Image.open(tmp_path / "i.png") as image:
        assert (image.mode, image.info["transparency"]) == ("I;16", paper)
    np.testing.assert_array_equal(shown(tmp_path / "i.png"), (INK > 127).astype(float))


def logo(*colours):
    """Ink on transparent paper, in one colour beside the other."""
    strip = np.repeat(np.array(colours, dtype=np.uint8), -(-INK.shape[1] // len(colours)), axis=0)
    return Image.fromarray(np.dstack([np.broadcast_to(strip[: INK.shape[1]], (*INK.shape, 3)), INK]))


@pytest.mark.parametrize(
    "colours",
    [
        [(0, 0, 0), (255, 140, 0)],
        [(20, 20, 20), (110, 20, 20), (10, 60, 110)],
        [(200, 30, 30), (0, 0, 0), (30, 140, 60)],
        [(0, 0, 90), (240, 200, 0), (0, 0, 0)],
    ],
)
def test_no_ink_of_a_logo_with_black_gets_lost(colours):
    picture = read_picture(logo(*colours))
    assert picture.is_ink
    solid = INK == 255
    assert picture.samples[solid].min() > 50
    assert picture.samples[INK == 0].max() == 0
    expected = 255 - np.asarray(
        Image.alpha_composite(Image.new("RGBA", INK.shape[::-1], "white"), logo(*colours)).convert("L")
    )
    np.testing.assert_array_equal(picture.samples, expected)


def test_white_letters_on_a_black_badge_stay_white():
    badge = Image.new("RGBA", (300, 200), (0, 0, 0, 0))
    ImageDraw.Draw(badge).ellipse([10, 10, 290, 190], fill=(0, 0, 0, 255))
    ImageDraw.Draw(badge).text((50, 40), "OK", fill="white", font_size=110, stroke_width=8)
    samples = read_picture(badge).samples
    rgba = np.asarray(badge)
    white = rgba[..., 1] == 255
    black = (rgba[..., 1] == 0) & (rgba[..., 3] == 255)
    assert abs(int(np.median(samples[white])) - int(np.median(samples[black]))) == 255


@pytest.mark.parametrize("darker", [1, 2, 4])
def test_a_cut_out_photograph_keeps_its_look(darker):
    photograph = Image.fromarray(np.asarray(portrait((300, 400))) // darker).convert("RGBA")
    mask = Image.radial_gradient("L").resize(photograph.size).point(lambda level: max(0, 255 - 2 * level))
    photograph.putalpha(mask)
    picture = read_picture(photograph)
    over = Image.alpha_composite(Image.new("RGBA", photograph.size, (0, 0, 0, 255)), photograph)
    assert not picture.is_ink
    np.testing.assert_array_equal(picture.samples, np.asarray(over.convert("L")))


def test_a_moon_in_a_black_cut_out_night_keeps_its_look():
    night = Image.new("L", (300, 300), 4)
    night.paste(Image.radial_gradient("L").resize((60, 60)), (100, 90))
    night = night.convert("RGBA")
    mask = Image.new("L", night.size, 0)
    ImageDraw.Draw(mask).ellipse([10, 10, 290, 290], fill=255)
    night.putalpha(mask)
    assert not read_picture(night).is_ink


def test_a_picture_in_several_shades_is_laid_over_black():
    image = known_drawing().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    over = Image.alpha_composite(Image.new("RGBA", image.size, (0, 0, 0, 255)), image).convert("L")
    picture = read_picture(image)
    assert not picture.is_ink
    np.testing.assert_array_equal(picture.samples, np.asarray(over))


def animation(path, blanks, count=4):
    """Frames of which the first few are blank, and each of the others has a bar in another place."""
    frames = []
    for number in range(count):
        frame = Image.new("RGB", (60, 40), (255 - 20 * number,) * 3 if number < blanks else (0, 0, 0))
        if number >= blanks:
            ImageDraw.Draw(frame).rectangle([10 * number, 0, 10 * number + 8, 39], fill=(240, 240, 240))
        frames.append(frame)
    options = {"webp": {"lossless": True}}.get(path.suffix[1:], {})
    frames[0].save(path, save_all=True, append_images=frames[1:], **options)


@pytest.mark.parametrize("blanks", [0, 1, 2])
@pytest.mark.parametrize("name", ["gif", "png", "webp", "tiff", "avif"])
def test_the_first_frame_that_is_not_blank_is_taken_and_told(name, blanks, tmp_path):
    path = tmp_path / f"film.{name}"
    animation(path, blanks)
    with pytest.warns(UserWarning, match="is used") as said:
        picture = load_picture(path)
    (line,) = [str(warning.message) for warning in said]
    assert line == f"'{path}' holds 4 pictures: number {blanks + 1} is used"
    bright = np.flatnonzero(picture.mean(axis=0) > 0.5)
    assert abs(bright.mean() - (10 * blanks + 4)) < 1


def test_the_pictures_behind_a_phones_picture_are_not_spoken_of(tmp_path):
    small = Image.linear_gradient("L").convert("RGB")
    known_drawing().save(tmp_path / "phone.jpg", format="MPO", save_all=True, append_images=[small])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_picture(tmp_path / "phone.jpg").shape == (64, 96)


def test_an_animation_of_blank_frames_is_refused(tmp_path):
    frames = [Image.new("L", (60, 40), level) for level in (0, 255, 90)]
    frames[0].save(tmp_path / "film.tiff", save_all=True, append_images=frames[1:])
    with pytest.raises(PictureError, match="is blank"):
        load_picture(tmp_path / "film.tiff")


@pytest.mark.matrix
def test_blank_frames_are_looked_at_up_to_the_limit_of_pixels(tmp_path):
    blank = Image.new("1", (15_000, 15_000))
    drawn = blank.copy()
    drawn.paste(1, (100, 100, 9000, 9000))
    blank.save(tmp_path / "2.tiff", save_all=True, append_images=[drawn], compression="group4")
    with pytest.raises(PictureError, match="is blank"):
        load_picture(tmp_path / "2.tiff")


def test_a_single_frame_says_nothing(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("gif", "png", "webp", "tiff", "avif"):
            known_drawing().save(tmp_path / name, format=name)
            load_picture(tmp_path / name)


def test_an_open_image_is_taken_at_its_frame(tmp_path):
    animation(tmp_path / "film.tiff", 0)
    with Image.open(tmp_path / "film.tiff") as image, warnings.catch_warnings():
        warnings.simplefilter("error")
        image.seek(2)
        picture = load_picture(image)
        assert image.tell() == 2
    assert abs(np.flatnonzero(picture.mean(axis=0) > 0.5).mean() - 24) < 1
