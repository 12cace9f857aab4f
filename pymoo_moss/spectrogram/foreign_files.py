"""What a file is that is no picture, or none that is read here, and how to make a picture of it."""

import re

_AS_SOUND = "pass it as the sound, and a PNG or JPEG as the picture"
_FRAME = "export one of its frames as PNG or JPEG"
_RASTER = "export it as PNG, 2000 pixels wide for example"
_PAGE = "export the page that you want as PNG"
_DEVELOP = "export it as JPEG or TIFF with a photo program"
_FLATTEN = "export it as PNG"
_UNPACK = "unpack it, and pass the picture in it"
_TAKE_SCREENSHOT = "pass a picture, a screenshot of it for example"

_CONVERT = "convert it to PNG or JPEG"

JPEG_XL = "a JPEG XL picture"

_BEGINNINGS: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"%!PS", "a PostScript drawing", _RASTER),
    (0, b"\xc5\xd0\xd3\xc6", "a PostScript drawing (EPS)", _RASTER),
    (0, b"\xd7\xcd\xc6\x9a", "a Windows drawing (WMF)", _RASTER),
    (40, b" EMF", "a Windows drawing (EMF)", _RASTER),
    (0, b"AC10", "a CAD drawing (DWG)", _RASTER),
    (8, b"CR\x02\x00", "a camera's raw file (CR2)", _DEVELOP),
    (0, b"IIRO", "a camera's raw file (ORF)", _DEVELOP),
    (0, b"IIRS", "a camera's raw file (ORF)", _DEVELOP),
    (0, b"MMOR", "a camera's raw file (ORF)", _DEVELOP),
    (0, b"IIU\x00", "a camera's raw file (RW2)", _DEVELOP),
    (0, b"FUJIFILMCCD-RAW", "a camera's raw file (RAF)", _DEVELOP),
    (0, b"FOVb", "a camera's raw file (X3F)", _DEVELOP),
    (0, b"\x00MRM", "a camera's raw file (MRW)", _DEVELOP),
    (0, b"II\x1a\x00\x00\x00HEAPCCDR", "a camera's raw file (CRW)", _DEVELOP),
    (0, b"\xff\x0a", JPEG_XL, _CONVERT),
    (0, b"\x00\x00\x00\x0cJXL \r\n\x87\n", JPEG_XL, _CONVERT),
    (0, b"BPG\xfb", "a BPG picture", _CONVERT),
    (0, b"FLIF", "a FLIF picture", _CONVERT),
    (0, b"II\xbc", "a JPEG XR picture", _CONVERT),
    (0, b"v/1\x01", "an OpenEXR picture", "convert it to PNG or TIFF"),
    (0, b"#?RADIANCE", "a Radiance HDR picture", "convert it to PNG or TIFF"),
    (0, b"#?RGBE", "a Radiance HDR picture", "convert it to PNG or TIFF"),
    (128, b"DICM", "a DICOM file", "export it as PNG"),
    (0, b"AT&TFORM", "a DjVu document", _PAGE),
    (0, b"8BPS\x00\x02", "a large Photoshop document (PSB)", _FLATTEN),
    (0, b"gimp xcf", "a GIMP document (XCF)", _FLATTEN),
    (0, b"SQLite format 3\x00", "a database or a document of a drawing program", _FLATTEN),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document", _PAGE),
    (0, b"{\\rtf", "a text document (RTF)", _PAGE),
    (0, b"fLaC", "a sound (FLAC)", _AS_SOUND),
    (0, b"ID3", "a sound (MP3)", _AS_SOUND),
    (0, b"RF64", "a sound (WAV)", _AS_SOUND),
    (0, b"BW64", "a sound (WAV)", _AS_SOUND),
    (0, b"riff\x2e\x91\xcf\x11", "a sound (W64)", _AS_SOUND),
    (0, b".snd", "a sound (AU)", _AS_SOUND),
    (0, b"caff", "a sound (CAF)", _AS_SOUND),
    (0, b"#!AMR", "a sound (AMR)", _AS_SOUND),
    (0, b"wvpk", "a sound (WavPack)", _AS_SOUND),
    (0, b"MAC ", "a sound (Monkey's Audio)", _AS_SOUND),
    (0, b"DSD ", "a sound (DSF)", _AS_SOUND),
    (0, b"TTA1", "a sound (TTA)", _AS_SOUND),
    (0, b"MPCK", "a sound (Musepack)", _AS_SOUND),
    (0, b"MP+", "a sound (Musepack)", _AS_SOUND),
    (0, b"ADIF", "a sound (AAC)", _AS_SOUND),
    (0, b"OggS", "a sound or video (Ogg)", _AS_SOUND),
    (0, b"0&\xb2u\x8ef\xcf\x11", "a sound or video (WMA, WMV)", _FRAME),
    (0, b"MThd", "notes (MIDI)", "pass a PNG or JPEG"),
    (0, b"\x1aE\xdf\xa3", "a video (WebM or Matroska)", _FRAME),
    (0, b"FLV\x01", "a video (FLV)", _FRAME),
    (0, b"\x00\x00\x01\xba", "a video (MPEG)", _FRAME),
    (0, b"\x00\x00\x01\xb3", "a video (MPEG)", _FRAME),
    (0, b"FWS", "a Flash film", _FRAME),
    (0, b"CWS", "a Flash film", _FRAME),
    (0, b"PK\x03\x04", "a zip archive", _UNPACK),
    (0, b"PK\x05\x06", "an empty zip archive", "pass a PNG or JPEG"),
    (0, b"Rar!", "an archive (RAR)", _UNPACK),
    (0, b"7z\xbc\xaf", "an archive (7z)", _UNPACK),
    (0, b"BZh", "an archive (bzip2)", _UNPACK),
    (0, b"\xfd7zXZ", "an archive (xz)", _UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "an archive (zstd)", _UNPACK),
    (257, b"ustar", "an archive (tar)", _UNPACK),
    (0, b"\x93NUMPY", "an array (NumPy)", "load it with numpy.load and pass the array"),
    (0, b"\x89HDF\r\n\x1a\n", "data (HDF5)", "read its array with h5py and pass the array"),
    (0, b"GRIB", "weather data (GRIB)", "plot it and pass the plot as PNG"),
    (0, b"BUFR", "weather data (BUFR)", "plot it and pass the plot as PNG"),
    (0, b"MATLAB 5.0", "an array (MATLAB)", "load it with scipy.io.loadmat and pass the array"),
    (0, b"version https://git-lfs", "a pointer to a file of git-lfs", "fetch it with git lfs pull"),
)
"""Offset, bytes there, what such a file is, and what to do; none of them begins a picture that is read."""

_RIFF = {
    b"WAVE": ("a sound (WAV)", _AS_SOUND),
    b"AVI ": ("a video (AVI)", _FRAME),
    b"RMID": ("notes (MIDI)", "pass a PNG or JPEG"),
    b"CDR": ("a CorelDRAW drawing", _RASTER),
}
_SOUND_BRANDS = (b"M4A", b"M4B", b"F4A", b"F4B", b"aax")
_IN_ZIP = (
    (rb"word/|ppt/|xl/|opendocument|Index/Document\.iwa|epub", "a document", _PAGE),
    (
        rb"mergedimage\.png|image/openraster|krita|\.sketch|pages/",
        "a document of a drawing program",
        _FLATTEN,
    ),
)

HEAD = 1 << 16
"""Bytes from a file's beginning that say what it is."""


def foreign_file(head: bytes) -> tuple[str, str] | None:
    """Say what a file is by its beginning, and what to do; None for what may be a picture.

    Args:
        head: the file's first `HEAD` bytes.
    """
    if not head:
        return "an empty file", "copy or export it again"
    if not head.strip(b"\0"):
        return "a file of zeros", "copy or export it again"
    for offset, beginning, what, advice in _BEGINNINGS:
        if head.startswith(beginning, offset):
            return _in_zip(head) if what == "a zip archive" else (what, advice)
    if head.startswith((b"RIFF", b"RIFX")):
        return next((found for kind, found in _RIFF.items() if head.startswith(kind, 8)), None)
    if head.startswith(b"FORM") and head[8:12] in (b"AIFF", b"AIFC", b"8SVX"):
        return "a sound (AIFF)", _AS_SOUND
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12])
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free"):
        return "a video (QuickTime)", _FRAME
    if b"%PDF-" in head[:1024]:
        return "a PDF document or an Illustrator drawing", _PAGE
    return _of_markup(head)


def foreign_bytes(head: bytes) -> tuple[str, str] | None:
    """Say what a file may be that no reader of pictures knows, by marks that pictures may have as well."""
    if head[4:8] == b"ftyp":
        return (
            "an AVIF picture, which this Pillow cannot read",
            "pip install --upgrade pillow, or " + _CONVERT,
        )
    if len(head) > 188 and head[0] == head[188] == 0x47:
        return "a video (MPEG-TS)", _FRAME
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "a sound (MP3 or AAC)", _AS_SOUND
    if head.startswith(b"\x1f\x8b"):
        return "a compressed file (gzip), or a compressed drawing (SVGZ)", _RASTER
    text = head.removeprefix(b"\xef\xbb\xbf")
    if text.isascii() and not set(text) - {*range(32, 127), *b"\t\r\n\f"}:
        return "text", _TAKE_SCREENSHOT
    return None


def _of_brand(brand: bytes) -> tuple[str, str] | None:
    """Tell from the major brand of an ISO base media file; None for HEIF and AVIF."""
    if brand == b"crx ":
        return "a camera's raw file (CR3)", _DEVELOP
    if brand.startswith(_SOUND_BRANDS):
        return "a sound (M4A)", _AS_SOUND
    known = brand in HEIF_BRANDS or brand in AVIF_BRANDS
    return None if known else ("a video (MP4 or QuickTime)", _FRAME)


HEIF_BRANDS = frozenset(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1")
)
AVIF_BRANDS = frozenset((b"avif", b"avis"))


def is_heif(head: bytes) -> bool:
    """Tell whether a file is HEIF of another codec than AVIF's, by its brands."""
    if head[4:8] != b"ftyp" or head[8:12] not in HEIF_BRANDS:
        return False
    size = min(int.from_bytes(head[:4], "big"), len(head))
    return not AVIF_BRANDS & {head[place : place + 4] for place in range(16, size, 4)}


def _in_zip(head: bytes) -> tuple[str, str]:
    return next(
        ((what, advice) for names, what, advice in _IN_ZIP if re.search(names, head)),
        ("a zip archive", _UNPACK),
    )


def _of_markup(head: bytes) -> tuple[str, str] | None:
    # UTF-16 has a zero byte beside every Latin letter.
    text = head.replace(b"\0", b"").lower()
    beginning = text.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if not beginning.startswith(b"<"):
        return None
    if re.search(rb"<(\w+:)?svg[\s>]", text):
        return "a drawing (SVG)", _RASTER
    if beginning.startswith((b"<!doctype html", b"<html")):
        return "a web page", _TAKE_SCREENSHOT
    return "a text file (XML)", _TAKE_SCREENSHOT
