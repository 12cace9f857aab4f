"""What a file is by its first bytes: pictures, sounds, videos, and what is none of these."""

import re

from .text_kinds import SVG, kind_of_markup, kind_of_text

HEAD = 1 << 16
"""Bytes from a file's beginning that say what it is."""

JPEG_XL = "a JPEG XL picture"

_AS_SOUND = "pass it as the sound, and a PNG or JPEG as the picture"
_FRAME = "export one of its frames as PNG or JPEG"
_RASTER = "export it as PNG, 2000 pixels wide for example"
_PAGE = "export the page that you want as PNG"
_DEVELOP = "export it as JPEG or TIFF with a photo program"
_FLATTEN = "export it as PNG"
_UNPACK = "unpack it, and pass the picture in it"
_TAKE_SCREENSHOT = "pass a picture, a screenshot of it for example"
_CONVERT = "convert it to PNG or JPEG"
_OTHER = "pass a PNG or JPEG"

_SOUNDS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"fLaC", "a sound (FLAC)"),
    (0, b"ID3", "a sound (MP3)"),
    (0, b"RF64", "a sound (WAV)"),
    (0, b"BW64", "a sound (WAV)"),
    (0, b"riff\x2e\x91\xcf\x11", "a sound (W64)"),
    (0, b".snd", "a sound (AU)"),
    (0, b"caff", "a sound (CAF)"),
    (0, b"#!AMR", "a sound (AMR)"),
    (0, b"wvpk", "a sound (WavPack)"),
    (0, b"MAC ", "a sound (Monkey's Audio)"),
    (0, b"DSD ", "a sound (DSF)"),
    (0, b"TTA1", "a sound (TTA)"),
    (0, b"MPCK", "a sound (Musepack)"),
    (0, b"MP+", "a sound (Musepack)"),
    (0, b"ADIF", "a sound (AAC)"),
    (0, b"OggS", "a sound or video (Ogg)"),
    (8, b"WAVE", "a sound (WAV)"),
    (8, b"AIFF", "a sound (AIFF)"),
    (8, b"AIFC", "a sound (AIFF)"),
    (8, b"8SVX", "a sound (AIFF)"),
    (4, b"ftypM4A", "a sound (M4A)"),
    (4, b"ftypM4B", "a sound (M4A)"),
    (4, b"ftypF4A", "a sound (M4A)"),
    (4, b"ftypF4B", "a sound (M4A)"),
    (4, b"ftypaax", "a sound (M4A)"),
)
_VIDEOS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"0&\xb2u\x8ef\xcf\x11", "a sound or video (WMA, WMV)"),
    (0, b"\x1aE\xdf\xa3", "a video (WebM or Matroska)"),
    (0, b"FLV\x01", "a video (FLV)"),
    (0, b"\x00\x00\x01\xba", "a video (MPEG)"),
    (0, b"\x00\x00\x01\xb3", "a video (MPEG)"),
    (0, b"FWS", "a Flash film"),
    (0, b"CWS", "a Flash film"),
    (8, b"AVI ", "a video (AVI)"),
    (4, b"moov", "a video (QuickTime)"),
    (4, b"mdat", "a video (QuickTime)"),
    (4, b"wide", "a video (QuickTime)"),
    (4, b"free", "a video (QuickTime)"),
)
_PICTURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "a JPEG picture"),
    (0, b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (0, b"GIF87a", "a GIF picture"),
    (0, b"GIF89a", "a GIF picture"),
    (8, b"WEBPVP8", "a WebP picture"),
    (0, b"II*\0", "a TIFF or camera picture"),
    (0, b"MM\0*", "a TIFF or camera picture"),
    (0, b"II+\0", "a TIFF picture"),
    (0, b"MM\0+", "a TIFF picture"),
    (0, b"8BPS", "a Photoshop picture"),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (0, b"qoif", "a QOI picture"),
    (0, b"DDS ", "a DDS picture"),
)
_NEITHER: tuple[tuple[int, bytes, str, str], ...] = (
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
    (128, b"DICM", "a DICOM file", _FLATTEN),
    (0, b"AT&TFORM", "a DjVu document", _PAGE),
    (0, b"8BPS\x00\x02", "a large Photoshop document (PSB)", _FLATTEN),
    (0, b"gimp xcf", "a GIMP document (XCF)", _FLATTEN),
    (0, b"SQLite format 3\x00", "a database or a document of a drawing program", _FLATTEN),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document", _PAGE),
    (0, b"{\\rtf", "a text document (RTF)", _PAGE),
    (0, b"MThd", "a MIDI file, which holds notes and no sound", _OTHER),
    (0, b"PK\x03\x04", "a zip archive", _UNPACK),
    (0, b"PK\x05\x06", "an empty zip archive", _OTHER),
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
    (0, b"version https://git-lfs", "a pointer to a file of git-lfs", "fetch it with git lfs pull"),
    (0, b"\x7fELF", "a program", _OTHER),
    (0, b"wOFF", "a font", _OTHER),
    (0, b"wOF2", "a font", _OTHER),
    (0, b"OTTO", "a font", _OTHER),
    (8, b"RMID", "a MIDI file, which holds notes and no sound", _OTHER),
    (8, b"CDR", "a CorelDRAW drawing", _RASTER),
    (4, b"ftypcrx ", "a camera's raw file (CR3)", _DEVELOP),
)
"""Offsets, bytes there, and what such files are; of those that are not read, also how to get a picture."""

_MATLAB = b"MATLAB 5.0"
"""Beginning of files of arrays, as which libsndfile also writes sounds."""

_IN_ZIP = (
    (rb"word/|ppt/|xl/|opendocument|Index/Document\.iwa|epub", "a document", _PAGE),
    (
        rb"mergedimage\.png|image/openraster|krita|\.sketch|pages/",
        "a document of a drawing program",
        _FLATTEN,
    ),
)


_HEIF_BRANDS = frozenset(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1")
)
_FILM = "a video (MP4 or QuickTime)"
_AVIF_BRANDS = frozenset((b"avif", b"avis"))
_BITMAP_HEADERS = frozenset(size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124))


def kind_without_sound(head: bytes) -> str | None:
    """Return what a file is that holds no sound, such as ``"a JPEG picture"``; None for any other file.

    Args:
        head: the file's first `HEAD` bytes.
    """
    neither = _kind_of_neither(head)
    if neither is not None:
        return neither[0]
    if _beginning(head, _SOUNDS) or _beginning(head, _VIDEOS):
        return None
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in _AVIF_BRANDS or brand in _HEIF_BRANDS:
            return "a HEIC picture" if is_heif(head) else "an AVIF picture"
        return None
    return _kind_of_picture(head) or kind_of_text(head)


def kind_of_sound(head: bytes) -> str | None:
    """Return what a file of sound or video is, such as ``"a sound (WAV)"``; None for any other file.

    Args:
        head: the file's first `HEAD` bytes.
    """
    return _beginning(head, _SOUNDS) or _beginning(head, _VIDEOS) or (_FILM if _is_film(head) else None)


def kind_without_picture(head: bytes) -> tuple[str, str] | None:
    """Return what a file is, and what to do, that is not read as a picture; None for what may be one.

    Args:
        head: the file's first `HEAD` bytes.
    """
    neither = _kind_of_neither(head)
    if neither is not None:
        return neither
    sound, video = _beginning(head, _SOUNDS), _beginning(head, _VIDEOS)
    if sound:
        return sound, _AS_SOUND
    if head.startswith(_MATLAB):
        return "an array (MATLAB)", "load it with scipy.io.loadmat and pass the array"
    if _is_film(head):
        video = _FILM
    return (video, _FRAME) if video else None


def kind_unknown_to_readers(head: bytes) -> tuple[str, str] | None:
    """Return what a file may be that no reader of pictures knows, by marks that pictures may have as well."""
    if head[4:8] == b"ftyp":
        return "an AVIF picture, damaged or unknown to this Pillow", "export it again, or " + _CONVERT
    picture = _kind_of_picture(head)
    if picture is not None:
        return f"{picture}, damaged or of a kind that is not read", "export it again, as PNG for example"
    if len(head) > 188 and head[0] == head[188] == 0x47:
        return "a video (MPEG-TS)", _FRAME
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "a sound (MP3 or AAC)", _AS_SOUND
    if head.startswith(b"\x1f\x8b"):
        return "a compressed file (gzip), or a compressed drawing (SVGZ)", _RASTER
    text = kind_of_text(head)
    return None if text is None else (text, _TAKE_SCREENSHOT)


def is_heif(head: bytes) -> bool:
    """Tell whether a file is HEIF of another codec than AVIF's, by its brands."""
    if head[4:8] != b"ftyp" or head[8:12] not in _HEIF_BRANDS:
        return False
    size = min(int.from_bytes(head[:4], "big"), len(head))
    return not _AVIF_BRANDS & {head[place : place + 4] for place in range(16, size, 4)}


def _kind_of_neither(head: bytes) -> tuple[str, str] | None:
    if not head:
        return "an empty file", "copy or export it again"
    if not head.strip(b"\0"):
        return "a file of zeros", "copy or export it again"
    for offset, magic, what, advice in _NEITHER:
        if head.startswith(magic, offset):
            return _in_zip(head) if what == "a zip archive" else (what, advice)
    if b"%PDF-" in head[:1024]:
        return "a PDF document or an Illustrator drawing", _PAGE
    markup = kind_of_markup(head)
    if markup is None:
        return None
    return markup, _RASTER if markup == SVG else _TAKE_SCREENSHOT


def _is_film(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] not in _HEIF_BRANDS | _AVIF_BRANDS


def _beginning(head: bytes, kinds: tuple[tuple[int, bytes, str], ...]) -> str | None:
    return next((what for offset, magic, what in kinds if head.startswith(magic, offset)), None)


def _kind_of_picture(head: bytes) -> str | None:
    return "a BMP picture" if _is_bitmap(head) else _beginning(head, _PICTURES)


def _is_bitmap(head: bytes) -> bool:
    """Tell a BMP, whose two bytes of magic are too few, by its reserved zeros and its header's size."""
    return head[:2] == b"BM" and head[6:10] == bytes(4) and head[14:18] in _BITMAP_HEADERS


def _in_zip(head: bytes) -> tuple[str, str]:
    return next(
        ((what, advice) for names, what, advice in _IN_ZIP if re.search(names, head)),
        ("a zip archive", _UNPACK),
    )
