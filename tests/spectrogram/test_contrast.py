"""Blank pictures are refused, and faint ones are not."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pymoo_moss.errors import PictureError
from pymoo_moss.spectrogram.picture import load_picture

from .drawings import jpeg, snow


def page(level=255, size=(400, 300)):
    return Image.new("L", size, level)


def stepped(level=250, step=1):
    image = page(level)
    ImageDraw.Draw(image).rectangle([100, 80, 300, 200], fill=level + step)
    return image


def noisy(level, deviation, size=(400, 300)):
    grey = level + np.random.default_rng(0).normal(0, deviation, size[::-1])
    return Image.fromarray(grey.clip(0, 255).round().astype(np.uint8))


def ramp(low, high):
    return Image.fromarray(np.linspace(low, high, 400).astype(np.uint8)[None].repeat(300, axis=0))


def deep(image, scale):
    return Image.fromarray(np.asarray(image).astype(np.uint16) * np.uint16(scale))


BLANK = {
    "white": page(),
    "grey": page(120),
    "black": page(0),
    "one step": stepped(),
    "a black step": stepped(0, 3),
    "noise of a scan": noisy(245, 2),
    "much noise of a large scan": noisy(235, 2.2, (4000, 3000)),
    "compressed noise": jpeg(noisy(245, 3)),
    "a faint ramp": ramp(240, 245),
    "a dark ramp": ramp(0, 5),
    "16 bits": deep(stepped(), 257),
    "16 bits of black": deep(stepped(0, 1), 257),
    "16 bits of noise": deep(noisy(245, 2), 257),
    "colours": Image.new("RGB", (40, 30), (250, 240, 200)),
    "transparent": Image.new("RGBA", (40, 30), (255, 255, 255, 0)),
    "opaque": Image.new("RGBA", (40, 30), (0, 0, 0, 255)),
    "one colour of a palette": Image.new("P", (40, 30), 3),
    "one bit": Image.new("1", (40, 30), 1),
    "numbers": Image.new("F", (40, 30), 0.3),
    "one pixel": Image.new("L", (1, 1), 9),
}


def dotted(radius, level=255, size=(4000, 3000)):
    image = page(0, size)
    ImageDraw.Draw(image).rectangle([900, 700, 900 + radius, 700 + radius], fill=level)
    return image


def lined(paper, ink):
    image = page(paper)
    ImageDraw.Draw(image).line([0, 0, 399, 299], fill=ink)
    return image


FAINT = {
    "a dot": dotted(6),
    "a single pixel": dotted(0),
    "a grey dot": dotted(3, 60),
    "a faint line": lined(250, 215),
    "a faint line on black": lined(0, 40),
    "a dark photo": ramp(0, 20),
    "a pale photo": ramp(235, 250),
    "snow": snow(),
    "12 bits in 16": deep(ramp(0, 255), 16),
    "10 bits in 16": deep(ramp(0, 255), 4),
    "an offset of numbers": Image.fromarray(np.linspace(290, 291, 12, dtype=np.float32).reshape(3, 4)),
    "two pixels": Image.fromarray(np.array([[0, 255]], dtype=np.uint8)),
}


@pytest.mark.parametrize("name", BLANK)
def test_blank_pictures_are_refused(name, tmp_path):
    path = tmp_path / "page.tiff"
    BLANK[name].save(path)
    for source, label in ((BLANK[name], "the picture"), (path, f"'{path}'")):
        with pytest.raises(PictureError) as caught:
            load_picture(source)
        assert str(caught.value) == (
            f"{label} is blank: expected bright and dark parts, got one shade or nearly so; choose another "
            "picture, or raise its contrast"
        )


@pytest.mark.parametrize("name", FAINT)
def test_faint_pictures_are_read(name):
    assert np.ptp(load_picture(FAINT[name])) > 0


@pytest.mark.parametrize("scale", [1e-30, 1e-3, 1.0, 1e30])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_scale_of_arrays_is_arbitrary(dtype, scale):
    assert np.ptp(load_picture(scale * np.eye(40, dtype=dtype))) > 0
    with pytest.raises(PictureError, match="is blank"):
        load_picture(np.full((40, 40), scale / 3, dtype=dtype))


def test_arrays_of_few_whole_numbers_are_read():
    assert load_picture(np.eye(40, dtype=np.uint8)).max() > 0
