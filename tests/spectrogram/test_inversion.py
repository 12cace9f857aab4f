"""Drawings on paper are inverted by ``invert="auto"``, and photographs are not."""

import warnings

import numpy as np
import pytest
from PIL import Image

from pymoo_moss import MaskEncoder
from pymoo_moss.errors import OptionError
from pymoo_moss.instances.catalogue import PICTURES
from pymoo_moss.spectrogram.inversion import is_drawing_on_white
from pymoo_moss.spectrogram.picture import read_picture

from ..conftest import GRID
from .drawings import (
    bars,
    cartoon,
    code,
    dark_product,
    diagram,
    framed,
    fruit,
    heading,
    jpeg,
    landscape,
    line_art,
    photographed,
    pie,
    portrait,
    product,
    scan,
    screenshot,
    sheet_music,
    snow,
    steps,
    text,
)

DRAWINGS = {
    "text": text(),
    "small text": text((200, 150), 9),
    "a large page": text((2480, 3508), 42),
    "a heading": heading(),
    "a code": code(),
    "a code of single pixels": code(module=1),
    "line art": line_art(),
    "thin lines": line_art(width=1),
    "thick lines": line_art(width=12),
    "a small drawing": line_art((200, 160), 1),
    "grey paper": line_art(paper=205, ink=60),
    "blue ink": line_art(ink=90),
    "a scanned page": scan(text(paper=215, ink=50), noise=4, shading=15),
    "a photographed page": photographed(text((1240, 1754), 24, 255, 40)),
    "a turned page": text().rotate(7, expand=True, fillcolor=255),
    "a turned scan with black corners": text((1200, 900)).rotate(3, expand=True, fillcolor=0),
    "sheet music": sheet_music(),
    "small sheet music": sheet_music().reduce(2),
    "a bar chart": bars(),
    "a pale bar chart": bars(("#a6cee3",)),
    "a pie chart": pie(),
    "a scanned chart": scan(bars()),
    "a diagram": diagram(),
    "a cartoon": cartoon(),
    "flat greys": steps(),
    "a screenshot": screenshot(),
    "an icon": line_art((512, 512), 24).resize((32, 32), Image.Resampling.LANCZOS),
    "a scanned pencil drawing": scan(line_art(ink=120, width=4)),
}
OTHERS = {
    "a white sky": landscape(),
    "much white sky": landscape(sky=255, horizon=0.8),
    "a portrait on white": portrait(),
    "a small portrait": portrait((150, 200)),
    "a product on white": product(),
    "snow": snow(),
    "a black product": dark_product(),
    "a rough black product": dark_product(texture=8),
    "a fruit on white": fruit(),
    "a photograph on a page": framed(),
    "a dark screenshot": screenshot(30, 220, 50),
    "white lines": Image.fromarray(255 - np.asarray(line_art())),
    "a ramp": Image.linear_gradient("L"),
    "a disc of greys": Image.radial_gradient("L"),
    "white ink": Image.fromarray(255 - np.asarray(text())),
    "noise": Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 400), dtype=np.uint8)),
}


@pytest.mark.parametrize("quality", [None, 75, 20])
@pytest.mark.parametrize("name", DRAWINGS)
def test_drawings_are_told(name, quality):
    image = DRAWINGS[name] if quality is None else jpeg(DRAWINGS[name], quality)
    assert is_drawing_on_white(np.asarray(image))


@pytest.mark.parametrize("quality", [None, 75, 20])
@pytest.mark.parametrize("name", OTHERS)
def test_photographs_are_left(name, quality):
    image = OTHERS[name] if quality is None else jpeg(OTHERS[name], quality)
    assert not is_drawing_on_white(np.asarray(image))


@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.float64])
def test_the_scale_does_not_matter(dtype):
    for image, expected in ((text(), True), (portrait(), False)):
        samples = np.asarray(image).astype(dtype) * (257 if dtype == np.uint16 else 1e-3)
        assert is_drawing_on_white(samples.astype(dtype)) == expected


@pytest.mark.parametrize("name", PICTURES)
def test_the_frozen_pictures_are_left(name):
    from importlib.resources import as_file, files

    with as_file(files("pymoo_moss.instances") / "data" / PICTURES[name].name) as path:
        assert not is_drawing_on_white(read_picture(path).samples)


@pytest.mark.parametrize("name", ["monalisa.jpg", "wave.jpg"])
def test_real_pictures_are_left(name, find_real_file):
    assert not is_drawing_on_white(read_picture(find_real_file(name)).samples)


def test_what_was_decided_is_said_and_kept(sound):
    page = heading((400, 200))
    with pytest.warns(UserWarning, match="the picture is mostly white: dark and bright are swapped"):
        swapped = MaskEncoder(page, sound, grid=GRID, invert="auto")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asked = MaskEncoder(page, sound, grid=GRID, invert=True)
        kept = MaskEncoder(page, sound, grid=GRID)
        photograph = MaskEncoder(portrait((150, 200)), sound, grid=GRID, invert="auto")
    assert (swapped.invert, asked.invert, kept.invert, photograph.invert) == (True, True, False, False)
    assert swapped.picture.equal(asked.picture)
    # Paper is silent, and letters sound.
    assert swapped.picture.median() < 0.05 < 0.95 < kept.picture.median()


def test_ink_on_transparent_paper_is_not_swapped_again(sound):
    ink = Image.new("RGBA", (400, 200), (0, 0, 0, 0))
    ink.putalpha(heading((400, 200), paper=0, ink=255))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        encoder = MaskEncoder(ink, sound, grid=GRID, invert="auto")
    assert not encoder.invert
    assert encoder.picture.median() < 0.05


@pytest.mark.parametrize("invert", ["yes", None, 1, "Auto"])
def test_other_values_are_refused(invert, picture, sound):
    with pytest.raises(OptionError, match="expected invert as True, False or 'auto'"):
        MaskEncoder(picture, sound, grid=GRID, invert=invert)
