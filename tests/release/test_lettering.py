"""Text and QR codes are drawn so that they are read, and refused where they would not be."""

import cv2
import numpy as np
import pytest

from pymoo_moss.errors import OptionError
from pymoo_moss.spectrogram import lettered, qr_code


@pytest.mark.parametrize(
    "text", ["HELLO", "HELLO WORLD", "one two three four five six", "a\nb c\nd", "Ünïcödé"]
)
def test_text_fills_the_rectangle_and_stays_inside(text):
    drawn = lettered(text, 500, 700)
    rows, columns = np.nonzero(drawn > 0.5)
    height, width = drawn.shape
    assert 0 < rows.min() < rows.max() < height - 1
    assert 0 < columns.min() < columns.max() < width - 1
    assert max(np.ptp(rows) / height, np.ptp(columns) / width) > 0.5
    assert abs(rows.mean() / height - 0.5) < 0.12


def test_longer_texts_are_broken_into_lines():
    rows = (lettered("HELLO HELLO HELLO HELLO", 400, 400) > 0.5).any(axis=1)
    lines = int((np.diff(rows.astype(int)) == 1).sum())
    assert lines in (3, 4)


@pytest.mark.parametrize("content", ["https://example.org", "WIFI:T:WPA;S:net;P:secret;;", "x" * 60])
def test_a_qr_code_is_read_by_another_library(content):
    drawn = (255 * qr_code(content, 512, 512)).astype(np.uint8)
    assert cv2.QRCodeDetector().detectAndDecode(cv2.resize(drawn, (600, 600)))[0] == content


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: lettered("  ", 500, 500), "got an empty one"),
        (
            lambda: lettered("word " * 200, 500, 500),
            r"20 bins high or more .* shorten it to about \d+ characters",
        ),
        (lambda: lettered("HELLO", 20, 500), "letters are 20 bins high or more"),
        (lambda: qr_code("", 500, 500), "got an empty text"),
        (lambda: qr_code("x" * 600, 300, 500), r"modules are 5 bins .* make the rectangle \d+ bins high"),
        (lambda: qr_code("x" * 9000, 500, 500), "too long for a QR code"),
    ],
)
def test_what_cannot_be_read_is_refused(draw, message):
    with pytest.raises(OptionError, match=message):
        draw()
