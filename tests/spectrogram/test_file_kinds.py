"""What is no picture is refused by what it is, under any name, with what to do."""

import io
import struct
import zipfile

import numpy as np
import pytest
import soundfile
from PIL import Image

from pymoo_moss.errors import PictureError
from pymoo_moss.spectrogram import inspect_picture
from pymoo_moss.spectrogram.picture import load_picture

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="4" height="4"/></svg>'


def archive(*names):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        for name in names:
            file.writestr(name, "content")
    return written.getvalue()


def sound(name, subtype):
    written = io.BytesIO()
    waveform = 0.1 * np.random.default_rng(0).standard_normal(4000)
    soundfile.write(written, waveform, 16000, format=name, subtype=subtype)
    return written.getvalue()


def media(brand):
    return struct.pack(">I4s4sI4s", 20, b"ftyp", brand, 0, brand) + bytes(100)


def raw_tiff(tags):
    """A thumbnail that stands before what a camera recorded."""
    written = io.BytesIO()
    Image.new("L", (16, 9), 77).save(written, "TIFF", tiffinfo=tags)
    return written.getvalue()


FOREIGN = {
    "an SVG": (SVG, "a drawing .SVG.: export it as PNG"),
    "an SVG with a prologue": (
        b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- Inkscape -->\n<!DOCTYPE svg>\n' + SVG, "a drawing .SVG."
    ),
    "an SVG in UTF-16": (("<?xml version='1.0'?>" + SVG.decode()).encode("utf-16"), "a drawing .SVG."),
    "an SVG with prefixes": (SVG.replace(b"<svg", b"<svg:svg"), "a drawing .SVG."),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n", "a PDF document or an Illustrator drawing: export the page"),
    "a PDF after a blank line": (b"\n%PDF-1.4\n", "a PDF document"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\nshowpage\n", "a PostScript drawing"),
    "a binary EPS": (b"\xc5\xd0\xd3\xc6" + bytes(40), "a PostScript drawing"),
    "a WMF": (b"\xd7\xcd\xc6\x9a" + bytes(40), "a Windows drawing"),
    "HTML": (b"<!DOCTYPE html>\n<html></html>", "a web page"),
    "text": (b"this is no picture", "a text"),
    "an empty file": (b"", "an empty file"),
    "zeros": (bytes(5000), "a file of zeros"),
    "a DOCX": (archive("[Content_Types].xml", "word/document.xml"), "a document: export the page"),
    "an ODT": (archive("mimetype", "META-INF/opendocument"), "a document"),
    "a zip": (archive("a.png"), "a zip archive: unpack it"),
    "a Krita document": (archive("mimetype", "mergedimage.png"), "a document of a drawing program"),
    "an old Office document": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "an Office document"),
    "an XCF": (b"gimp xcf v011\0" + bytes(99), "a GIMP document"),
    "a PSB": (b"8BPS\0\2" + bytes(99), "a large Photoshop document"),
    "JPEG XL": (b"\xff\x0a" + bytes(99), "a JPEG XL picture: convert it to PNG"),
    "JPEG XL in a container": (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(99), "a JPEG XL picture"),
    "OpenEXR": (b"v/1\x01" + bytes(99), "an OpenEXR picture"),
    "a CR2": (b"II*\0\x10\0\0\0CR\x02\0" + bytes(99), "a camera's raw file .CR2.: export it as JPEG"),
    "a CR3": (media(b"crx "), "a camera's raw file .CR3."),
    "a RAF": (b"FUJIFILMCCD-RAW 0201" + bytes(99), "a camera's raw file .RAF."),
    "a DNG": (raw_tiff({50706: b"\1\4\0\0"}), "a camera's raw file: export it"),
    "an NEF": (raw_tiff({254: 1, 330: 8}), "a camera's raw file: export it"),
    "an MP4": (media(b"isom"), "a video .MP4 or QuickTime.: export one of its frames"),
    "a MOV": (media(b"qt  "), "a video"),
    "a WebM": (b"\x1aE\xdf\xa3" + bytes(99), "a video"),
    "an AVI": (b"RIFF\x99\0\0\0AVI LIST" + bytes(99), "a video .AVI."),
    "an MPEG": (b"\0\0\1\xba" + bytes(99), "a video .MPEG."),
    "an M4A": (media(b"M4A "), "a sound .M4A.: pass it as the sound"),
    "a WAV": (sound("WAV", "PCM_16"), "a sound .WAV.: pass it as the sound"),
    "an RF64": (sound("RF64", "PCM_16"), "a sound .WAV."),
    "a FLAC": (sound("FLAC", "PCM_16"), "a sound .FLAC."),
    "an Ogg": (sound("OGG", "VORBIS"), "a sound or video .Ogg."),
    "an MP3": (sound("MP3", "MPEG_LAYER_III"), "a sound .MP3"),
    "an MP3 with a tag": (b"ID3\4" + bytes(99), "a sound .MP3."),
    "an AIFF": (sound("AIFF", "PCM_16"), "a sound .AIFF."),
    "a CAF": (sound("CAF", "PCM_16"), "a sound .CAF."),
    "a W64": (sound("W64", "PCM_16"), "a sound .W64."),
    "an AU": (sound("AU", "PCM_16"), "a sound .AU."),
    "a MIDI": (b"MThd" + bytes(99), "a MIDI file, which holds notes"),
    "an array": (b"\x93NUMPY\1\0" + bytes(99), "an array .NumPy.: load it with numpy.load"),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\n", "a pointer to a file of git-lfs"),
    "noise": (b"\x8fQ" + np.random.default_rng(3).bytes(400), "a file of an unknown kind"),
}  # fmt: skip


@pytest.mark.parametrize("what", FOREIGN)
def test_what_is_no_picture_is_refused_by_what_it_is(what, tmp_path):
    content, message = FOREIGN[what]
    path = tmp_path / "picture.jpg"
    path.write_bytes(content)
    for read, source in ((load_picture, path), (load_picture, content), (inspect_picture, path)):
        with pytest.raises(PictureError, match=f"is not a picture that can be read, but {message}") as caught:
            read(source)
        assert "\n" not in str(caught.value)
        assert (str(path) if source is path else "the picture") in str(caught.value)


def test_pictures_are_told_by_their_content(tmp_path):
    path = tmp_path / "picture.pdf"
    Image.linear_gradient("L").save(path, format="PNG")
    assert load_picture(path).shape == (256, 256)
    assert inspect_picture(path) == (256, 256)
