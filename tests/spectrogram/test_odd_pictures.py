"""Pictures as other programs write them, and damaged ones: read rightly, or refused in one line."""

import io
import struct
import warnings
import zlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from PIL import Image

from pymoo_moss.errors import AudioError, PictureError
from pymoo_moss.spectrogram.audio import load_audio
from pymoo_moss.spectrogram.picture import load_picture

from .drawings import known_drawing

DATA = Path(__file__).parent / "data"
TRUTH = np.asarray(known_drawing().convert("L")) / 255.0


def written(name, image=None, **options):
    file = io.BytesIO()
    (image or known_drawing()).save(file, name, **options)
    return file.getvalue()


def scanned(**tags):
    """A page in group 4 with a scanner's tags: its name, orientation, resolution, and one of its own."""
    tags = {
        271: "Scanner",
        274: 1,
        282: 300.0,
        283: 300.0,
        305: "Program",
        306: "2026:01:01 00:00:00",
        **tags,
    }
    page = Image.fromarray(TRUTH > 0.3)
    return page, written("TIFF", page, compression="group4", tiffinfo=tags | {65000: "its own"})


def test_a_scanners_page_is_read_whatever_tags_it_has():
    page, content = scanned()
    np.testing.assert_array_equal(load_picture(content) > 0.5, np.asarray(page))


def test_a_scanners_damaged_page_is_refused():
    _, content = scanned()
    with Image.open(io.BytesIO(content)) as image:
        place = image.tag_v2[273][0] + 20
    with pytest.raises(PictureError, match="rows are missing"):
        load_picture(content[:place] + bytes(30) + content[place + 30 :])


XBM = b"""#define drawing_width 16
#define drawing_height 2
static char drawing_bits[] = { 0x0f, 0x00, 0x01, 0x80 };
"""


def test_the_ones_of_an_xbm_are_black():
    expected = np.ones((2, 16))
    expected[0, :4] = expected[1, 0] = expected[1, 15] = 0
    np.testing.assert_array_equal(load_picture(XBM), expected)


def by_ffmpeg(samples, form):
    """Encode samples as JPEG 2000 by FFmpeg."""
    encoder = av.CodecContext.create("jpeg2000", "w")
    encoder.width, encoder.height, encoder.pix_fmt = samples.shape[1], samples.shape[0], form
    encoder.time_base = Fraction(1, 25)
    frame = av.VideoFrame.from_ndarray(samples, format=form)
    return b"".join(map(bytes, [*encoder.encode(frame), *encoder.encode(None)]))


def test_deep_colours_in_jpeg_2000_are_refused():
    """Pillow rounds them up to 8 bits, beyond the greatest number: white is black."""
    drawn = np.asarray(known_drawing()).astype(np.uint16) * 257
    with pytest.raises(
        PictureError, match="JPEG 2000 picture of more than 8 bits a colour: convert it to PNG"
    ):
        load_picture(by_ffmpeg(drawn, "rgb48le"))
    found = load_picture(by_ffmpeg(drawn[..., 1], "gray16le"))
    np.testing.assert_allclose(found, drawn[..., 1] / 65535, atol=0.02)


@pytest.mark.parametrize("mode", ["L", "RGB", "I;16"])
def test_other_jpeg_2000_pictures_are_read(mode):
    image = known_drawing().convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    found = load_picture(written("JPEG2000", image))
    np.testing.assert_allclose(found, TRUTH, atol=0.01)


def cut(content, share):
    return content[: int(share * len(content))]


PNG = written("PNG")
NO_BITMAP = b"BM" + bytes(12) + struct.pack("<IiiHHI", 40, 4, 4, 1, 77, 0) + bytes(90)
DAMAGED = {
    "a PNG": (PNG[:29] + bytes(4) + PNG[33:], "a PNG picture, damaged or of a kind"),
    "a TIFF": (b"II*\0" + struct.pack("<I", 10**6) + bytes(500), "a TIFF or camera picture, damaged or of a"),
    "a GIF": (b"GIF89a" + bytes(3), "a GIF picture, damaged"),
    "a PSD": (b"8BPS\0\1" + bytes(50), "a Photoshop picture, damaged"),
    "a BMP": (NO_BITMAP, "a damaged picture .Unsupported BMP"),
    "an AVIF": (
        cut(written("AVIF"), 0.3),
        "AVIF picture, damaged or unknown to this Pillow: export it again",
    ),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_picture_is_called_what_it_is(what):
    content, message = DAMAGED[what]
    with pytest.raises(PictureError, match=message):
        load_picture(content)


def broken_tiffs():
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "group3", "jpeg"):
        image = known_drawing().convert("1" if compression == "group3" else "RGB")
        content = written("TIFF", image, compression=compression)
        for share in (0.2, 0.5, 0.9):
            yield pytest.param(cut(content, share), id=f"{compression}, cut at {share}")
            place = int(share * len(content))
            damaged = content[:place] + bytes(30) + content[place + 30 :]
            yield pytest.param(damaged, id=f"{compression}, zeros at {share}")


@pytest.mark.parametrize("content", list(broken_tiffs()))
def test_damaged_tiffs_are_read_or_refused_in_silence(content, capfd):
    with warnings.catch_warnings():
        # Pillow's own warnings are not in the way of anybody who filters them.
        warnings.simplefilter("ignore")
        try:
            load_picture(content)
        except PictureError as error:
            message = str(error)
        else:
            message = ""
    assert "\n" not in message
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("share", [0.5, 0.7, 0.9, 0.99])
def test_a_cut_heic_is_refused_in_one_line(share):
    pytest.importorskip("pi_heif")
    with pytest.raises(PictureError, match="is a damaged picture") as caught:
        load_picture(cut((DATA / "ten_bits.heic").read_bytes(), share))
    assert "\n" not in str(caught.value)


def test_numbers_that_are_not_finite_are_told_by_the_files_name(tmp_path):
    Image.fromarray(np.full((9, 9), np.nan, np.float32)).save(tmp_path / "nan.tif")
    with pytest.raises(PictureError, match=r"NaN, infinity or more than 1e38 in '.*nan\.tif'"):
        load_picture(tmp_path / "nan.tif")


NUMBERS = torch.linspace(-0.5, 0.5, 800, dtype=torch.float64).reshape(20, 40)
READABLE = {
    "negated": torch._neg_view(-NUMBERS),
    "conjugated": torch.complex(NUMBERS, 0 * NUMBERS).conj().real,
    "bfloat16": NUMBERS.bfloat16(),
    "float8": NUMBERS.float().to(torch.float8_e4m3fn),
    "float16": NUMBERS.half(),
    "flipped": NUMBERS.flip(0).flip(0),
    "with a gradient": NUMBERS.clone().requires_grad_(),
    "strided": torch.stack([NUMBERS, NUMBERS])[0],
}


@pytest.mark.parametrize("kind", READABLE)
def test_tensors_of_any_kind_of_numbers_are_read(kind):
    expected = NUMBERS.numpy()
    tolerance = {"float8": 0.04, "bfloat16": 0.004}.get(kind, 1e-3)
    numbers = READABLE[kind]
    np.testing.assert_allclose(load_picture(numbers), expected, atol=tolerance)
    np.testing.assert_allclose(load_audio((numbers.flatten(), 1000), 1000), expected.ravel(), atol=tolerance)


NOT_DENSE = {
    "sparse": NUMBERS.to_sparse(),
    "without numbers": torch.empty(20, 40, device="meta"),
    "conjugated": torch.complex(NUMBERS, NUMBERS).conj(),
    "masked": np.ma.masked_less(NUMBERS.numpy(), 0),
}


@pytest.mark.parametrize("kind", NOT_DENSE)
def test_arrays_without_all_their_numbers_are_refused(kind):
    with pytest.raises(PictureError, match=r"expected a 2-D array|expected brightness without masked parts"):
        load_picture(NOT_DENSE[kind])
    with pytest.raises(AudioError, match="expected a waveform"):
        load_audio((NOT_DENSE[kind], 16000), 16000)


@pytest.mark.parametrize("shape", [(0,), (0, 2), (2, 0)])
def test_sounds_without_samples_are_refused(shape):
    with pytest.raises(AudioError, match="holds no samples"):
        load_audio((np.zeros(shape), 16000), 16000)


def test_sounds_that_are_far_beyond_full_scale_are_refused():
    tone = np.sin(np.arange(16000.0))
    with pytest.raises(
        AudioError, match=r"full scale at 1, the audio array has a peak of 1e\+30: divide them"
    ):
        load_audio((1e30 * tone, 16000), 16000)
    assert load_audio((2.0**31 * tone, 16000), 16000).abs().max() == pytest.approx(2.0**31, rel=1e-3)


LONG = "A program's notes. " * 100_000


@pytest.mark.parametrize("kind", ["zTXt", "iTXt", "iCCP"])
@pytest.mark.parametrize("after", [False, True])
def test_a_png_with_long_notes_or_a_long_profile_is_read(kind, after):
    """Pillow refuses it for what is not looked at here."""
    notes = zlib.compress(LONG.encode())
    data = {"zTXt": b"notes\0\0", "iTXt": b"notes\0\1\0en\0notes\0", "iCCP": b"profile\0\0"}[kind] + notes
    checksum = zlib.crc32(kind.encode() + data)
    chunk = struct.pack(">I4s", len(data), kind.encode()) + data + struct.pack(">I", checksum)
    place = PNG.index(b"IEND") - 4 if after and kind != "iCCP" else PNG.index(b"IDAT") - 4
    np.testing.assert_array_equal(load_picture(PNG[:place] + chunk + PNG[place:]), load_picture(PNG))
