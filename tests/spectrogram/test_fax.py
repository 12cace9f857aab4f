"""Scans in group 4 are read whole, or refused: libtiff leaves rows unwritten where they are damaged."""

import io
import random

import numpy as np
import pytest
from PIL import Image

from pymoo_moss.errors import PictureError
from pymoo_moss.spectrogram.picture import load_picture

from ..fuzz.damage import damaged

INVERTED, OFFSETS, ROWS_PER_STRIP, LENGTHS = 262, 273, 278, 279


def page(height=160, width=203):
    drawn = np.zeros((height, width), dtype=bool)
    drawn[20:60, 30:170] = drawn[::7, 3:90] = True
    drawn[np.arange(min(height, width)), np.arange(min(height, width))] = True
    return drawn


def scan(*pages, **options):
    written = io.BytesIO()
    first, *rest = (Image.fromarray(drawn) for drawn in pages)
    first.save(written, "TIFF", compression="group4", save_all=True, append_images=rest, **options)
    return written.getvalue()


@pytest.mark.parametrize(
    "tags", [{}, {ROWS_PER_STRIP: 7}, {INVERTED: 0}], ids=["one strip", "many strips", "inverted"]
)
def test_whole_scans_are_read(tags):
    found = load_picture(scan(page(), tiffinfo=tags))
    np.testing.assert_array_equal(found > 0.5, page())


def test_a_later_page_is_the_one_that_is_looked_at():
    blank = np.ones((100, 80), dtype=bool)
    with pytest.warns(UserWarning, match="number 3 is used"):
        found = load_picture(scan(blank, blank, page()))
    np.testing.assert_array_equal(found > 0.5, page())


def test_a_later_page_that_ends_early_is_refused():
    content = scan(np.ones((100, 80), dtype=bool), page())
    with Image.open(io.BytesIO(content)) as image:
        image.seek(1)
        (start,), (length,) = image.tag_v2[OFFSETS], image.tag_v2[LENGTHS]
    middle, end_of_page = start + length // 2, b"\x00\x10\x01"
    content = content[:middle] + end_of_page + content[middle + 3 :]
    with pytest.raises(PictureError, match=r"is a damaged picture .rows are missing.: export it again"):
        load_picture(content)


def test_damaged_scans_are_refused_or_read_alike():
    content, refused = scan(page()), 0
    for number in range(150):
        harmed = damaged(content, random.Random(number))
        try:
            first = load_picture(harmed)
        except PictureError:
            refused += 1
            continue
        # Other memory shows in what is left unwritten.
        filled = [np.full(size, 0xAA, dtype=np.uint8) for size in (26, 208, 4160, 40_000) * 20]
        del filled
        np.testing.assert_array_equal(first, load_picture(harmed))
    assert 0 < refused < 150
